"""What a model folder says of its labels and its vocabulary is checked when it is opened."""

from __future__ import annotations

import json
import shutil
import warnings

import pytest

from annotators import BertForSequenceClassification, BertForTokenClassification
from annotators._runtime.model_folder import find_model
from annotators._runtime.wordpieces import open_encoder
from annotators.core.errors import ModelError
from annotators.core.labels import are_placeholders, checked_labels, is_uncased
from tests.conftest import TOKEN_LABELS, WORDPIECES


@pytest.fixture
def folder(token_model, tmp_path):
    return shutil.copytree(token_model, tmp_path / "model")


@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", ""])
def test_marks_and_line_ends_are_no_part_of_a_label(folder, mark, end):
    text = mark + (end or "\n").join(TOKEN_LABELS) + end
    (folder / "assets/labels.txt").write_bytes(text.encode())

    assert find_model(str(folder)).labels == tuple(TOKEN_LABELS)


@pytest.mark.parametrize("text", [b"O\nB-Sj\xf6gren\n", b"\xff\xfeO\x00\n\x00"])
def test_labels_that_are_not_utf8_are_told_with_the_file(folder, text):
    (folder / "assets/labels.txt").write_bytes(text)

    with pytest.raises(ModelError, match=r"labels\.txt is not UTF-8"):
        find_model(str(folder))


@pytest.mark.parametrize("labels", [["O", "O", "B-X"], ["O", "B-X", " B-X "]])
def test_a_label_that_is_there_twice_is_told_with_both_ids(folder, labels):
    (folder / "assets/labels.txt").write_text("\n".join(labels))

    with pytest.raises(ModelError, match=r"lists the label '.*' twice, as \d and \d"):
        find_model(str(folder))


@pytest.mark.parametrize("labels", [["O", "O"], ["O", None], ["O", 3], ["O", " "]])
def test_the_labels_of_a_manifest_are_checked_too(folder, labels):
    facts = {"format": 1, "task": None, "precision": "fp32", "labels": labels}
    (folder / "manifest.json").write_text(json.dumps({**facts, "files": {"model.onnx": "0"}}))

    with pytest.raises(ModelError, match=r"manifest\.json"):
        find_model(str(folder))


def test_labels_that_nobody_named_are_warned_of(folder, sequence_model):
    (folder / "assets/labels.txt").write_text("\n".join(f"LABEL_{i}" for i in range(5)))

    with pytest.warns(UserWarning, match="placeholders for labels"):
        BertForTokenClassification.loadSavedModel(str(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        BertForSequenceClassification.loadSavedModel(str(sequence_model))


def test_placeholders_are_so_many_numbers():
    assert are_placeholders(["LABEL_0", "LABEL_12"])
    assert not are_placeholders(["LABEL_0", "O"])
    assert not are_placeholders(["LABEL_X"])
    assert not are_placeholders([])
    assert checked_labels(["LABEL_0"], "a file") == ("LABEL_0",)


@pytest.mark.parametrize(
    ("pieces", "uncased"),
    [
        (["[UNK]", "[CLS]", "pain", "##s"], True),
        (["[UNK]", "pain", "Pain"], False),
        (["[UNK]", "pain", "É"], False),
        (["[UNK]", "1", "."], False),
        (["[UNK]", "疼痛", "pain", ""], True),
    ],
)
def test_a_vocabulary_tells_whether_it_is_uncased(pieces, uncased):
    assert is_uncased(pieces) is uncased


def test_words_are_lower_cased_for_a_vocabulary_without_capitals(folder):
    """Spark NLP keeps the case unless it is told otherwise: capitals are [UNK]."""
    bert = BertForTokenClassification.loadSavedModel(str(folder))
    encoder = open_encoder(find_model(str(folder)), bert.getCaseSensitive())

    assert bert.getCaseSensitive() is False
    assert encoder.encode(["Aspirin"])[0].tolist() == [WORDPIECES.index("aspirin")]
    assert bert.setCaseSensitive(True).getCaseSensitive() is True


def test_case_is_kept_for_a_vocabulary_with_capitals(folder):
    pieces = [piece.replace("aspirin", "Aspirin") for piece in WORDPIECES]
    (folder / "assets/vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")

    assert BertForTokenClassification.loadSavedModel(str(folder)).getCaseSensitive() is True


@pytest.mark.parametrize("pieces", [WORDPIECES[:-1], [*WORDPIECES, "more"], WORDPIECES[:40]])
def test_a_vocabulary_of_another_size_is_told_with_both_sizes(folder, pieces):
    (folder / "assets/vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    told = f"has {len(pieces)} wordpieces, and model.onnx was made for {len(WORDPIECES)}"

    with pytest.raises(ModelError, match=told):
        open_encoder(find_model(str(folder)), False)
