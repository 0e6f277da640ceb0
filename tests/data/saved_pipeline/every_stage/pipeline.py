"""A pipeline with a stage of every kind, stage by stage and fused, to be saved and loaded again.

    python pipeline.py keep             # saves both here, under spark-<major.minor>/
    python pipeline.py exchange IN OUT  # saves both in OUT; OUT/annotated.json is what those of IN give

The models, tiny and random, lie in `models`: the pipelines hold their names and the SHA-256 of their
weights. `expected.json` is what the pipelines gave when they were first kept.
"""

import importlib.util
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODELS = HERE / "models"
SENTENCES, TOKENS, SEQUENCES = (
    "tiny_sentence_detector",
    "tiny_token_classifier",
    "tiny_sequence_classifier",
)
KINDS = ["staged", "fused"]
TEXTS = [
    "The patient denies pain. Takes aspirin 81 mg, b.i.d.; metformin 😀 follow-up\n\n2. Rest",
    "",
    None,
    "pain and " * 90,
]


def make_models():
    """Write the models. Needs onnx, which the extra [test] has."""
    spec = importlib.util.spec_from_file_location("shared", HERE.parents[2] / "conftest.py")
    shared = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shared)
    shared.write_tiny_bert(MODELS / TOKENS, shared.TOKEN_LABELS, "token-classification", seed=35)
    labels = ["negative", "neutral", "positive"]
    shared.write_tiny_bert(MODELS / SEQUENCES, labels, "sequence-classification", seed=43)
    _write_sentence_detector(MODELS / SENTENCES)


def _write_sentence_detector(folder):
    """A weight for each class of character and each place, drawn at random, summed."""
    import numpy as np
    import onnx
    from annotators.core.boundary_features import WIDTH
    from onnx import TensorProto, helper, numpy_helper

    from annotators._runtime.weights import file_sha256

    draw = np.random.default_rng(7)
    nodes = [
        helper.make_node("Cast", ["features"], ["classes"], to=TensorProto.INT32),
        helper.make_node("Gather", ["weights", "classes"], ["weighed"]),
        helper.make_node("Mul", ["weighed", "places"], ["placed"]),
        helper.make_node("ReduceSum", ["placed", "last"], ["logit"], keepdims=0),
        helper.make_node("Sigmoid", ["logit"], ["probability"]),
    ]
    values = {
        "weights": draw.normal(size=256).astype(np.float32),
        "places": draw.normal(size=WIDTH).astype(np.float32),
        "last": np.array([1], np.int64),
    }
    graph = helper.make_graph(
        nodes,
        SENTENCES,
        [helper.make_tensor_value_info("features", TensorProto.UINT8, ["candidates", WIDTH])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["candidates"])],
        [numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    folder.mkdir(parents=True)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "model.onnx")
    manifest = {
        "format": 1, "name": SENTENCES, "task": "sentence-boundary",
        "labels": ["inside", "boundary"], "precision": "fp32",
        "files": {"model.onnx": file_sha256(folder / "model.onnx")},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


def session():
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    return builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()


def stages():
    import annotators as a

    both = {"sentence", "token"}
    return [
        a.DocumentAssembler().setInputCol("text").setOutputCol("document"),
        a.SentenceDetectorDLModel.pretrained(SENTENCES)
        .setInputCols(["document"])
        .setOutputCol("sentence")
        .setImpossiblePenultimates(["b.i.d"])
        .setCustomBounds([";"]),
        a.Tokenizer().setInputCols(["sentence"]).setOutputCol("token"),
        a.BertForTokenClassification.pretrained(TOKENS)
        .setInputCols(sorted(both))
        .setOutputCol("ner")
        .setCaseSensitive(False)
        .setMaxSentenceLength(64)
        .setWindowOverlap(16),
        a.NerConverter()
        .setInputCols(["sentence", "token", "ner"])
        .setOutputCol("chunk")
        .setTypeChangeEndsChunk(True)
        .setReplaceLabels({"Disease": "PROBLEM"}),
        a.BertForSequenceClassification.pretrained(SEQUENCES)
        .setInputCols(sorted(both))
        .setOutputCol("class")
        .setCaseSensitive(False)
        .setActivation("sigmoid")
        .setThreshold(0.25)
        .setLongDocStrategy("max"),
        a.MedicalBertForTokenClassifier.pretrained(TOKENS)
        .setInputCols(sorted(both))
        .setOutputCol("clinical_ner"),
        a.MedicalBertForSequenceClassification.pretrained(SEQUENCES)
        .setInputCols(sorted(both))
        .setOutputCol("clinical_class")
        .setCoalesceSentences(True),
        a.Finisher()
        .setInputCols(["sentence", "chunk"])
        .setOutputCols(["sentences", "chunks"])
        .setIncludeMetadata(True)
        .setCleanAnnotations(False),
    ]


def pipelines():
    """The pipeline stage by stage, and fused."""
    from pyspark.ml import PipelineModel

    from annotators import fuse

    staged = PipelineModel(stages())
    return {"staged": staged, "fused": fuse(staged, outputCols=["sentence", "chunk", "class"])}


def save(folder):
    """Save both under a folder."""
    for kind, model in pipelines().items():
        model.write().overwrite().save(str(folder / kind))
    for checksum in folder.rglob(".*.crc"):
        checksum.unlink()


def annotate(folder, spark):
    """What each of the pipelines saved under a folder gives: {kind: rows as JSON has them}."""
    from pyspark.ml import PipelineModel

    frame = spark.createDataFrame([(text,) for text in TEXTS], "text string").coalesce(1)
    found = {}
    for kind in KINDS:
        rows = PipelineModel.load(str(folder / kind)).transform(frame).collect()
        found[kind] = [row.asDict(recursive=True) for row in rows]
    return json.loads(json.dumps(found))


def main():
    os.environ["NOTEMILL_MODELS"] = str(MODELS)
    command, *folders = sys.argv[1:]
    spark = session()
    if command == "keep":
        if not MODELS.exists():
            make_models()
        folder = HERE / f"spark-{'.'.join(spark.version.split('.')[:2])}"
        save(folder)
        expected = HERE / "expected.json"
        if not expected.exists():
            rows = annotate(folder, spark)["fused"]
            expected.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "utf-8")
    elif command == "exchange":
        other, own = map(Path, folders)
        save(own)
        (own / "annotated.json").write_text(json.dumps(annotate(other, spark)), "utf-8")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
