"""A Hugging Face token classification pipeline in an iterator pandas UDF, one torch thread a task.

Its sentences are ready: finding them is not timed, in its favour. It gives what the pipeline gives
at its cheapest, an entry a wordpiece (`aggregation_strategy="none"`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pandas as pd
import torch
import transformers
from pyspark.sql import functions as F

from benchmarks.spark_timing import best_batch

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
    model = spec["model"]
    warm, told = best_batch(spec, lambda batch: classifier(model, batch, "none"))
    words = classifier(model, told["batch"], "first")
    found = warm.select("id", "begin", F.explode(words("text")).alias("e"))
    chunks = [
        [r["id"], r["begin"] + r["e"]["begin"], r["begin"] + r["e"]["end"] - 1, r["e"]["entity"]]
        for r in found.collect()
    ]
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    return {**told, "chunks": sorted(chunks), **versions}
