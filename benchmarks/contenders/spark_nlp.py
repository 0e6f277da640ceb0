"""Spark NLP 5.5.3, at its defaults or with one ONNX thread a task; needs an environment of its own.

One model a session is all that it can load from folders, so each batch size is a setting of one
stage; several_spark_nlp.py has the way round.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyspark
import sparknlp
from pyspark.ml import Pipeline
from pyspark.sql import DataFrame, SparkSession
from sparknlp.annotator import (
    BertForSequenceClassification,
    BertForTokenClassification,
    NerConverter,
    SentenceDetector,
    Tokenizer,
)
from sparknlp.base import DocumentAssembler

from benchmarks.spark_timing import found_chunks, notes_frame, session, spec_texts, times_for

SERIALISED = {
    "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
    "spark.kryoserializer.buffer.max": "2000M",
}
LABELS = "sequence-classification"


def nlp_session(slots: int, jars: list[str], threads: int | None) -> SparkSession:
    """A session with Spark NLP in it; threads: of ONNX a task, None for its default."""
    names = ("intraOpNumThreads", "interOpNumThreads") if threads else ()
    fixed = {f"spark.jsl.settings.onnx.{name}": str(threads) for name in names}
    return session(slots, {"spark.jars": ",".join(jars), **SERIALISED, **fixed})


def front() -> list[Any]:
    """From texts to tokens."""
    return [
        DocumentAssembler().setInputCol("text").setOutputCol("document"),
        SentenceDetector().setInputCols(["document"]).setOutputCol("sentence"),
        Tokenizer().setInputCols(["sentence"]).setOutputCol("token"),
    ]


def task_of(folder: str) -> str:
    """What a folder's manifest says that its model does."""
    return str(json.loads((Path(folder) / "manifest.json").read_text("utf-8"))["task"])


def classifier_of(folder: str) -> Any:
    """The class of the stage that runs a folder's model."""
    return (
        BertForSequenceClassification if task_of(folder) == LABELS else BertForTokenClassification
    )


def classifier(folder: str, spark: SparkSession) -> Any:
    """The stage over a folder's model, its first in this session."""
    bert = classifier_of(folder).loadSavedModel(folder, spark)
    return bert.setCaseSensitive(False).setMaxSentenceLength(512)


def wired(bert: Any, number: int = 0) -> list[Any]:
    """A classifier from tokens to its labels, and to chunks where it labels tokens.

    Its columns are numbered from the second one on.
    """
    more = f"_{number}" if number else ""
    bert.setInputCols(["sentence", "token"])
    if isinstance(bert, BertForSequenceClassification):
        return [bert.setOutputCol(f"category{more}").setCoalesceSentences(False)]
    converter = NerConverter().setInputCols(["sentence", "token", f"ner{more}"])
    return [bert.setOutputCol(f"ner{more}"), converter.setOutputCol(f"ner_chunk{more}")]


def run(spec: dict[str, Any]) -> dict[str, Any]:
    spark = nlp_session(spec["slots"], spec["jars"], 1 if spec["tuned"] else None)
    if "model" not in spec:
        return timed(spec, spark, [], [])
    bert = classifier(spec["model"], spark)
    return timed(spec, spark, [bert], wired(bert))


def timed(
    spec: dict[str, Any], spark: SparkSession, berts: list[Any], stages: list[Any]
) -> dict[str, Any]:
    """Seconds of the whole pipeline, at the batch size that is best on a few notes."""
    texts, warm_texts = spec_texts(spec)
    warm = notes_frame(spark, warm_texts, spec["slots"])
    frame = notes_frame(spark, texts, spec["slots"])
    whole = [*front(), *stages]
    made = [stage.getOutputCol() for stage in stages]
    columns = [c for c in made if c.startswith(("ner_chunk", "category"))] or ["token"]
    told = {"notes": len(texts), "spark": pyspark.__version__, "spark_nlp": sparknlp.version()}

    def times(part: DataFrame) -> dict[str, float]:
        return times_for(Pipeline(stages=whole).fit(part).transform, columns, warm, part)

    if not berts:
        return {**told, **times(frame)}
    tried = {}
    for size in spec["batch_sizes"] if len(spec["batch_sizes"]) > 1 else []:
        _set_batch(berts, size)
        tried[size] = times(warm)["seconds"]
    best = min(tried, key=tried.__getitem__) if tried else spec["batch_sizes"][0]
    _set_batch(berts, best)
    told |= {**times(frame), "batch": best, "tried": tried}
    if columns != ["ner_chunk"]:
        return told
    return {
        **told,
        "chunks": found_chunks(Pipeline(stages=whole).fit(warm).transform(warm), *columns),
    }


def _set_batch(berts: list[Any], size: int) -> None:
    for bert in berts:
        bert.setBatchSize(size)
