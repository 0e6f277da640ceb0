"""Does time grow with the notes, and do long notes that lie together cost more? Int8, fused."""

from __future__ import annotations

import time
from typing import Any

from pyspark.ml import Pipeline
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from annotators import fuse
from annotators._runtime.model_folder import find_model
from annotators._runtime.session import open_session
from benchmarks.contenders.notemill import stages
from benchmarks.spark_timing import notes_frame, seconds_for, session, spec_texts
from jobs._run.spread import to_partitions, with_partition_key

TASKS = 2_000


def run(spec: dict[str, Any]) -> dict[str, Any]:
    slots = spec["slots"]
    spark = session(slots)
    texts, warm_texts = spec_texts(spec)
    warm = notes_frame(spark, warm_texts, slots)
    model = fuse(Pipeline(stages=stages(spec)).fit(warm), outputCols=["ner_chunk"])

    def seconds(frame: DataFrame) -> float:
        return seconds_for(model.transform, "ner_chunk", warm, frame)

    points = []
    for multiple in spec["multiples"]:
        given = texts[: spec["base"]] * multiple
        points.append((len(given), seconds(notes_frame(spark, given, slots))))
    long_first = sorted(texts * spec["skew_repeats"], key=len, reverse=True)
    rows = list(enumerate(long_first))
    skewed = spark.createDataFrame(
        spark.sparkContext.parallelize(rows, slots), "id int, text string"
    ).cache()
    skewed.count()
    even = notes_frame(spark, long_first, slots)

    def spread(frame: DataFrame) -> DataFrame:
        return model.transform(to_partitions(with_partition_key(frame, "text", slots), slots))

    return {
        "points": points,
        "skew": {
            "notes": len(rows),
            "characters": [len("".join(t for _, t in rows[: len(rows) // slots])),
                           sum(map(len, long_first))],
            "even": seconds(even),
            "skewed": seconds(skewed),
            "spread_by_the_job": seconds_for(spread, "ner_chunk", warm, skewed),
        },
        "seconds_a_task": _seconds_a_task(spark),
        "model_load_seconds": _load_seconds(spec["model"]),
    }  # fmt: skip


def _seconds_a_task(spark: SparkSession) -> float:
    """What a task costs that does nothing, launched and reported; all slots busy."""
    made = 0.0
    for _ in range(2):
        started = time.perf_counter()
        spark.range(0, TASKS, 1, TASKS).agg(F.sum("id")).first()
        made = (time.perf_counter() - started) / TASKS
    return made


def _load_seconds(model: str) -> float:
    started = time.perf_counter()
    open_session(find_model(model), "cpu", 1)
    return time.perf_counter() - started
