"""A client of a Spark Connect server: every stage, fused, saved and loaded, in one process.

    python connect_client.py sc://HOST:PORT PIPELINE.py FOLDER

Writes to FOLDER, as JSON, what each kind of pipeline gives (found.json: made here, and saved and
loaded again; the stages that the kept pipelines lack, and what LightPipeline says of these), and the
classes of all stages that ran (stages.json).
"""

import importlib.util
import json
import sys
from pathlib import Path

TYPES = ("document", "sentence", "token", "ner", "class", "chunk", "assertion", "present")


def more_stages(saved):
    """The stages that the kept pipelines lack, with what these need before them."""
    import annotators as a

    ner = a.DistilBertForTokenClassification.pretrained(saved.TOKENS)
    assertion = a.ContextualAssertion.pretrained()
    kind = a.DistilBertForSequenceClassification.pretrained(saved.SEQUENCES)
    return [
        a.DocumentAssembler(inputCol="text", outputCol="document"),
        a.SentenceDetector(inputCols=["document"], outputCol="sentence"),
        a.TokenizerModel(inputCols=["sentence"], outputCol="token"),
        ner.setInputCols(["sentence", "token"]).setOutputCol("ner"),
        kind.setInputCols(["sentence", "token"]).setOutputCol("class"),
        a.NerConverter(inputCols=["sentence", "token", "ner"], outputCol="chunk"),
        assertion.setInputCols(["sentence", "token", "chunk"]).setOutputCol("assertion"),
        a.AssertionFilterer(
            inputCols=["sentence", "chunk", "assertion"], outputCol="present", whiteList=["present"]
        ),
    ]


def main(remote, script, folder):
    spec = importlib.util.spec_from_file_location("saved_pipeline", script)
    saved = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(saved)

    from pyspark.ml import PipelineModel

    from annotators import LightPipeline
    from jobs._run.spark import spark_session

    spark = spark_session("notemill tests", remote=remote)
    assert "connect" in type(spark).__module__
    frame = spark.createDataFrame([(text,) for text in saved.TEXTS], "text string").coalesce(1)
    found = {}
    for kind, model in saved.pipelines().items():
        model.write().overwrite().save(str(folder / kind))
        for how, one in (("made", model), ("loaded", PipelineModel.load(str(folder / kind)))):
            rows = one.transform(frame).collect()
            found[f"{kind} {how}"] = [row.asDict(recursive=True) for row in rows]
    more = PipelineModel(more_stages(saved))
    rows = more.transform(frame).collect()
    light = LightPipeline(more).fullAnnotate([text or "" for text in saved.TEXTS])
    found["more"] = [{c: results(row[c]) for c in TYPES} for row in rows]
    found["more light"] = [{c: results(row[c]) for c in TYPES} for row in light]
    (folder / "found.json").write_text(json.dumps(found), "utf-8")
    used = {type(stage).__name__ for stage in [*saved.stages(), *more.stages]}
    (folder / "stages.json").write_text(json.dumps(sorted(used)), "utf-8")


def results(annotations):
    return [[a.begin, a.end, a.result] for a in annotations]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
