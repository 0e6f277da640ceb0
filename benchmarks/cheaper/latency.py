"""LightPipeline on one sentence: latency from text to chunks, in milliseconds.

    python -m benchmarks.cheaper.latency notes.jsonl --early-exit off --threads 1

The stages are those that Spark NLP gets (latency_spark_nlp.py). Sentences are the lines of the
notes, each given by itself, `--count` of them after 20 that warm it up.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.workload import read_texts

MODEL = "bert_token_classifier_ner_bc5cdr"


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


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """What the latency of each contender is told."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--model", default=MODEL, help="a folder, of Notemill also a name")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    return parser


def main() -> None:
    from pyspark.ml import PipelineModel  # noqa: PLC0415 (torch's twin needs no Spark)
    from pyspark.sql import SparkSession  # noqa: PLC0415

    from annotators import LightPipeline  # noqa: PLC0415
    from benchmarks.contenders.notemill import stages  # noqa: PLC0415

    parser = arguments(__doc__)
    parser.add_argument("--early-exit", default="auto")
    parser.add_argument("--precision", default="auto")
    given = parser.parse_args()
    SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    told = {"early_exit": given.early_exit, "precision": given.precision}
    made = stages({"model": given.model, "threads": given.threads, "distinct": True, **told})
    print(latency(LightPipeline(PipelineModel(made)), given.texts, given.count))


if __name__ == "__main__":
    main()
