"""Windows that are sure leave early, by themselves; what does not leave is as it always was."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import onnx
import pytest

from annotators._runtime import early_exit, window_memory
from annotators._runtime.early_exit import BACK, FRONT, TwoGraphs, read_exit_part
from annotators._runtime.inference import Inference
from annotators._runtime.model_folder import find_model, in_precision, verify
from annotators._runtime.session import Session
from annotators.core.errors import ModelError
from tests.conftest import CLINICAL_WORDS

LENGTHS = [3, 1, 30, 7, 12, 8, 0, 5, 9, 14, 2, 6, 4, 11, 10, 13]


def sentences(seed=0):
    draw = np.random.default_rng(seed)
    return [draw.choice(CLINICAL_WORDS, length).tolist() for length in LENGTHS]


def logits(folder, fidelity, texts, **settings):
    """The logits of each sentence's one window."""
    model = find_model(str(folder))
    exits = None if fidelity is None else read_exit_part(model).at(fidelity)
    inference = replace(Inference(model, False, 128, 32, exits=exits), **settings)
    words = [word for text in texts for word in text]
    pieces, offsets = inference.encoder().encode(words)
    ends = offsets[np.cumsum([0, *map(len, texts)])]
    windows = inference.windows(ends)
    made = inference.logits(pieces, windows)
    sizes = windows.stop - windows.start + 2
    # what is read: not [CLS], and not [SEP], which the head sees past
    return [
        made.values[i + 1 : i + n - 1] if made.of_pieces else made.values[i]
        for i, n in zip(made.first.tolist(), sizes.tolist(), strict=True)
    ]


def alike(some, others):
    return [bool(np.allclose(a, b, atol=1e-3)) for a, b in zip(some, others, strict=True)]


def test_off_is_bit_for_bit_what_the_folder_gave_before(exit_model):
    whole = logits(exit_model, None, sentences())
    plain = logits(find_model("bert_token_classifier_ner_bc5cdr").path, None, sentences())

    assert all(np.array_equal(a, b) for a, b in zip(whole, plain, strict=True))


def test_some_leave_with_the_heads_logits_and_the_others_have_the_models(exit_model):
    texts = sentences()
    head, some, whole = (logits(exit_model, name, texts) for name in ("all", "some", None))
    left, stayed = alike(some, head), alike(some, whole)

    assert any(left)
    assert any(stayed)
    assert all(a or b for a, b in zip(left, stayed, strict=True))
    assert all(alike(logits(exit_model, "none", texts), whole))


@pytest.mark.parametrize("budget", [16, 60, 2048])
def test_company_order_and_batches_change_nothing(exit_model, budget):
    texts = sentences()
    together = logits(exit_model, "some", texts)
    order = np.random.default_rng(1).permutation(len(texts)).tolist()
    shuffled = logits(exit_model, "some", [texts[i] for i in order], batch_wordpieces=budget)
    alone = [logits(exit_model, "some", [text])[0] for text in texts[:6]]

    assert all(alike(shuffled, [together[i] for i in order]))
    assert all(alike(alone, together[:6]))


def test_where_all_leave_the_back_is_not_run(exit_model, monkeypatch):
    runs = []
    monkeypatch.setattr(TwoGraphs, "_finish", lambda self, waiting: runs.append(len(waiting.ids)))
    logits(exit_model, "all", sentences())

    assert sum(runs) == 0


def test_the_back_runs_full_batches_of_those_that_stay(exit_model, monkeypatch):
    sizes = []
    run = Session.run

    def counted(session, feeds):
        sizes.append(feeds["hidden"].shape[:2])
        return run(session, feeds)

    monkeypatch.setattr(Session, "run", counted)
    logits(exit_model, "none", sentences(), batch_wordpieces=64)

    assert all(rows * width <= 64 or rows == 1 for rows, width in sizes)
    assert sum(rows for rows, _ in sizes) == np.count_nonzero(LENGTHS)
    assert [width for _, width in sizes] == sorted(width for _, width in sizes)


def test_what_is_remembered_is_of_the_same_threshold(exit_model, monkeypatch):
    monkeypatch.setattr(window_memory, "_memories", {})
    texts = sentences()
    for fidelity in ("all", "none", None):
        remembered = logits(exit_model, fidelity, texts, remembered=100)
        assert all(alike(remembered, logits(exit_model, fidelity, texts)))


def test_a_word_is_judged_by_its_beginning_and_a_window_without_words_is_sure(exit_model):
    model = find_model(str(exit_model))
    encoder = Inference(model, False, 128, 32).encoder()
    begins = encoder.begins_word
    (pieces, _) = encoder.encode(["metformin"])

    assert begins[pieces].tolist() == [True] + [False] * (len(pieces) - 1)
    assert not begins[[encoder.cls, encoder.sep, encoder.pad]].any()
    runner = TwoGraphs(None, None, None, begins, 8)
    ids = np.array([[encoder.cls, encoder.sep, 0], [encoder.cls, pieces[0], encoder.sep]])
    flat = np.zeros((2, 3, 5), np.float32)
    sure = runner.confidence(ids, ids != 0, flat)
    assert sure.tolist() == pytest.approx([1, 0.2])


def test_a_sequence_classifier_leaves_by_its_own_scores(write_exits, tmp_path):
    folder = write_exits("bert_sequence_classifier_sentiment", tmp_path / "model", some=0.5)
    texts = sentences()
    head, whole = (logits(folder, name, texts) for name in ("all", None))
    sure = np.sort([np.exp(row).max() / np.exp(row).sum() for row in head])
    middle = float(sure[7] + sure[8]) / 2
    edited(folder, thresholds={"some": middle, "all": 0.0, "none": 1.0})
    some = logits(folder, "some", texts)
    left, stayed = alike(some, head), alike(some, whole)

    assert sum(left) == sum(stayed) == 8
    assert all(a or b for a, b in zip(left, stayed, strict=True))
    assert all(alike(logits(folder, "none", texts), whole))
    back = onnx.load(folder / BACK, load_external_data=False).graph
    assert "first_begin" in {tensor.name for tensor in back.initializer}  # [CLS] only, at the end


@pytest.fixture
def folder(exit_model, tmp_path):
    return shutil.copytree(exit_model, tmp_path / "model")


def edited(folder, **values):
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["exit"] |= values
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return find_model(str(folder))


@pytest.mark.parametrize("name", [FRONT, BACK])
def test_a_graph_that_is_missing_or_changed_is_told(folder, name):
    model = find_model(str(folder))
    with (folder / name).open("ab") as graph:
        graph.write(b"\0")
    for check in (verify, read_exit_part):
        with pytest.raises(ModelError, match=rf"{name} has SHA-256 .* was expected"):
            check(model)
    (folder / name).unlink()
    for check in (verify, read_exit_part):
        with pytest.raises(ModelError, match=rf"{name} is missing"):
            check(model)


@pytest.mark.parametrize(
    "values",
    [
        {"thresholds": {"some": 1.5}},
        {"thresholds": {"some": "high"}},
        {"thresholds": []},
        {"default": "other"},
        {"sha256": {"front": "0"}},
        {"layer": None},
        {"of": None},
    ],
    ids=str,
)
def test_a_part_that_is_not_as_expected_is_told(folder, values):
    with pytest.raises(ModelError, match=r"exit part of .* is not as expected.*accelerate"):
        read_exit_part(edited(folder, **values))


def test_a_part_of_other_weights_is_told(folder):
    with pytest.raises(ModelError, match=r"was made for weights 0000.*accelerate"):
        read_exit_part(edited(folder, of="0" * 64))


def test_graphs_that_are_not_front_and_back_are_told(folder):
    model = find_model(str(folder))
    part = read_exit_part(model)
    turned = replace(part.at("some"), front=part.back, back=part.front)
    files = [folder / name for name in (FRONT, BACK)]
    front, back = (file.read_bytes() for file in files)
    files[0].write_bytes(back)
    files[1].write_bytes(front)

    with pytest.raises(ModelError, match=r"exit part of .* does not fit its graphs"):
        early_exit.open_two_graphs(model, turned, "cpu", 1, np.ones(9, bool), 64)


def test_other_weights_of_the_folder_and_folders_without_a_part_have_no_exit(folder):
    shutil.copy(folder / "model.onnx", folder / "model.fp32.onnx")

    assert read_exit_part(in_precision(find_model(str(folder)), "fp32")) is None
    assert read_exit_part(find_model("bert_token_classifier_ner_jnlpba")) is None
