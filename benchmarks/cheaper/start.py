"""A process that annotates a few notes and says when it has its first entity, and when all.

    python -m benchmarks.cheaper.start notemill light notes.jsonl 2 MODEL

It imports nothing before it is needed, as a user's script does. first_entity.py times it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.workload import read_texts

FIRST, ALL = "first entity", "all"
SLOTS = 2


def notemill(how: str, texts: list[str], model: str) -> Iterator[Any]:
    from pyspark.ml import Pipeline, PipelineModel  # noqa: PLC0415

    from annotators import LightPipeline, fuse  # noqa: PLC0415
    from benchmarks.contenders.notemill import stages  # noqa: PLC0415

    made = stages({"model": model, "early_exit": "auto", "distinct": True})
    if how == "light":
        light = LightPipeline(PipelineModel(made))
        return (light.annotate(text)["ner_chunk"] for text in texts)
    frame = _frame(texts)
    return _rows(fuse(Pipeline(stages=made).fit(frame), outputCols=["ner_chunk"]), frame)


def spark_nlp(how: str, texts: list[str], model: str) -> Iterator[Any]:
    from pyspark.ml import Pipeline  # noqa: PLC0415
    from sparknlp.base import LightPipeline  # noqa: PLC0415

    from benchmarks.contenders.spark_nlp import (  # noqa: PLC0415
        classifier,
        front,
        nlp_session,
        wired,
    )
    from benchmarks.environments import spark_nlp_jars  # noqa: PLC0415

    spark = nlp_session(SLOTS, spark_nlp_jars(), 1)
    stages = [*front(), *wired(classifier(model, spark))]
    frame = _frame(texts)
    fitted = Pipeline(stages=stages).fit(frame)
    if how == "light":
        light = LightPipeline(fitted)
        return (light.annotate(text)["ner_chunk"] for text in texts)
    return _rows(fitted, frame)


def _frame(texts: list[str]) -> Any:
    from benchmarks.spark_timing import session  # noqa: PLC0415

    return session(SLOTS).createDataFrame(list(enumerate(texts)), "id int, text string")


def _rows(model: Any, frame: Any) -> Iterator[Any]:
    return (row[0] for row in model.transform(frame).select("ner_chunk").toLocalIterator())


def main(who: str, how: str, texts: str, count: str, model: str) -> None:
    run = {"notemill": notemill, "spark_nlp": spark_nlp}[who]
    seen = 0
    for chunks in run(how, read_texts(Path(texts))[: int(count)], model):
        if chunks and not seen:
            print(FIRST, flush=True)
        seen += len(chunks)
    print(ALL, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
