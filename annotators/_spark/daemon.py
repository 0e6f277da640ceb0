"""Spark's Python daemon with what stages need already imported, for `spark.python.daemon.module`.

    spark.python.daemon.module  annotators._spark.daemon

The daemon forks a Python worker for each task slot, and a new one after every query that stops
early, as `head` and `show` do. Each imports pandas, Arrow, onnxruntime and the stages again: half a
second of a core, and as much memory a slot again. Forked from this daemon it has them at once.

What is imported has one thread at most, that of Arrow's allocator, which is made to be forked
(tests/stages/test_daemon.py counts). No model is opened here: onnxruntime's threads would be lost.
"""

from __future__ import annotations

import gc
from contextlib import suppress
from importlib import import_module

from pyspark import daemon

SETTINGS = {"spark.python.daemon.module": "annotators._spark.daemon"}
"""Spark's, for a session whose Python daemon runs where Notemill is sure to be: on this machine."""
_NEEDED = (
    "pyspark.worker",
    "pyspark.sql.pandas.serializers",
    "pyarrow.compute",
    "pyarrow.pandas_compat",
    "tokenizers",
    "annotators._runtime.session",
    "annotators._spark.transform",
    "annotators.core.cleanup",
    "annotators.core.sentences.kernel",
)


def load() -> None:
    """Import what a worker will need; what is missing is left to the worker, which tells of it."""
    for module in _NEEDED:
        with suppress(ImportError):
            import_module(module)
    # A worker collects garbage after each task: what is frozen is not looked through again, and its
    # memory stays shared.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    load()
    daemon.manager()
