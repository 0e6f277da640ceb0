"""Hugging Face folders that cannot be exported are refused in a line; half precision is widened."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("transformers", reason="needs the extra [train]")

from annotators._export.hub import trainable_folder
from annotators._export.hugging_face import open_hugging_face
from annotators.core.errors import ModelError

pytestmark = pytest.mark.train

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghij", "pain", "takes"]


@pytest.fixture
def folder(tmp_path):
    """A small token classifier with a wordpiece tokenizer, as save_pretrained lays it."""
    return write(tmp_path / "model")


def write(path, dtype="float32"):
    import torch
    from tokenizers.implementations import BertWordPieceTokenizer
    from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast

    vocabulary = {piece: i for i, piece in enumerate(PIECES)}
    tokenizer = BertWordPieceTokenizer(vocabulary, lowercase=True)._tokenizer
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]"
    ).save_pretrained(path)
    config = BertConfig(
        vocab_size=len(PIECES), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64,
        id2label={0: "O", 1: "B-Drug", 2: "I-Drug"},
    )  # fmt: skip
    BertForTokenClassification(config).to(getattr(torch, dtype)).save_pretrained(path)
    return path


def configure(folder, **entries):
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, **entries}), "utf-8")


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_weights_of_half_precision_are_widened(tmp_path, dtype):
    import torch

    source = open_hugging_face(write(tmp_path / "model", dtype))

    assert source.labels == ("O", "B-Drug", "I-Drug")
    assert {weights.dtype for weights in source.model.parameters()} == {torch.float32}


def test_a_folder_without_a_tokenizer_is_refused(folder):
    """transformers makes one up then, with a vocabulary of five special tokens."""
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()

    with pytest.raises(ModelError, match=r"model has no tokenizer, expected one of"):
        open_hugging_face(folder)


@pytest.mark.parametrize("labels", [{"0": "O"}, {str(i): f"L{i}" for i in range(9)}])
def test_fewer_or_more_labels_than_the_classifier_has_are_refused(folder, labels):
    configure(folder, id2label=labels, label2id={})

    with pytest.raises(ModelError, match=r"id2label"):
        open_hugging_face(folder)


def test_labels_with_gaps_between_their_ids_are_refused(folder):
    configure(folder, id2label={"0": "O", "1": "B-Drug", "5": "I-Drug"}, label2id={})

    with pytest.raises(ModelError, match=r"labels for the ids 0, 1, 5, expected one for each"):
        open_hugging_face(folder)


@pytest.mark.parametrize("kind", ["distilbert", "roberta", None])
def test_other_networks_are_refused_before_training(folder, kind):
    configure(folder, model_type=kind)

    with pytest.raises(ModelError, match=f"model_type {kind}, expected bert"):
        trainable_folder(str(folder))
    configure(folder, model_type="bert")
    assert trainable_folder(str(folder)) == folder
    configure(folder, model_type="mpnet")  # a teacher
    assert trainable_folder(str(folder)) == folder
