"""A small random BERT and texts for it, and how the tests of training call the commands."""

import json
import random
from importlib.util import find_spec

import pytest
from typer.testing import CliRunner

_MISSING = [name for name in ("torch", "transformers") if find_spec(name) is None]
TRAINING = [
    pytest.mark.train,
    # What the libraries of training warn of is their affair.
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(bool(_MISSING), reason="needs the extra [train]"),
]
"""The marks of tests that train."""

DRUGS = ["aspirin", "metformin", "insulin", "codeine"]
ILLNESSES = ["asthma", "gout", "renal failure", "angina"]
FRAMES = ["patient takes {drug} for {illness} .", "no {illness} , stop {drug} today"]
FILLERS = [
    "patient",
    "takes",
    "for",
    ".",
    "no",
    ",",
    "stop",
    "today",
    "the",
    "denies",
    "fine",
    "well",
]
QUICK = ["--epochs", 12, "--learning-rate", 5e-3, "--batch-size", 4, "--dropout", 0, "--threads", 1]


def run(*arguments):
    from jobs.cli import app

    return CliRunner().invoke(app, list(map(str, arguments)))


def ran(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def save_tokenizer_of(folder, pieces):
    """Write an uncased wordpiece tokenizer into a Hugging Face folder; how many pieces it has."""
    from tokenizers.implementations import BertWordPieceTokenizer
    from transformers import PreTrainedTokenizerFast

    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    names = {f"{n}_token": f"[{n.upper()}]" for n in ("pad", "unk", "cls", "sep", "mask")}
    PreTrainedTokenizerFast(
        tokenizer_object=BertWordPieceTokenizer(vocabulary, lowercase=True)._tokenizer, **names
    ).save_pretrained(folder)
    return len(vocabulary)


def write_bert(folder, save_tokenizer):
    """A Hugging Face folder with a small random BERT and an uncased wordpiece tokenizer."""
    import torch
    from transformers import BertConfig, BertModel

    words = sorted({*FILLERS, *DRUGS, *(w for i in ILLNESSES for w in i.split())} - {"metformin"})
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, "met", "##formin", *letters]
    pieces += [f"##{letter}" for letter in letters]
    size = save_tokenizer(folder, pieces)
    torch.manual_seed(11)
    config = BertConfig(
        vocab_size=size, hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=128,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return folder


def write_texts(path, count, seed):
    draw = random.Random(seed)
    rows = []
    for _ in range(count):
        label = draw.choice(["good", "bad"])
        words = draw.choices(["well", "fine"] if label == "good" else DRUGS, k=3)
        rows.append({"text": " ".join(["the patient", *words]), "label": label})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
