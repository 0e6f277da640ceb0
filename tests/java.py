"""How tests start Java: for seconds, on few cores.

    python -m tests.java     # makes the archive of Spark's classes for this environment

Java reads, checks and lays out some ten thousand classes of Spark before a first job. With the
archive they are mapped into memory as they were left by a job before. tests/run.py makes it; tests
run without it, too.
"""

import json
import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData"
"""One compiler and one collector instead of threads that compete with the tests for two cores."""
VARIABLES = ("SPARK_SUBMIT_OPTS", "SPARK_DAEMON_JAVA_OPTS", "SPARK_LAUNCHER_OPTS")
"""Where spark-submit, Spark's daemons and their launcher look for options, without a word of it."""
ARCHIVE = Path(sys.prefix) / f"spark-{version('pyspark')}.jsa"


def short_lived():
    """Let every Java that Spark's scripts start from this process on be one for seconds."""
    # Where another Spark is started, Java says nothing and goes on without the archive.
    archived = f"{OPTIONS} -Xshare:auto -XX:SharedArchiveFile={ARCHIVE} -Xlog:disable"
    for name in VARIABLES:
        is_spark = name != "SPARK_LAUNCHER_OPTS"
        os.environ.setdefault(name, archived if is_spark and ARCHIVE.exists() else OPTIONS)


def of_executors():
    """PYSPARK_SUBMIT_ARGS with which a session's executors, too, are such."""
    return f"--conf 'spark.executor.extraJavaOptions={os.environ[VARIABLES[0]]}' pyspark-shell"


def without_spark():
    """This environment, but for what this test's own Spark has put into it."""
    own = ("SPARK_", "PYSPARK_")
    return {k: v for k, v in os.environ.items() if k in VARIABLES or not k.startswith(own)}


def make_archive():
    """Annotate a note, and have Java keep the classes that it took."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    from jobs.annotate import annotate

    with tempfile.TemporaryDirectory(dir=ARCHIVE.parent) as scratch:
        made, notes = Path(scratch) / ARCHIVE.name, Path(scratch) / "notes.jsonl"
        os.environ[VARIABLES[0]] = f"{OPTIONS} -XX:ArchiveClassesAtExit={made} -Xlog:disable"
        notes.write_text(json.dumps({"note_id": 1, "text": "No pain."}) + "\n", encoding="utf-8")
        annotate(str(notes), f"{scratch}/out")
        java = SparkContext._gateway
        SparkSession.getActiveSession().stop()
        java.shutdown()
        java.proc.stdin.close()
        java.proc.wait()
        made.rename(ARCHIVE)


if __name__ == "__main__":
    if not ARCHIVE.exists():
        make_archive()
