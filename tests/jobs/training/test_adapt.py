"""Continued pretraining: what is masked, that the loss falls, that training goes on from it."""

import json
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs._training.data import IGNORED
from tests.jobs.small_bert import DRUGS, FILLERS, QUICK, TRAINING, ran, run, write_texts

masking = pytest.importorskip(
    "jobs._training.masking", reason="needs the extra [train]", exc_type=ImportError
)

pytestmark = TRAINING

MASK, VOCABULARY = 4, 100


@pytest.fixture
def tokenizer(base):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(base)


def words_of_pieces(sizes):
    """Numbers of the words of pieces, for words of so many pieces each."""
    return [word for word, size in enumerate(sizes) for _ in range(size)]


@given(
    st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=30), min_size=1, max_size=5),
    st.integers(0, 2**32 - 1),
)
def test_words_are_guessed_whole_and_nothing_else_changes(rows, seed):
    words = [words_of_pieces(sizes) for sizes in rows]
    batch = [masking.Block((2, *range(10, 10 + len(w)), 3), (-1, *w, -1)) for w in words]
    found = masking.masked(batch, MASK, VOCABULARY, np.random.default_rng(seed))

    for row, block in enumerate(batch):
        seen, labels = (found[name][row].numpy() for name in ("input_ids", "labels"))
        ids, of_words = np.array(block.input_ids), np.array(block.words)
        hit = labels != IGNORED
        assert hit.any()
        assert (labels[hit] == np.pad(ids, (0, len(labels) - len(ids)))[hit]).all()
        assert (seen[: len(ids)][~hit[: len(ids)]] == ids[~hit[: len(ids)]]).all()
        assert not seen[len(ids) :].any()
        assert not found["attention_mask"][row, len(ids) :].any()
        assert not hit[: len(ids)][of_words < 0].any()
        for word in set(of_words[of_words >= 0]):
            assert len(set(hit[: len(ids)][of_words == word])) == 1


def test_shares_are_those_said():
    size = 50_000
    block = masking.Block((2, *[10] * size, 3), (-1, *range(size), -1))
    found = masking.masked([block], MASK, VOCABULARY, np.random.default_rng(1))
    hit = found["labels"][0].numpy() != IGNORED
    seen = found["input_ids"][0].numpy()[hit]

    assert hit.mean() == pytest.approx(masking.SHARE, abs=0.01)
    assert (seen == MASK).mean() == pytest.approx(masking.SEEN_AS_MASK, abs=0.02)
    assert (seen == 10).mean() == pytest.approx(0.1, abs=0.02)


def test_blocks_hold_every_piece_of_a_text_but_a_short_end(tokenizer):
    text = " ".join(random.Random(3).choices(FILLERS, k=100))
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    found = masking.blocks([text, "", "the patient"], tokenizer, 34)

    assert [len(block.input_ids) for block in found] == [34, 34, 34]
    assert [i for block in found for i in block.input_ids[1:-1]] == ids[:96]
    assert all(len(block.words) == len(block.input_ids) for block in found)


def test_the_loss_falls_and_training_starts_from_the_result(base, tmp_path):
    draw = random.Random(5)
    frames = ["patient takes {} for gout , stop {} today", "the patient denies {} . fine and well"]
    texts = [" . ".join(draw.choice(frames).format(*draw.choices(DRUGS, k=2)) for _ in range(4))
             for _ in range(200)]  # fmt: skip
    notes = tmp_path / "notes.jsonl"
    notes.write_text("".join(json.dumps({"note": text}) + "\n" for text in texts), "utf-8")
    options = ["--texts", notes, "--text-field", "note", "--learning-rate", 5e-3, "--threads", 1]
    options += ["--batch-size", 8, "--dropout", 0]

    losses = []
    for epochs in (4, 24):
        ran("adapt", base, tmp_path / f"of{epochs}", *options, "--epochs", epochs)
        said = json.loads((tmp_path / f"of{epochs}/hf/adapted.json").read_text("utf-8"))
        assert (said["blocks"], said["epochs_done"]) == (200, epochs)
        losses.append(said["loss"])
    assert losses[1] < losses[0] / 2

    labelled = write_texts(tmp_path / "labelled.jsonl", 30, seed=1)
    ran("train", tmp_path / "of24/hf", tmp_path / "trained", "--train", labelled,
        "--task", "sequence-classification", *QUICK)  # fmt: skip
    assert (tmp_path / "trained/hf/model.safetensors").is_file()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('{"text": "a"}\n{"body": "b"}\n', r"notes.jsonl: line 2: field 'text' expected"),
        ('{"text": "a"}\nsecret\n', r"notes.jsonl: line 2: this is not a JSON object"),
        ('{"text": "fine"}\n', "fewer wordpieces than one block needs"),
    ],
)
def test_texts_that_cannot_be_used_are_told(rows, message, base, tmp_path):
    notes = tmp_path / "notes.jsonl"
    notes.write_text(rows, "utf-8")
    result = run("adapt", base, tmp_path / "out", "--texts", notes)

    assert result.exit_code == 3
    assert message in result.output
    assert "secret" not in result.output
