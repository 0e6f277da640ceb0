"""What the contenders on Spark share: a session, notes in memory, a warm timed pass over them."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyspark
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.processes import cpu_seconds
from benchmarks.workload import dealt, read_texts

Annotate = Callable[[DataFrame], DataFrame]


def session(
    slots: int, options: Mapping[str, str] | None = None, master: str | None = None
) -> SparkSession:
    """A session, local unless `master` says else, with nothing on its console."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(master or f"local[{slots}]").appName("benchmark")
    settings = {
        "spark.driver.memory": "6g",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": str(slots),
        **(options or {}),
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def notes_frame(spark: SparkSession, texts: Sequence[str], slots: int) -> DataFrame:
    """The texts, a stretch with equal work a slot, held in memory: columns id, text."""
    rows = spark.sparkContext.parallelize(dealt(texts, slots), slots).flatMap(lambda dealt: dealt)
    frame = spark.createDataFrame(rows, "id int, text string").cache()
    frame.count()
    return frame


def sentences_frame(spark: SparkSession, rows: Sequence[Sequence[Any]], slots: int) -> DataFrame:
    """Sentences that are ready: columns id (of the note), begin, text; a partition a slot."""
    shared = [row for hand in range(slots) for row in rows[hand::slots]]
    given = spark.sparkContext.parallelize(shared, slots)
    frame = spark.createDataFrame(given, "id int, begin int, text string").cache()
    frame.count()
    return frame


def seconds_for(
    annotate: Annotate, columns: str | Sequence[str], warm: DataFrame, frame: DataFrame
) -> float:
    """Seconds that all `columns` take for `frame`, after a pass over `warm` in the same session."""
    return times_for(annotate, columns, warm, frame)["seconds"]


def times_for(
    annotate: Annotate, columns: str | Sequence[str], warm: DataFrame, frame: DataFrame
) -> dict[str, float]:
    """`seconds` as `seconds_for` says, and `cpu_seconds` of this process, its JVM and its workers.

    Each column is counted: Spark leaves out what makes a column that nobody reads. Where others use
    the machine, seconds of CPU tell more than seconds.
    """
    counted = [columns] if isinstance(columns, str) else columns
    made, used = 0.0, 0.0
    for part in (warm, frame):
        started, before = time.perf_counter(), cpu_seconds(os.getpid())
        annotate(part).agg(*(F.sum(F.size(column)) for column in counted)).first()
        made = time.perf_counter() - started
        used = cpu_seconds(os.getpid()) - before
    return {"seconds": made, "cpu_seconds": used}


def best_batch(
    spec: Mapping[str, Any], udf_of: Callable[[int], Callable[[str], Column]]
) -> tuple[DataFrame, dict[str, Any]]:
    """Time a UDF over ready sentences at the batch size that is best on a few.

    udf_of: the UDF of a batch size. Returns the few sentences and what was measured.
    """
    slots, repeats = spec["slots"], spec.get("repeats", 1)
    spark = session(slots)
    rows = json.loads(Path(spec["sentences"]).read_text("utf-8"))
    warm = sentences_frame(spark, [row for row in rows if row[0] < spec["warm"]], slots)
    frame = sentences_frame(spark, rows * repeats, slots)

    def times(batch: int, part: DataFrame) -> dict[str, float]:
        udf = udf_of(batch)
        return times_for(lambda f: f.select(udf("text").alias("found")), "found", warm, part)

    tried = {batch: times(batch, warm)["seconds"] for batch in spec["batch_sizes"]}
    best = min(tried, key=tried.__getitem__)
    return warm, {
        **times(best, frame),
        "notes": spec["notes"] * repeats,
        "batch": best,
        "tried": tried,
        "spark": pyspark.__version__,
    }


def found_chunks(annotated: DataFrame, chunks: str) -> list[list[Any]]:
    """Every chunk as [note, begin, end (inclusive), label], to compare contenders by."""
    rows = annotated.select("id", F.explode(chunks).alias("c")).select(
        "id", "c.begin", "c.end", F.col("c")["metadata"]["entity"].alias("label")
    )
    return sorted([row["id"], row["begin"], row["end"], row["label"]] for row in rows.collect())


def spec_texts(spec: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The texts to time (repeated as the spec says) and those to warm up on."""
    texts = read_texts(Path(spec["texts"]))
    return texts * spec.get("repeats", 1), texts[: spec["warm"]]
