"""Tokens find their sentence by their spans, within their own row."""

import numpy as np

from annotators.core.annotations import Annotations, row_offsets
from annotators.core.containment import containing, matching


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


def test_documents_that_overlap_in_one_row_leave_the_other_rows_as_they_are():
    documents = spans([[(0, 9)], [(0, 9), (0, 4)]], numbers=[3, 0, 1])
    tokens = spans([[(0, 2), (10, 12)], [(0, 2), (0, 2)]], numbers=[-1, 3, 1, 0])

    assert containing(documents, tokens).tolist() == [0, -1, 2, 1]


def test_labels_are_matched_by_where_they_begin():
    tokens = spans([[(0, 2), (3, 5)], [(0, 4)]])
    labels = spans([[(3, 5)], [(0, 4), (7, 9)]], numbers=[5, 6, 7])

    assert matching(tokens, labels).tolist() == [-1, 0, 1]


def test_labels_that_begin_alike_are_matched_within_their_document():
    tokens = spans([[(0, 2), (3, 5), (0, 4), (3, 7)], [(0, 1)]], numbers=[0, 0, 1, 1, 0])
    labels = spans([[(0, 4), (3, 7), (0, 2), (3, 5)], [(0, 1)]], numbers=[1, 1, 0, 0, 9])

    assert matching(tokens, labels).tolist() == [2, 3, 0, 1, 4]


def test_a_token_without_a_label_does_not_take_that_of_another_document():
    tokens = spans([[(0, 2), (0, 4)]], numbers=[0, 1])

    assert matching(tokens, spans([[(0, 2)]], numbers=[0])).tolist() == [0, -1]
    assert matching(tokens, spans([[(0, 4)]], numbers=[1])).tolist() == [-1, 0]
    assert matching(tokens, spans([[]])).tolist() == [-1, -1]
