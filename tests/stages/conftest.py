"""Notes that are hard to annotate, pipelines over tiny models, and how annotations compare."""

from __future__ import annotations

import json
import shutil

import pytest

NOTES = [
    "The patient denies pain. Takes aspirin 81 mg daily; metformin-related nausea?\r\nNo fever.",
    "",
    " \t\r\n ",
    "Naïve patient 😀 takes\taspirin\u00a081mg. e\u0301pine\u0301phrine!\n\n\n1. Rest 2. Fluids",
    "\x00\x01 \x07 pain \x1f",
    "aspirin " * 90 + "pain",
    "x" * 5_000,
    "The patient denies pain. Takes aspirin 81 mg daily; metformin-related nausea?\r\nNo fever.",
    "مريض يأخذ الأسبرين. 患者否认疼痛。Пациент принимает аспирин.",
    "BP 120/80, T 37.2. Dr. Smith saw Mrs. O'Brien @ 9:30 a.m. -- plan: (a) aspirin, (b) rest...",
]
WORDS_OF_ASSERTION = {
    "negation", "certainty", "temporality", "experiencer", "trigger", "trigger_begin",
    "trigger_end", "section",
}  # fmt: skip
COLUMNS = ["document", "sentence", "token", "ner", "chunk", "class"]


@pytest.fixture(scope="session")
def notes() -> list[str]:
    return NOTES


@pytest.fixture(scope="session")
def frame(spark):
    """The notes as rows (id, text), and one row more whose text is null."""
    rows = [*enumerate(NOTES), (len(NOTES), None)]
    return spark.createDataFrame(rows, "id int, text string").coalesce(1)


@pytest.fixture(scope="session")
def make_stages(token_model, sequence_model):
    """A function that makes one stage of every kind, from `text` to `chunk` and `class`."""
    from annotators import (
        BertForSequenceClassification,
        BertForTokenClassification,
        DocumentAssembler,
        NerConverter,
        SentenceDetector,
        Tokenizer,
    )

    def make(**bert):
        ner = BertForTokenClassification.loadSavedModel(str(token_model)).setParams(**bert)
        kind = BertForSequenceClassification.loadSavedModel(str(sequence_model)).setParams(**bert)
        return [
            DocumentAssembler(inputCol="text", outputCol="document"),
            SentenceDetector(inputCols=["document"], outputCol="sentence"),
            Tokenizer(inputCols=["sentence"], outputCol="token"),
            ner.setInputCols("sentence", "token").setOutputCol("ner"),
            NerConverter(inputCols=["sentence", "token", "ner"], outputCol="chunk"),
            kind.setInputCols("sentence", "token").setOutputCol("class"),
        ]

    return make


@pytest.fixture(scope="session")
def model(make_stages):
    """The fitted pipeline of all stages."""
    from pyspark.ml import PipelineModel

    return PipelineModel(make_stages())


@pytest.fixture(scope="session")
def staged_rows(model, frame):
    """The rows of `frame` as the pipeline annotates them, stage by stage, in one partition."""
    return model.transform(frame).collect()


@pytest.fixture(scope="session")
def expected(model):
    """What LightPipeline makes of each note, by id; the last is the note that is null."""
    from annotators import LightPipeline

    return dict(enumerate(LightPipeline(model).fullAnnotate([*NOTES, ""])))


@pytest.fixture(scope="session")
def assert_same():
    """A function that asserts that two lists of annotations are equal, scores to 1e-5."""
    from annotators import Annotation

    def shape(annotations):
        shown = []
        for row in annotations:
            a = row if isinstance(row, Annotation) else Annotation.fromRow(row)
            words = {key: value for key, value in a.metadata.items() if not _is_score(key)}
            scores = {key: float(value) for key, value in a.metadata.items() if _is_score(key)}
            shown.append(((a.annotatorType, a.begin, a.end, a.result, words), scores))
        return [s[0] for s in shown], [s[1] for s in shown]

    def check(left, right):
        (found, found_scores), (wanted, wanted_scores) = shape(left), shape(right)
        assert found == wanted
        for some, others in zip(found_scores, wanted_scores, strict=True):
            assert some == pytest.approx(others, abs=1e-5)

    return check


def _is_score(key: str) -> bool:
    return key not in {"sentence", "word", "entity", "chunk", "id", *WORDS_OF_ASSERTION}


@pytest.fixture(scope="session")
def other_token_model(tmp_path_factory, token_model):
    """A token classifier with the same labels and other weights."""
    import numpy as np
    import onnx
    from onnx import numpy_helper

    folder = tmp_path_factory.mktemp("models") / "other"
    shutil.copytree(token_model, folder)
    network = onnx.load(folder / "model.onnx")
    for tensor in network.graph.initializer:
        if tensor.name == "head":
            turned = np.flip(numpy_helper.to_array(tensor), axis=0).copy()
            tensor.CopyFrom(numpy_helper.from_array(turned, "head"))
    onnx.save(network, folder / "model.onnx")
    return folder


@pytest.fixture
def named_models(monkeypatch, tmp_path):
    """A function that copies a folder of models and has NOTEMILL_MODELS name the copy."""

    def copy(folder):
        shutil.copytree(folder, tmp_path / "models")
        monkeypatch.setenv("NOTEMILL_MODELS", str(tmp_path / "models"))
        return tmp_path / "models"

    return copy


def change_saved(folder, change):
    """Write a saved stage's metadata anew, as `change` leaves them."""
    (file,) = (folder / "metadata").glob("part-*")
    metadata = json.loads(file.read_text("utf-8"))
    change(metadata)
    file.write_text(json.dumps(metadata), "utf-8")
    for checksum in file.parent.glob(".*.crc"):
        checksum.unlink()


@pytest.fixture
def of_a_newer_notemill():
    """A function that makes a saved stage one that a newer Notemill saved."""

    def newer(metadata):
        assert metadata["notemillFormat"] == 1
        metadata["notemillFormat"] = 2

    return lambda folder: change_saved(folder, newer)


@pytest.fixture
def saved_without():
    """A function that makes a saved stage one that was saved before it had a param."""

    def without(folder, param):
        change_saved(folder, lambda metadata: metadata["defaultParamMap"].pop(param))

    return without
