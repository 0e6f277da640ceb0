"""Notemill: stage by stage or fused, fp32 or int8, every sentence inferred or each distinct one."""

from __future__ import annotations

from typing import Any

import onnxruntime
import pyspark
from pyspark.ml import Pipeline
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from annotators import (
    BertForTokenClassification,
    DocumentAssembler,
    NerConverter,
    SentenceDetector,
    Tokenizer,
    fuse,
)
from benchmarks.spark_timing import found_chunks, notes_frame, seconds_for, session, spec_texts
from benchmarks.workload import scrambled

FRONT = "token"


def stages(spec: dict[str, Any]) -> list[Any]:
    """The pipeline as Spark NLP's is set in this benchmark; no model where none is named."""
    front = [
        DocumentAssembler(inputCol="text", outputCol="document"),
        SentenceDetector(
            inputCols=["document"], outputCol="sentence", breakAtLines=spec.get("lines", False)
        ),
        Tokenizer(inputCols=["sentence"], outputCol=FRONT),
    ]
    if "model" not in spec:
        return front
    bert = (
        BertForTokenClassification.pretrained(spec["model"])
        .setInputCols(["sentence", "token"])
        .setOutputCol("ner")
        .setMaxSentenceLength(512)
        .setDistinctWindows(spec.get("distinct", False))
        .setRememberedWindows(spec.get("remembered", 0))
        .setEarlyExit(spec.get("early_exit", "off"))
        .setPrecision(spec.get("precision", "auto"))
    )
    return [
        *front,
        bert,
        NerConverter(inputCols=["sentence", "token", "ner"], outputCol="ner_chunk"),
    ]


def run(spec: dict[str, Any]) -> dict[str, Any]:
    spark = session(spec["slots"], spec.get("options"), spec.get("master"))
    texts, warm_texts = spec_texts(spec)
    if spec.get("remembered"):  # what the first pass remembers must not help the timed one
        warm_texts = scrambled(warm_texts)
    warm = notes_frame(spark, warm_texts, spec["slots"])
    frame = notes_frame(spark, texts, spec["slots"])
    made = stages(spec)
    column = made[-1].getOutputCol()
    model = Pipeline(stages=made).fit(frame)
    if spec["fused"]:
        model = fuse(model, outputCols=[column])

    def annotate(part: DataFrame) -> DataFrame:
        return model.transform(part)

    seconds = seconds_for(annotate, column, warm, frame)
    few = frame.where(F.col("id") < spec["warm"])
    found = [] if column == FRONT else found_chunks(annotate(few), column)
    return {
        "seconds": seconds,
        "notes": len(texts),
        "chunks": found,
        "spark": pyspark.__version__,
        "onnxruntime": onnxruntime.__version__,
    }
