"""Pipelines that were saved earlier, under Spark 3.5 and 4.1, load and give what they gave.

Run by the main environment and by that of tests/interop, so that each Spark loads the other's.
"""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest
from pyspark.ml import PipelineModel

from annotators import DocumentAssembler, Finisher, LightPipeline
from annotators.core.errors import ModelError, SavedFormatError

KEPT = Path(__file__).parents[1] / "data" / "saved_pipeline"
SPARKS = ["spark-3.5", "spark-4.1"]
MODEL = "tiny_token_classifier"
EXPECTED = json.loads((KEPT / "expected.json").read_text("utf-8"))
kept = pytest.mark.parametrize("saved", SPARKS)

pytestmark = [
    pytest.mark.usefixtures("spark"),
    # Spark 3.5 compares the versions of pandas and pyarrow with distutils.
    pytest.mark.filterwarnings("ignore:distutils Version:DeprecationWarning"),
]


@pytest.fixture
def models(named_models):
    """The folder that NOTEMILL_MODELS names, with the pipelines' model in it."""
    return named_models(KEPT / "models")


def without_scores(annotation):
    metadata = {k: v for k, v in annotation["metadata"].items() if k != "confidence"}
    return {**annotation, "metadata": metadata}


def confidences(annotations):
    return [float(a["metadata"].get("confidence", 1)) for a in annotations]


def assert_as_recorded(rows):
    for row, expected in zip(rows, EXPECTED, strict=True):
        for column in ("sentence", "chunk"):
            assert list(map(without_scores, row[column])) == [
                without_scores(a) for a in expected[column]
            ]
            assert confidences(row[column]) == pytest.approx(
                confidences(expected[column]), abs=1e-5
            )


@kept
def test_a_kept_pipeline_gives_what_it_gave(models, saved):
    light = LightPipeline(PipelineModel.load(str(KEPT / saved)))
    found = light.fullAnnotate([row["text"] for row in EXPECTED])

    assert any(row["chunk"] for row in EXPECTED)
    assert_as_recorded([{c: [asdict(a) for a in v] for c, v in row.items()} for row in found])


@kept
def test_a_kept_pipeline_gives_it_over_a_frame(models, saved, spark):
    rows = [(row["text"],) for row in EXPECTED]
    frame = spark.createDataFrame(rows, "text string").coalesce(1)
    found = PipelineModel.load(str(KEPT / saved)).transform(frame).collect()

    assert_as_recorded([r.asDict(recursive=True) for r in found])


@kept
def test_a_model_that_moved_away_is_told(models, saved):
    shutil.rmtree(models / MODEL)
    pipeline = PipelineModel.load(str(KEPT / saved))

    with pytest.raises(ModelError, match=f"no model named '{MODEL}'.*NOTEMILL_MODELS"):
        LightPipeline(pipeline).annotate("pain")


@kept
def test_a_model_that_changed_is_told(models, saved):
    with (models / MODEL / "model.onnx").open("ab") as weights:
        weights.write(b"\0")
    pipeline = PipelineModel.load(str(KEPT / saved))

    with pytest.raises(ModelError, match=r"model\.onnx has SHA-256 .* was expected"):
        LightPipeline(pipeline).annotate("pain")


@pytest.mark.parametrize(
    "stage", [DocumentAssembler(inputCol="text"), Finisher()], ids=lambda s: type(s).__name__
)
def test_what_a_newer_notemill_saved_is_refused(of_a_newer_notemill, tmp_path, stage):
    stage.save(str(tmp_path / "stage"))
    of_a_newer_notemill(tmp_path / "stage")

    with pytest.raises(SavedFormatError, match="format 2, and this Notemill reads up to 1"):
        type(stage).load(str(tmp_path / "stage"))
