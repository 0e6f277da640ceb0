"""The models in the package are whole, carded, and give a text the same scores in any company."""

from dataclasses import replace

import numpy as np
import pytest

from annotators._runtime.early_exit import read_exit_part
from annotators._runtime.inference import Inference
from annotators._runtime.model_folder import PACKAGED, read_model, verify
from annotators._runtime.token_classifier import ClassifyTokens
from annotators.core.documents import AssembleDocuments
from annotators.core.plan import Step, run_plan
from annotators.core.tokens.kernel import Tokenize

MODELS = [read_model(path, path.name) for path in sorted(PACKAGED.iterdir()) if path.is_dir()]
TAGGERS = [model for model in MODELS if model.task == "token-classification"]
LARGEST = 25_000_000
CARD = ("data", "licence", "python -m jobs.", "seed", "limits", "intended use")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.reference)
def test_every_file_has_its_checksum(model):
    verify(model)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.reference)
def test_a_model_is_small_and_carded(model):
    card = (model.path / "README.md").read_text(encoding="utf-8").lower()

    assert model.size < LARGEST
    assert [word for word in CARD if word not in card] == []
    assert model.metrics


@pytest.mark.parametrize("model", TAGGERS, ids=lambda model: model.reference)
def test_a_sentence_scores_the_same_alone_and_in_a_batch(model, sample_notes):
    lines = [line for note in sample_notes[:2] for line in note["text"].split("\n") if line][:40]
    inference = Inference(model, case_sensitive=not model.lowercase, max_length=128, overlap=32)

    together = scores(inference, lines)
    alone = np.concatenate([scores(inference, [line]) for line in lines])

    np.testing.assert_allclose(alone, together, atol=1e-4)


EXITS = [model for model in TAGGERS if read_exit_part(model)]


@pytest.mark.parametrize("model", EXITS, ids=lambda model: model.reference)
def test_a_sentence_that_may_leave_early_scores_the_same_in_any_company(model, sample_notes):
    lines = [line for note in sample_notes[:2] for line in note["text"].split("\n") if line][:40]
    part = read_exit_part(model)
    whole = Inference(model, case_sensitive=not model.lowercase, max_length=128, overlap=32)
    exits = replace(whole, exits=part.at(part.default))
    together, wanted = scores(exits, lines), scores(whole, lines)

    alone = np.concatenate([scores(exits, [line]) for line in lines])
    np.testing.assert_allclose(alone, together, atol=1e-4)
    assert not np.array_equal(together, wanted)
    assert (together.argmax(axis=1) == wanted.argmax(axis=1)).mean() > 0.995


def scores(inference, texts):
    steps = [
        Step("DocumentAssembler", AssembleDocuments(), ("text",), "document"),
        Step("Tokenizer", Tokenize(), ("document",), "token"),
        Step("Bert", ClassifyTokens(inference), ("document", "token"), "ner"),
    ]
    return run_plan(steps, {"text": texts}).columns["ner"].scores
