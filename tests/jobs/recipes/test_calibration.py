"""Temperatures: fitted, kept in a manifest, applied to scores and never to labels."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from annotators._runtime.inference import Inference
from annotators._runtime.model_folder import MANIFEST, PACKAGED, find_model, read_model
from annotators._runtime.token_classifier import ClassifyTokens
from annotators.core.decoding import activate
from annotators.core.documents import AssembleDocuments
from annotators.core.errors import ModelError
from annotators.core.plan import Step, run_plan
from annotators.core.tokens.kernel import Tokenize
from jobs._evaluation import calibration
from jobs._training.data import Example
from jobs.recipes import calibrate

NAME = "bert_token_classifier_ner_general"
COMMAND = typer.Typer()
COMMAND.command()(calibrate.main)
TEXTS = ["Angela Merkel met Sony in Paris .", "the new iphone is not out yet"]


def drawn(temperature, count=20_000, labels=4):
    """Logits of a model that is as sure as the truth, made surer by `temperature`."""
    draw = np.random.default_rng(5)
    honest = draw.normal(0, 1.5, (count, labels))
    scores = activate(honest.astype(np.float32), "softmax")
    true = (scores.cumsum(axis=1) < draw.random((count, 1))).sum(axis=1)
    return (honest * temperature).astype(np.float32), np.minimum(true, labels - 1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_scores_wrong_is_found(temperature):
    logits, true = drawn(temperature)

    found = calibration.fitted_temperature(logits, true)

    assert found == pytest.approx(temperature, rel=0.04)
    assert calibration.calibration_error(logits, true, found) < 0.01


def test_the_error_is_the_gap_between_score_and_accuracy():
    logits = np.log(np.array([[0.8, 0.2]] * 10, np.float32))

    half_right = calibration.calibration_error(logits, np.array([0, 1] * 5), 1.0)

    assert half_right == pytest.approx(0.3, abs=1e-6)
    assert calibration.calibration_error(logits, np.array([0] * 8 + [1] * 2), 1.0) < 1e-6
    assert calibration.calibration_error(logits[:0], np.array([], int), 1.0) == 0


def labelled(model):
    inference = Inference(model, case_sensitive=False, max_length=128, overlap=0)
    steps = [
        Step("DocumentAssembler", AssembleDocuments(), ("text",), "document"),
        Step("Tokenizer", Tokenize(), ("document",), "token"),
        Step("Bert", ClassifyTokens(inference), ("document", "token"), "ner"),
    ]
    return run_plan(steps, {"text": TEXTS}).columns["ner"]


def test_scores_are_divided_and_labels_stay():
    model = find_model(NAME)

    plain, warm = (labelled(replace(model, temperature=t)) for t in (1.0, 2.0))

    assert warm.result == plain.result
    assert "B-PER" in warm.result
    expected = activate(np.log(plain.scores), "softmax", 2.0)
    np.testing.assert_allclose(warm.scores, expected, atol=1e-5)
    assert warm.confidence().mean() < plain.confidence().mean()


def test_the_logits_that_are_fitted_know_no_temperature():
    tokens = tuple(TEXTS[0].split())
    examples = [
        Example(tokens, ("O",) * len(tokens), "a:1"),
        Example(("Paris",), ("B-LOC",), "a:2"),
    ]
    model = find_model(NAME)

    one, other = (
        calibration.token_logits(replace(model, temperature=t), examples) for t in (1.0, 4.0)
    )

    np.testing.assert_array_equal(one[0], other[0])
    assert one[1].tolist() == [0] * len(tokens) + [model.labels.index("B-LOC")]
    assert len(one[0]) == len(tokens) + 1
    assert one[0][-1].argmax() == model.labels.index("B-LOC")


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(PACKAGED / NAME, tmp_path / "model")


def told(folder, **entries):
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    manifest.pop("temperature", None)
    (folder / MANIFEST).write_text(json.dumps({**manifest, **entries}), "utf-8")


def test_a_manifest_without_a_temperature_is_as_before(folder):
    told(folder)

    assert read_model(folder, "m").temperature == 1


@pytest.mark.parametrize("value", [0, -1, "1.2", None, True, float("inf"), float("nan")])
def test_a_temperature_that_is_none_is_refused(folder, value):
    told(folder, temperature=value)

    with pytest.raises(ModelError, match=r"manifest\.json has temperature .* expected a number"):
        read_model(folder, "m")


def test_the_command_writes_manifest_and_card_once(folder, tmp_path):
    told(folder)
    devel = tmp_path / "devel.tsv"
    rows = ["Angela\tB-PER", "Merkel\tI-PER", "met\tO", "Sony\tB-LOC", "today\tB-LOC", ""]
    devel.write_text("\n".join(rows * 3), encoding="utf-8")
    before = json.loads((folder / MANIFEST).read_text("utf-8"))

    for _ in range(2):
        done = CliRunner().invoke(COMMAND, [str(folder), "--devel", str(devel)])
        assert done.exit_code == 0, done.output

    after = json.loads((folder / MANIFEST).read_text("utf-8"))
    assert after.pop("temperature") > 1  # two of five are wrong
    assert after == before
    card = (folder / "README.md").read_text("utf-8")
    assert card.count("## Calibration") == 1
    assert card.index("## Calibration") < card.index("## Training")
    assert "| devel | all | 15 |" in card


@pytest.mark.parametrize(
    ("model", "label", "message"),
    [
        ("bert_sequence_classifier_sentiment", "O", "is not a token classifier"),
        (NAME, "B-DRUG", "labels that the model lacks"),
    ],
)
def test_what_cannot_be_calibrated_is_refused(tmp_path, model, label, message):
    devel = tmp_path / "devel.tsv"
    devel.write_text(f"word\t{label}\n", encoding="utf-8")

    done = CliRunner().invoke(COMMAND, [str(PACKAGED / model), "--devel", str(devel)])

    assert done.exit_code == 3
    assert message in done.output
