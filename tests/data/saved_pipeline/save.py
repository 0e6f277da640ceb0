"""Saves the pipeline that tests/stages/test_saved_format.py loads, under the Spark that runs this.

    PYTHONPATH=. python tests/data/saved_pipeline/save.py     # into spark-<major.minor>/

The model is a tiny random one (tests/conftest.py), made once: the pipeline holds its name and the
SHA-256 of its weights. `expected.json` is what the pipeline gave when it was first saved.
"""

import importlib.util
import json
import os
from dataclasses import asdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODEL = "tiny_token_classifier"
TEXTS = [
    "The patient denies pain. Takes aspirin 81 mg, b.i.d.; metformin 😀 follow-up\n2. Rest",
    "",
    "pain and " * 90,
]


def make_model(folder):
    spec = importlib.util.spec_from_file_location("shared", HERE.parents[1] / "conftest.py")
    shared = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shared)
    shared.write_tiny_bert(folder, shared.TOKEN_LABELS, "token-classification")


def main():
    import pyspark
    from pyspark.ml import Pipeline
    from pyspark.sql import SparkSession

    import annotators

    if not (HERE / "models" / MODEL).exists():
        make_model(HERE / "models" / MODEL)
    os.environ["NOTEMILL_MODELS"] = str(HERE / "models")
    spark = SparkSession.builder.master("local[1]").getOrCreate()
    notes = spark.createDataFrame([(text,) for text in TEXTS], "text string")
    ner = annotators.BertForTokenClassification.pretrained(MODEL).setCaseSensitive(False)
    stages = [
        annotators.DocumentAssembler().setInputCol("text").setOutputCol("document"),
        annotators.SentenceDetector().setInputCols(["document"]).setOutputCol("sentence"),
        annotators.Tokenizer().setInputCols(["sentence"]).setOutputCol("token"),
        ner.setInputCols(["sentence", "token"]).setOutputCol("ner"),
        annotators.NerConverter()
        .setInputCols(["sentence", "token", "ner"])
        .setOutputCol("chunk")
        .setReplaceLabels({"Disease": "PROBLEM"}),
    ]
    model = Pipeline(stages=stages).fit(notes)
    folder = HERE / f"spark-{'.'.join(pyspark.__version__.split('.')[:2])}"
    model.write().overwrite().save(str(folder))
    for checksum in folder.rglob(".*.crc"):
        checksum.unlink()
    if not (HERE / "expected.json").exists():
        found = annotators.LightPipeline(model).fullAnnotate(TEXTS)
        rows = [{c: [asdict(a) for a in row[c]] for c in ("sentence", "chunk")} for row in found]
        told = [{"text": text, **row} for text, row in zip(TEXTS, rows, strict=True)]
        (HERE / "expected.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
