"""Whether a command can do its work without Spark: a few notes of this machine, nothing else asked.

Spark takes seconds to start, the notes a second to annotate. What is set up for Spark is followed:
wherever a user has told Spark or Java something, a session starts.
"""

from __future__ import annotations

import os
from itertools import chain
from pathlib import Path

import pyspark
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs._annotate.asked import Asked
from jobs._run.quiet import current_log
from jobs._run.slots import is_here
from jobs._run.spark import submitted
from jobs._start.short_run import is_small, options_of_the_user
from jobs.sources.formats import is_packed
from jobs.sources.guard import local

ALONE = 200_000
"""Bytes of files that one process annotates in the seconds that Spark takes to start."""
_FILES = ("spark-defaults.conf", "core-site.xml", "hdfs-site.xml", "hive-site.xml")
_FOLDERS = ("SPARK_CONF_DIR", "HADOOP_CONF_DIR", "YARN_CONF_DIR", "SPARK_REMOTE", "SPARK_HOME")


def needs_no_spark(asked: Asked, master: str | None, remote: str | None) -> bool:
    """Whether the work may be done without a session. It is asked before anything is read.

    A command that keeps Spark's log, and a program that calls the command's function, have one.
    """
    log = current_log()
    if log is None or log.kept or submitted() or SparkSession.getActiveSession() is not None:
        return False
    here = remote is None and (master is None or is_here(master))
    paths = (asked.input, asked.output)
    # Java may take other letters for others, and tells so.
    plain = all(local(path) is not None and path.isascii() for path in paths)
    few = asked.partitions is None and is_small(asked.input, ALONE)
    # Under older Sparks stages give columns that only a session takes.
    arrow = hasattr(F, "arrow_udf")
    return here and plain and few and arrow and not _told_spark() and not _spark_reads(asked)


def _spark_reads(asked: Asked) -> bool:
    """Whether files tell by their names that Spark reads them: then Java starts at once."""
    if asked.format == "parquet":
        return True
    top = local(asked.input) or Path(asked.input)
    below = top.rglob("*") if top.is_dir() else ()
    names = (file.name.lower() for file in chain([top], below))
    return any(name.endswith(".parquet") or is_packed(name) for name in names)


def _told_spark() -> bool:
    """Whether the environment or a file tells Spark or Java anything."""
    folder = Path(pyspark.__file__).parent / "conf"
    told = any(os.environ.get(name) for name in _FOLDERS)
    return told or options_of_the_user() or any((folder / name).exists() for name in _FILES)
