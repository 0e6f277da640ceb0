"""How many tasks run at once, and whether they run on this machine."""

from __future__ import annotations

import os
import re

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

_LOCAL = re.compile(r"local(?:\[(\d+|\*)(?:, *\d+)?\])?")


def task_slots(spark: SparkSession) -> int:
    """How many tasks run at once; a job asks where the master does not say so itself."""
    master = _local_master(spark)
    if master is None:
        return spark.range(1_000).select(F.spark_partition_id()).distinct().count()
    if master[1] == "*":
        affine = getattr(os, "sched_getaffinity", None)
        return len(affine(0)) if affine else os.cpu_count() or 1
    return int(master[1] or 1)


def is_here(master: str) -> bool:
    """Whether a master's tasks run in the JVM of the process that asks for it."""
    return _LOCAL.fullmatch(master) is not None


def runs_here(spark: SparkSession) -> bool:
    """Whether tasks run in this process' JVM, so that they see the files that it sees."""
    return _local_master(spark) is not None


def over_connect(spark: SparkSession) -> bool:
    """Whether the session is a client of a Spark Connect server."""
    return type(spark).__module__.startswith("pyspark.sql.connect")


def _local_master(spark: SparkSession) -> re.Match[str] | None:
    """The master, where it is this machine and no Spark Connect server's."""
    if over_connect(spark):
        return None
    try:
        return _LOCAL.fullmatch(spark.conf.get("spark.master") or "")
    except PySparkException:
        return None
