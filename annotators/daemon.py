"""Spark's Python daemon with what stages need already imported, for `spark.python.daemon.module`.

    spark.python.daemon.module  annotators.daemon

The daemon forks a Python worker for each task slot and each unfused stage, and new ones after a
query that stops early, as `head` and `show` do. Each imports pandas, Arrow, onnxruntime and the
stages again: a second of a core, and the memory. Forked from this daemon it has them at once.

What is imported has one thread at most, that of Arrow's allocator, which is made to be forked
(tests/stages/test_daemon.py counts). No model is opened here: onnxruntime's threads would be lost.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
from contextlib import suppress
from importlib import import_module
from itertools import chain
from pathlib import Path
from pkgutil import walk_packages

from annotators import _runtime, core

LINUX = sys.platform == "linux"
_NEEDED = (
    "pyspark.worker",
    "pyspark.sql.pandas.serializers",
    "pyarrow.compute",
    "pyarrow.pandas_compat",
    "tokenizers",
    "annotators._spark.transform",
)


def settings() -> dict[str, str]:
    """Spark's, for a new session on this machine, if its workers run this Python; else none.

    Another Python may have no Notemill, as `notemill doctor` then says. Libraries of macOS start
    threads when they are loaded, and do not outlive a fork.
    """
    python = shutil.which(os.environ.get("PYSPARK_PYTHON") or sys.executable)
    same = python is not None and _place(python) == _place(sys.executable)
    return {"spark.python.daemon.module": "annotators.daemon"} if LINUX and same else {}


def _place(python: str) -> tuple[Path, Path]:
    """The environment of a Python, whose names in one folder lead to one file; and that file."""
    return Path(python).absolute().parent, Path(python).resolve()


def without_archives() -> None:
    """Take off the path the JAR and the ZIPs that Spark puts first on it, and that nothing needs.

    There is no Python in the JAR, and this environment's pyspark is what the ZIPs are copies of. Of
    a ZIP, Python compiles what it imports at every start, and up to Python 3.12 a new worker reads
    the directories of them all before its first task (importlib.invalidate_caches): 60 ms for the
    JAR.
    """
    for entry in [entry for entry in sys.path if _is_not_needed(Path(entry))]:
        sys.path.remove(entry)
        for kept in [kept for kept in sys.path_importer_cache if kept.startswith(entry)]:
            del sys.path_importer_cache[kept]


def _is_not_needed(entry: Path) -> bool:
    """Whether it is Spark's JAR, or a ZIP that comes with a pyspark on the path beside its py4j."""
    if entry.name.startswith("spark-core_") and entry.suffix == ".jar":
        return True
    if entry.suffix != ".zip" or entry.parts[-4:-1] != ("pyspark", "python", "lib"):
        return False
    packages = entry.parents[3]
    return str(packages) in sys.path and (packages / "py4j").is_dir()


def load() -> None:
    """Import what a worker will need; what fails is left to the worker, which tells of it."""
    # Of these packages stages need now this module and now that.
    below = (
        found.name
        for package in (_runtime, core)
        for found in walk_packages(package.__path__, f"{package.__name__}.", lambda _: None)
    )
    for module in chain(_NEEDED, below):
        with suppress(Exception):
            import_module(module)
    # A worker collects garbage after each task: what is frozen is not looked through again, and its
    # memory stays shared.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    without_archives()
    load()
    import_module("pyspark.daemon").manager()
