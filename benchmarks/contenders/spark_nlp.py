"""Spark NLP 5.5.3, at its defaults or with one ONNX thread a task; needs an environment of its own.

One model a session is all it can load, so each batch size is a setting of one stage.
"""

from __future__ import annotations

from typing import Any

import pyspark
import sparknlp
from pyspark.ml import Pipeline
from pyspark.sql import DataFrame
from sparknlp.annotator import BertForTokenClassification, NerConverter, SentenceDetector, Tokenizer
from sparknlp.base import DocumentAssembler

from benchmarks.spark_timing import found_chunks, notes_frame, seconds_for, session, spec_texts

ONE_THREAD = {
    "spark.jsl.settings.onnx.intraOpNumThreads": "1",
    "spark.jsl.settings.onnx.interOpNumThreads": "1",
}
SERIALISED = {
    "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
    "spark.kryoserializer.buffer.max": "2000M",
}


def run(spec: dict[str, Any]) -> dict[str, Any]:
    options = {"spark.jars": ",".join(spec["jars"]), **SERIALISED}
    spark = session(spec["slots"], options | (ONE_THREAD if spec["tuned"] else {}))
    texts, warm_texts = spec_texts(spec)
    warm = notes_frame(spark, warm_texts, spec["slots"])
    frame = notes_frame(spark, texts, spec["slots"])
    front = [
        DocumentAssembler().setInputCol("text").setOutputCol("document"),
        SentenceDetector().setInputCols(["document"]).setOutputCol("sentence"),
        Tokenizer().setInputCols(["sentence"]).setOutputCol("token"),
    ]
    told = {"notes": len(texts), "spark": pyspark.__version__, "spark_nlp": sparknlp.version()}
    if "model" not in spec:
        return {**told, "seconds": _seconds(front, "token", warm, frame)}
    bert = (
        BertForTokenClassification.loadSavedModel(spec["model"], spark)
        .setInputCols(["sentence", "token"])
        .setOutputCol("ner")
        .setCaseSensitive(False)
        .setMaxSentenceLength(512)
    )
    converter = NerConverter().setInputCols(["sentence", "token", "ner"]).setOutputCol("ner_chunk")
    whole = [*front, bert, converter]
    tried = {}
    for size in spec["batch_sizes"] if len(spec["batch_sizes"]) > 1 else []:
        bert.setBatchSize(size)
        tried[size] = _seconds(whole, "ner_chunk", warm, warm)
    best = min(tried, key=tried.__getitem__) if tried else spec["batch_sizes"][0]
    bert.setBatchSize(best)
    seconds = _seconds(whole, "ner_chunk", warm, frame)
    found = found_chunks(Pipeline(stages=whole).fit(warm).transform(warm), "ner_chunk")
    return {**told, "seconds": seconds, "batch": best, "tried": tried, "chunks": found}


def _seconds(stages: list[Any], column: str, warm: DataFrame, frame: DataFrame) -> float:
    return seconds_for(Pipeline(stages=stages).fit(frame).transform, column, warm, frame)
