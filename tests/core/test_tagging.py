"""Labels of a sentence: each token's best, or the likeliest sequence that IOB2 allows."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from annotators.core.tagging import ARGMAX, VITERBI, decoded, may_follow, tags

LABELS = ("O", "B-Disease", "I-Disease", "B-Drug", "I-Drug")
O, B, I, B_DRUG, I_DRUG = range(5)  # noqa: E741 (their names)
WHOLE = np.zeros(1, np.int64)

tables = st.integers(1, 5).flatmap(
    lambda tokens: arrays(
        np.float32, (tokens, len(LABELS)), elements=st.integers(-6, 6).map(lambda x: x / 2)
    )
)


def as_iob2(path):
    allowed = may_follow(LABELS)
    return all(allowed[a, b] for a, b in zip([len(LABELS), *path[:-1]], path, strict=True))


def total(logits, path):
    return float(logits[np.arange(len(path)), list(path)].astype(np.float64).sum())


@pytest.mark.parametrize(
    ("before", "label", "allowed"),
    [
        ("B-Disease", "I-Disease", True),
        ("I-Disease", "I-Disease", True),
        ("O", "I-Disease", False),
        ("B-Drug", "I-Disease", False),
        ("I-Drug", "I-Disease", False),
        ("I-Drug", "B-Disease", True),
        ("I-Drug", "O", True),
    ],
)
def test_what_may_follow_what(before, label, allowed):
    assert may_follow(LABELS)[LABELS.index(before), LABELS.index(label)] == allowed


def test_prefixes_are_read_as_nerconverter_reads_them():
    plain, other = (may_follow(("O", f"{b}X", f"{i}X")) for b, i in (("B-", "I-"), ("b_", "i-")))

    assert other.tolist() == plain.tolist()


def test_a_sentence_begins_with_no_inside():
    assert may_follow(LABELS)[-1].tolist() == [True, True, False, True, False]


@given(tables)
def test_it_is_the_best_of_all_sequences_that_are_allowed(logits):
    found = decoded(logits, WHOLE, LABELS, VITERBI).tolist()
    ways = [way for way in product(range(len(LABELS)), repeat=len(logits)) if as_iob2(way)]

    assert as_iob2(found)
    assert total(logits, found) == max(total(logits, way) for way in ways)


@given(tables)
def test_labels_that_make_sense_stay(logits):
    best = decoded(logits, WHOLE, LABELS, ARGMAX)
    assert best.tolist() == logits.argmax(axis=1).tolist()

    if as_iob2(best.tolist()):
        assert decoded(logits, WHOLE, LABELS, VITERBI).tolist() == best.tolist()


@given(st.lists(tables, min_size=1, max_size=5))
def test_a_sentence_does_not_depend_on_its_company(sentences):
    starts = np.cumsum([0, *(len(logits) for logits in sentences[:-1])])
    together = decoded(np.concatenate(sentences), starts, LABELS, VITERBI)
    alone = [decoded(logits, WHOLE, LABELS, VITERBI) for logits in sentences]

    assert together.tolist() == np.concatenate(alone).tolist()


def test_a_doubtful_beginning_is_taken_for_the_sure_inside_of_it():
    logits = np.zeros((3, len(LABELS)), np.float32)
    logits[0, [O, B]] = 2, 1.5
    logits[1, I] = 4
    logits[2, O] = 4

    assert tags(logits, LABELS, ARGMAX) == ["O", "I-Disease", "O"]
    assert decoded(logits, WHOLE, LABELS, VITERBI).tolist() == [B, I, O]


def test_the_beginning_says_the_type_unless_the_inside_is_surer():
    logits = np.zeros((2, len(LABELS)), np.float32)
    logits[0, [B, B_DRUG]] = 3, 2
    logits[1, [I, I_DRUG]] = 1, 1.5

    assert decoded(logits, WHOLE, LABELS, VITERBI).tolist() == [B, I]
    logits[1, I_DRUG] = 3
    assert decoded(logits, WHOLE, LABELS, VITERBI).tolist() == [B_DRUG, I_DRUG]


def test_no_tokens_have_no_labels():
    nothing = np.empty((0, len(LABELS)), np.float32)

    assert decoded(nothing, np.empty(0, np.int64), LABELS, VITERBI).tolist() == []
