"""Java for a short run: Spark over a few notes on this machine is up, and done, within seconds.

Java's second compiler and its parallel collector pay off after minutes. Before, their threads take
the cores from Spark and from Python, which start beside. Where a user gives Java options, it has
those only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path

import pyspark

from jobs._start.archive import VARIABLE, with_archive
from jobs.sources.guard import local

SMALL = 4_000_000
"""Bytes of input that are annotated before the second compiler would pay off."""
_MOST_FILES = 2_000
# A Java that lacks one of them goes on without it.
OPTIONS = (
    "-XX:+IgnoreUnrecognizedVMOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData"
)
FEW_TASKS = {"spark.sql.shuffle.partitions": str(4 * (os.cpu_count() or 1))}
"""Spark's for this machine's cores: its 200 tasks a shuffle cost more than they do."""
SETTINGS = {
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    **FEW_TASKS,
}
"""Spark's for a short run: a query is planned once, and no Java is written and compiled for it.
Python does not tell Java in which line of the program each column was named (Spark 4.0 and later):
that takes ten calls for each.
"""
_SPARK, _LAUNCHER = VARIABLE, "SPARK_LAUNCHER_OPTS"
_OWN = (_SPARK, "PYSPARK_SUBMIT_ARGS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
"""Variables by which a user gives Java options of his own."""


def is_small(path: str, most: int = SMALL) -> bool:
    """Whether the input lies on this machine and has so few bytes that a run over it is short."""
    here = local(path)
    if here is None or not here.exists():
        return False
    below = here.rglob("*") if here.is_dir() else ()
    size = 0
    try:
        for count, file in enumerate(islice(chain([here], below), _MOST_FILES + 1)):
            size += file.stat().st_size if file.is_file() else 0
            if size > most or count == _MOST_FILES:
                return False
    except OSError:
        return False
    return True


@contextmanager
def short_lived() -> Iterator[None]:
    """While this lasts, a Java that Spark's scripts start is one for seconds."""
    if options_of_the_user():
        yield
        return
    before = {name: os.environ.get(name) for name in (_SPARK, _LAUNCHER)}
    os.environ[_SPARK] = with_archive(OPTIONS)
    os.environ.setdefault(_LAUNCHER, OPTIONS)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def options_of_the_user() -> bool:
    """Whether Java has options from the environment or from Spark's own files."""
    if any(os.environ.get(name) for name in _OWN):
        return True
    home = os.environ.get("SPARK_HOME") or Path(pyspark.__file__).parent
    folder = Path(os.environ.get("SPARK_CONF_DIR") or Path(home) / "conf")
    defaults = folder / "spark-defaults.conf"
    try:
        told = defaults.read_text("utf-8", "replace").lower() if defaults.exists() else ""
    except OSError:
        return True
    return "javaoptions" in told or (folder / "spark-env.sh").exists()
