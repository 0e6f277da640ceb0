"""What is inferred once, remembered or inferred again is the same; weights are those asked for."""

import json
import shutil

import numpy as np
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import functions as F

from annotators import BertForTokenClassification, LightPipeline, fuse
from annotators._runtime import window_memory
from annotators._runtime.session import Session
from annotators._runtime.window_memory import WindowMemory
from annotators.core.errors import ModelError, ParamError

pytestmark = pytest.mark.usefixtures("spark")


@pytest.fixture
def fed(monkeypatch):
    """The number of wordpieces that each call of a model is fed, padding left out."""
    sizes = []
    run = Session.run

    def counted(session, feeds):
        sizes.append(int(feeds["attention_mask"].sum()))
        return run(session, feeds)

    monkeypatch.setattr(Session, "run", counted)
    monkeypatch.setattr(window_memory, "_memories", {})
    return sizes


@pytest.fixture
def annotate(make_stages, notes, fed):
    """A function that annotates the notes locally, and says how many wordpieces it took."""

    def run(**bert):
        fed.clear()
        made = LightPipeline(PipelineModel(make_stages(**bert))).fullAnnotate([*notes, ""])
        return made, sum(fed)

    return run


def assert_equal(assert_same, made, wanted):
    assert len(made) == len(wanted)
    for note, other in zip(made, wanted, strict=True):
        for column in ("ner", "chunk", "class"):
            assert_same(note[column], other[column])


@pytest.mark.parametrize("limit", [1, 3, 1_000])
def test_remembered_windows_give_the_same_and_are_not_inferred_again(
    annotate, assert_same, expected, limit
):
    wanted = list(expected.values())
    first, cost = annotate(rememberedWindows=limit)
    again, later = annotate(rememberedWindows=limit)

    assert_equal(assert_same, first, wanted)
    assert_equal(assert_same, again, wanted)
    assert cost > 0
    assert later < cost
    assert (later == 0) == (limit == 1_000)


def test_each_window_by_itself_gives_the_same_and_costs_more(annotate, assert_same, expected):
    every, cost = annotate(distinctWindows=False)
    once, less = annotate()

    assert_equal(assert_same, every, list(expected.values()))
    assert_equal(assert_same, once, list(expected.values()))
    assert less < cost


def test_memory_holds_so_many_windows_and_keeps_those_that_are_used():
    memory = WindowMemory(limit=2)
    for name in (b"a", b"b"):
        memory.keep(name, np.full((2, 1), ord(name), np.float32))
    memory.recall(b"a")
    memory.keep(b"c", np.zeros((2, 1), np.float32))

    assert list(memory.known) == [b"a", b"c"]
    assert memory.recall(b"b") is None


@pytest.fixture
def both(token_model, other_token_model, tmp_path):
    """A folder with int8 weights (those of one model) and fp32 ones (another's, to tell them)."""
    folder = shutil.copytree(token_model, tmp_path / "both")
    shutil.copy(other_token_model / "model.onnx", folder / "model.fp32.onnx")
    labels = (folder / "assets/labels.txt").read_text().split()
    manifest = {
        "format": 1, "task": "token-classification", "labels": labels, "precision": "int8",
        "files": {"model.onnx": BertForTokenClassification.loadSavedModel(
            str(token_model)).getOrDefault("modelSha256")},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def labels_of(stages, frame, prepare):
    made = prepare(PipelineModel(stages)).transform(frame)
    rows = made.orderBy("id").select(F.col("ner")["result"]).collect()
    return made.schema["ner"].metadata, [row[0] for row in rows]


@pytest.mark.parametrize("prepare", [lambda model: model, fuse], ids=["staged", "fused"])
def test_the_weights_asked_for_are_used_and_recorded(
    both, other_token_model, make_stages, frame, prepare
):
    def with_model(folder, precision):
        bert = BertForTokenClassification.loadSavedModel(str(folder)).setPrecision(precision)
        stages = make_stages()[:4]
        stages[3] = bert.setInputCols("sentence", "token").setOutputCol("ner")
        return labels_of(stages, frame, prepare)

    auto, int8, fp32 = (with_model(both, p) for p in ("auto", "int8", "fp32"))
    assert auto == int8
    assert int8[0] == {"annotatorType": "named_entity", "precision": "int8"}
    assert fp32[0]["precision"] == "fp32"
    assert int8[1] != fp32[1]
    assert fp32[1] == with_model(other_token_model, "auto")[1]


def test_a_precision_that_is_not_there_is_told_with_what_is(both, make_stages):
    (both / "model.fp32.onnx").unlink()
    bert = BertForTokenClassification.loadSavedModel(str(both)).setPrecision("fp32")
    stages = [*make_stages()[:3], bert.setInputCols("sentence", "token").setOutputCol("ner")]

    with pytest.raises(ModelError, match=r"no fp32 weights.*int8.*model\.fp32\.onnx.*export"):
        LightPipeline(PipelineModel(stages)).annotate("No pain.")
    bert.setPrecision("fp16")
    with pytest.raises(ParamError, match=r"'fp16' is unknown.*auto, int8, fp32, bf16"):
        LightPipeline(PipelineModel(stages)).annotate("No pain.")
