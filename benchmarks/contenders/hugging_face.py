"""A Hugging Face token classification pipeline in an iterator pandas UDF, one torch thread a task.

Its sentences are ready: finding them is not timed, in its favour. It gives what the pipeline gives
at its cheapest, an entry a wordpiece (`aggregation_strategy="none"`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyspark
import torch
import transformers
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from benchmarks.spark_timing import seconds_for, sentences_frame, session

LABELS = "array<struct<entity:string,begin:int,end:int,score:float>>"


@lru_cache(maxsize=2)
def _pipeline(folder: str) -> Any:
    torch.set_num_threads(1)
    return transformers.pipeline("token-classification", model=folder, device="cpu")


def classifier(folder: str, batch: int, strategy: str) -> Any:
    """The UDF: sentences in, entities out."""

    def classify(texts: Iterator[pd.Series]) -> Iterator[pd.Series]:
        run = _pipeline(folder)
        for series in texts:
            found = run(series.tolist(), batch_size=batch, aggregation_strategy=strategy)
            yield pd.Series([[_entity(e) for e in entities] for entities in found])

    # Hints as objects: pyspark reads them, and cannot resolve strings of a nested function.
    classify.__annotations__ = {"texts": Iterator[pd.Series], "return": Iterator[pd.Series]}
    return F.pandas_udf(classify, LABELS)


def _entity(entry: dict[str, Any]) -> dict[str, Any]:
    label = entry.get("entity_group") or entry["entity"]
    score = float(entry["score"])
    return {"entity": label, "begin": entry["start"], "end": entry["end"], "score": score}


def run(spec: dict[str, Any]) -> dict[str, Any]:
    spark = session(spec["slots"])
    rows = json.loads(Path(spec["sentences"]).read_text("utf-8"))
    few = [row for row in rows if row[0] < spec["warm"]]
    warm = sentences_frame(spark, few, spec["slots"])
    frame = sentences_frame(spark, rows * spec.get("repeats", 1), spec["slots"])

    def seconds(batch: int, part: DataFrame) -> float:
        udf = classifier(spec["model"], batch, "none")
        return seconds_for(lambda f: f.select(udf("text").alias("found")), "found", warm, part)

    tried = {batch: seconds(batch, warm) for batch in spec["batch_sizes"]}
    best = min(tried, key=tried.__getitem__)
    words = classifier(spec["model"], best, "first")
    found = warm.select("id", "begin", F.explode(words("text")).alias("e"))
    chunks = [
        [r["id"], r["begin"] + r["e"]["begin"], r["begin"] + r["e"]["end"] - 1, r["e"]["entity"]]
        for r in found.collect()
    ]
    return {
        "seconds": seconds(best, frame),
        "notes": spec["notes"] * spec.get("repeats", 1),
        "batch": best,
        "tried": tried,
        "chunks": sorted(chunks),
        "spark": pyspark.__version__,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
