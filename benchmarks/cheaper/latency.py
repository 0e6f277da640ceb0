"""LightPipeline on one sentence: latency of a whole pipeline, in milliseconds.

    python -m benchmarks.cheaper.latency notes.jsonl --early-exit off --threads 1

The pipeline is `clinical_ner`; sentences are the lines of the notes, each given by itself,
`--count` of them after 20 that warm it up.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

from annotators import LightPipeline
from benchmarks.workload import read_texts
from pipelines import clinical_ner


def milliseconds(light: Any, texts: list[str]) -> list[float]:
    taken = []
    for text in texts:
        started = time.perf_counter()
        light.annotate(text)
        taken.append(1000 * (time.perf_counter() - started))
    return taken


def latency(light: Any, texts: Path, count: int) -> str:
    """p50 and p99 over lines of notes, as JSON, after 20 lines that warm it up."""
    lines = [line for text in read_texts(texts) for line in text.split("\n") if line.strip()]
    milliseconds(light, lines[:20])
    taken = milliseconds(light, lines[20 : 20 + count])
    p50, p99 = np.percentile(taken, (50, 99))
    return json.dumps({"p50_ms": round(p50, 2), "p99_ms": round(p99, 2), "sentences": len(taken)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--model", default=None)
    parser.add_argument("--early-exit", default="auto")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    given = parser.parse_args()
    SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    pipeline = clinical_ner(model=given.model)
    for stage in pipeline.getStages():
        if hasattr(stage, "setEarlyExit"):
            stage.setEarlyExit(given.early_exit).setPrecision(given.precision)
            stage.setOnnxThreads(given.threads)
    light = LightPipeline(PipelineModel(pipeline.getStages()))
    print(latency(light, given.texts, given.count))


if __name__ == "__main__":
    main()
