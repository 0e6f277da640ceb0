"""Tokens find their sentence by their spans, within their own row."""

import numpy as np

from annotators.core.annotations import Annotations, row_offsets
from annotators.core.containment import containing


def spans(rows, numbers=None):
    flat = [span for row in rows for span in row]
    return Annotations(
        row_offsets([len(row) for row in rows]),
        np.array([b for b, _ in flat], np.int32),
        np.array([e for _, e in flat], np.int32),
        [""] * len(flat),
        {"sentence": np.array(numbers or [0] * len(flat), np.int32)},
    )


def test_tokens_belong_to_the_sentence_around_them():
    sentences = spans([[(0, 5), (6, 12)], [(0, 4)]])
    tokens = spans([[(0, 2), (6, 8), (10, 12)], [(1, 4)]])

    assert containing(sentences, tokens).tolist() == [0, 1, 1, 2]


def test_tokens_outside_or_across_belong_to_none():
    assert containing(spans([[(2, 5)]]), spans([[(0, 1), (4, 7), (9, 10)]])).tolist() == [
        -1,
        -1,
        -1,
    ]


def test_rows_without_sentences_hold_no_tokens():
    assert containing(spans([[], [(0, 9)]]), spans([[(0, 1)], []])).tolist() == [-1]
    assert containing(spans([[]]), spans([[(0, 1)]])).tolist() == [-1]


def test_documents_that_overlap_are_told_apart_by_their_number():
    documents = spans([[(0, 9), (0, 4)]], numbers=[0, 1])
    tokens = spans([[(0, 2), (0, 2)]], numbers=[0, 1])

    assert containing(documents, tokens).tolist() == [0, 1]
