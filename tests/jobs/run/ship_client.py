"""A driver whose executors have its models as each was shipped, and what each gives there.

    python ship_client.py MASTER OUT NAME=FOLDER ...
    python ship_client.py sc://HOST:PORT OUT NAME=FOLDER ... --artifact ARCHIVE#NAME ...

A driver's folder is hidden before its job runs, unless its NAME is "seen". OUT is a JSON object: by
name whether executors label as the driver does, or what the driver says of the failure.
"""

import json
import sys
from pathlib import Path

from pyspark.ml import PipelineModel

from annotators import BertForTokenClassification, DocumentAssembler, LightPipeline, Tokenizer
from annotators.core.errors import NotemillError
from jobs._run.spark import model_errors_of_workers, spark_session

TEXT = "The patient denies pain and takes aspirin 81 mg."


def main(master, out, *named):
    if master.startswith("sc:"):
        spark = spark_session("notemill tests", remote=master)
        named, artifacts = (
            named[: named.index("--artifact")],
            named[named.index("--artifact") + 1 :],
        )
        for artifact in artifacts:
            spark.addArtifacts(artifact, archive=True)
        spark.conf.set("spark.sql.execution.pyspark.python", "./env/bin/python")
    else:
        spark = spark_session("notemill tests", master)
    frame = spark.createDataFrame([(TEXT,)], "text string")
    told = {}
    for name, _, folder in (pair.partition("=") for pair in named):
        told[name] = labels_alike(frame, name, folder)
    Path(out).write_text(json.dumps(told), "utf-8")


def labels_alike(frame, name, folder):
    bert = BertForTokenClassification.load(folder).setInputCols("document", "token")
    model = PipelineModel(
        [
            DocumentAssembler(inputCol="text", outputCol="document"),
            Tokenizer(inputCols=["document"], outputCol="token"),
            bert.setOutputCol("ner"),
        ]
    )
    expected = LightPipeline(model).annotate(TEXT)["ner"]
    planned = model.transform(frame).select("ner.result")
    if name != "seen":
        Path(folder).rename(f"{folder} hidden")
    try:
        with model_errors_of_workers():
            (row,) = planned.collect()
    except NotemillError as failure:
        return str(failure)
    assert len(expected) > 5
    return row[0] == expected


if __name__ == "__main__":
    main(*sys.argv[1:])
