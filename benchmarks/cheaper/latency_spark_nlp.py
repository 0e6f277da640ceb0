"""Spark NLP's LightPipeline on one sentence: latency, in milliseconds; run in its environment.

    PYTHON_OF_SPARK_NLP -m benchmarks.cheaper.latency_spark_nlp notes.jsonl --model FOLDER

What benchmarks/cheaper/latency.py measures of Notemill. FOLDER: a model folder with `assets` and a
manifest, of fp32 or int8.
"""

from __future__ import annotations

from pyspark.ml import Pipeline
from sparknlp.base import LightPipeline

from benchmarks.cheaper.latency import arguments, latency
from benchmarks.contenders.spark_nlp import classifier, front, nlp_session, wired
from benchmarks.environments import spark_nlp_jars


def main() -> None:
    given = arguments(__doc__).parse_args()
    spark = nlp_session(1, spark_nlp_jars(), given.threads)
    stages = [*front(), *wired(classifier(given.model, spark))]
    empty = spark.createDataFrame([("",)], ["text"])
    light = LightPipeline(Pipeline(stages=stages).fit(empty))
    print(latency(light, given.texts, given.count))


if __name__ == "__main__":
    main()
