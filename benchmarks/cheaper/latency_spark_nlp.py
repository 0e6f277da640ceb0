"""Spark NLP's LightPipeline on one sentence: latency, in milliseconds; run in its environment.

    PYTHON_OF_SPARK_NLP -m benchmarks.cheaper.latency_spark_nlp notes.jsonl --model FOLDER

What benchmarks/cheaper/latency.py measures of Notemill, over Spark NLP's stages from text to
chunks, with one ONNX thread. FOLDER: a model folder with `assets`, of fp32 or int8.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pyspark.ml import Pipeline
from sparknlp.annotator import BertForTokenClassification, NerConverter, SentenceDetector, Tokenizer
from sparknlp.base import DocumentAssembler, LightPipeline

from benchmarks.cheaper.latency import latency
from benchmarks.contenders.spark_nlp import ONE_THREAD, SERIALISED
from benchmarks.environments import spark_nlp_jars
from benchmarks.spark_timing import session


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--count", type=int, default=200)
    given = parser.parse_args()
    spark = session(1, {"spark.jars": ",".join(spark_nlp_jars()), **SERIALISED, **ONE_THREAD})
    bert = BertForTokenClassification.loadSavedModel(given.model, spark)
    stages = [
        DocumentAssembler().setInputCol("text").setOutputCol("document"),
        SentenceDetector().setInputCols(["document"]).setOutputCol("sentence"),
        Tokenizer().setInputCols(["sentence"]).setOutputCol("token"),
        bert.setInputCols(["sentence", "token"]).setOutputCol("ner").setCaseSensitive(False),
        NerConverter().setInputCols(["sentence", "token", "ner"]).setOutputCol("ner_chunk"),
    ]
    empty = spark.createDataFrame([("",)], ["text"])
    light = LightPipeline(Pipeline(stages=stages).fit(empty))
    print(latency(light, given.texts, given.count))


if __name__ == "__main__":
    main()
