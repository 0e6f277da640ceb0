"""start: a Spark session for those who come from `sparknlp.start()`; and Spark ML's Pipeline.

import annotators
spark = annotators.start(memory="8G")
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping

from pyspark.ml import Pipeline, PipelineModel
from pyspark.sql import SparkSession

from annotators import daemon

__all__ = ["Pipeline", "PipelineModel", "start"]

_NO_EFFECT = {
    "gpu": "models run on the CPU unless setProvider('cuda') is set on their stages",
    "cache_folder": "models lie in the folder that the variable NOTEMILL_MODELS names",
    "log_folder": "stages write no logs",
    "cluster_tmp_dir": "stages unpack nothing",
    "real_time_output": "the session's output is Spark's own",
}


def start(
    gpu: bool = False,
    apple_silicon: bool = False,  # noqa: ARG001 (Spark NLP's; the same package runs there)
    aarch64: bool = False,  # noqa: ARG001 (as above)
    memory: str = "16G",
    cache_folder: str = "",
    log_folder: str = "",
    cluster_tmp_dir: str = "",
    params: Mapping[str, str] | None = None,
    real_time_output: bool = False,
    output_level: int = 1,  # noqa: ARG001 (of real_time_output)
) -> SparkSession:
    """The session that runs, else one on this machine, whose workers run this Python.

    memory: of the driver. params: Spark's settings by name; `spark.driver.cores` says how many
    cores are used. The other arguments are Spark NLP's: one that asks for what is done otherwise
    here warns and says how. Any session will do; no JAR is needed.
    Raises TypeError where params is no dict.
    """
    if params is not None and not isinstance(params, Mapping):
        raise TypeError('params must be a dictionary like {"spark.executor.memory": "8G"}')
    asked = {"gpu": gpu, "cache_folder": cache_folder, "log_folder": log_folder,
             "cluster_tmp_dir": cluster_tmp_dir, "real_time_output": real_time_output}  # fmt: skip
    for name in (name for name, value in asked.items() if value):
        warnings.warn(f"start: {name} has no effect: {_NO_EFFECT[name]}.", stacklevel=2)
    settings = dict(params or {})
    running = SparkSession.getActiveSession()
    if running is not None:
        return running
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("Notemill")
    if "PYSPARK_GATEWAY_PORT" not in os.environ and "spark.master" not in settings:
        builder = builder.master(f"local[{settings.get('spark.driver.cores', '*')}]")
        settings = {**daemon.settings(), **settings}
    builder = builder.config("spark.driver.memory", memory)
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
