"""Notemill: stage by stage or fused, fp32 or int8, every sentence inferred or each distinct one."""

from __future__ import annotations

from itertools import chain
from typing import Any

import onnxruntime
import pyspark
from pyspark.ml import Pipeline
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from annotators import (
    BertForSequenceClassification,
    BertForTokenClassification,
    DocumentAssembler,
    NerConverter,
    SentenceDetector,
    Tokenizer,
    fuse,
)
from annotators._runtime.model_folder import find_model
from benchmarks.spark_timing import found_chunks, notes_frame, session, spec_texts, times_for
from benchmarks.workload import scrambled

FRONT = "token"


def stages(spec: dict[str, Any]) -> list[Any]:
    """The pipeline as Spark NLP's is set in this benchmark; no model where none is named.

    `model` is one, `models` are several over the same tokens.
    """
    front = [
        DocumentAssembler(inputCol="text", outputCol="document"),
        SentenceDetector(
            inputCols=["document"], outputCol="sentence", breakAtLines=spec.get("lines", False)
        ),
        Tokenizer(inputCols=["sentence"], outputCol=FRONT),
    ]
    models = spec.get("models") or ([spec["model"]] if "model" in spec else [])
    return [*front, *chain.from_iterable(_of(spec, m, i) for i, m in enumerate(models))]


def _of(spec: dict[str, Any], model: str, number: int) -> list[Any]:
    """The stages of one model; its columns are numbered from the second one on."""
    more = f"_{number}" if number else ""
    labels = find_model(model).task == "sequence-classification"
    bert = (
        _classifier(model, labels)
        .setInputCols(["sentence", "token"])
        .setOutputCol(f"category{more}" if labels else f"ner{more}")
        .setMaxSentenceLength(512)
        .setDistinctWindows(spec.get("distinct", False))
        .setRememberedWindows(spec.get("remembered", 0))
        .setEarlyExit(spec.get("early_exit", "off"))
        .setPrecision(spec.get("precision", "auto"))
        .setOnnxThreads(spec.get("threads", 1))
        .setBatchWordpieces(spec.get("budget", 512))
    )
    if labels:
        return [bert]
    found = ["sentence", "token", f"ner{more}"]
    return [bert, NerConverter(inputCols=found, outputCol=f"ner_chunk{more}")]


def _classifier(model: str, labels: bool) -> Any:
    """The stage; a tagger's labels are each token's best, as the others' are."""
    if labels:
        return BertForSequenceClassification.pretrained(model)
    return BertForTokenClassification.pretrained(model).setDecoding("argmax")


def results(made: list[Any]) -> list[str]:
    """The columns that stages are run for: chunks and categories, else tokens."""
    ends = (NerConverter, BertForSequenceClassification)
    return [stage.getOutputCol() for stage in made if isinstance(stage, ends)] or [FRONT]


def run(spec: dict[str, Any]) -> dict[str, Any]:
    spark = session(spec["slots"], spec.get("options"), spec.get("master"))
    texts, warm_texts = spec_texts(spec)
    if spec.get("remembered"):  # what the first pass remembers must not help the timed one
        warm_texts = scrambled(warm_texts)
    warm = notes_frame(spark, warm_texts, spec["slots"])
    frame = notes_frame(spark, texts, spec["slots"])
    made = stages(spec)
    columns = results(made)
    model = Pipeline(stages=made).fit(frame)
    if spec["fused"]:
        model = fuse(model, outputCols=columns)

    def annotate(part: DataFrame) -> DataFrame:
        return model.transform(part)

    times = times_for(annotate, columns, warm, frame)
    few = frame.where(F.col("id") < spec["warm"])
    found = found_chunks(annotate(few), columns[0]) if "model" in spec else []
    return {
        **times,
        "notes": len(texts),
        "chunks": found,
        "spark": pyspark.__version__,
        "onnxruntime": onnxruntime.__version__,
    }
