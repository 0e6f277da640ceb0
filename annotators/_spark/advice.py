"""Advice at run time: a line by the logger `notemill`, once each in a process."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cache
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

_LOG = logging.getLogger("notemill")


def advise_threads(session: SparkSession, stages: Iterable[Any]) -> None:
    """Tell of stages with more ONNX threads than Spark gives a task CPUs: tasks then contend."""
    threads = max(
        (int(s.getOrDefault("onnxThreads")) for s in stages if s.hasParam("onnxThreads")), default=1
    )
    if threads == 1:
        return
    try:
        cpus = int(session.conf.get("spark.task.cpus", "1") or 1)
    except PySparkException:
        return
    if threads > cpus:
        _tell(
            f"a task runs {threads} ONNX threads on {cpus} CPUs (spark.task.cpus), so that tasks "
            f"take each other's: set spark.task.cpus to {threads}, or setOnnxThreads({cpus})."
        )


@cache
def _tell(line: str) -> None:
    _LOG.warning("notemill: %s", line)
