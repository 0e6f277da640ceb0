"""The Spark session of a job, and the Java that it needs."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyspark
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from annotators.core.errors import ModelError, NotemillError, RowError
from jobs._run.exit_codes import JavaError
from jobs._run.quiet import RunLog, current_log

_OF_WORKERS: dict[str, type[NotemillError]] = {e.__name__: e for e in (ModelError, RowError)}
_TOLD = re.compile(rf"^{ModelError.__module__}\.({'|'.join(_OF_WORKERS)}): (.+)$", re.MULTILINE)


def spark_session(name: str, master: str | None = None) -> SparkSession:
    """The session that runs already (under spark-submit, on a platform), else a new one.

    master: where a new session runs; default: every core of this machine. Workers run this Python.
    Raises JavaError, in one line, where Java is missing or too old for this pyspark.
    """
    running = SparkSession.getActiveSession()
    if running is not None:
        return running
    check_java()
    # What py4j says of a call that ctrl-C interrupts is no news to who pressed it.
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    # Workers run the Python that the driver's environment names; the conf alone is not looked at
    # once the JVM is started from Python.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName(name)
    if master or not submitted():
        builder = builder.master(master or "local[*]")
    if not submitted():
        builder = builder.config("spark.ui.enabled", "false")
        builder = builder.config("spark.ui.showConsoleProgress", "true")
    log = None if submitted() else current_log()
    return builder.getOrCreate() if log is None else _quietly(builder, log)


def _quietly(builder: SparkSession.Builder, log: RunLog) -> SparkSession:
    try:
        with log.taking_stderr():
            return builder.getOrCreate()
    except PySparkException as failure:
        if "JAVA_GATEWAY_EXITED" not in str(failure):
            raise
        said = next((line for line in log.start_lines() if "rror" in line), "it said nothing")
        raise JavaError(
            f"Java ended before Spark was up: {said}. Check JAVA_HOME and the options that Spark "
            "is given (SPARK_SUBMIT_OPTS, JAVA_TOOL_OPTIONS, spark-defaults.conf)."
        ) from None


def absolute_model(model: str) -> str:
    """A model's folder as an absolute path, since workers run elsewhere; a name as it is."""
    return str(Path(model).absolute()) if Path(model).is_dir() else model


@contextmanager
def model_errors_of_workers() -> Iterator[None]:
    """Raise again, as the ModelError or RowError that it was, what a worker said."""
    try:
        yield
    except PySparkException as failure:
        told = _TOLD.search(str(failure))
        if told is None:
            raise
        raise _OF_WORKERS[told.group(1)](told.group(2)) from None


def check_java() -> None:
    """Raise JavaError unless a Java that this pyspark runs on is found (not asked on a cluster)."""
    needed = 17 if int(pyspark.__version__.split(".")[0]) >= 4 else 8
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home) / "bin" / "java") if home else "java")
    found = _java_version(java) if java else None
    if found is None or found < needed:
        what = "no Java was found" if found is None else f"Java {found} was found"
        raise JavaError(
            f"Spark {pyspark.__version__} needs Java {needed} or newer, but {what}. Install one "
            "(Debian and Ubuntu: apt-get install openjdk-17-jre-headless) or point JAVA_HOME at it."
        )


def _java_version(java: str) -> int | None:
    """The major version that `java -version` tells: 17 of "17.0.15", 8 of "1.8.0_412"."""
    told = subprocess.run(  # noqa: S603 (the Java that Spark would run)
        [java, "-version"], capture_output=True, text=True, check=False
    )
    match = re.search(r'version "(?:1\.)?(\d+)', told.stderr)
    return int(match.group(1)) if match else None


def submitted() -> bool:
    """Whether spark-submit started this process, and so has set master and Python already."""
    return "PYSPARK_GATEWAY_PORT" in os.environ
