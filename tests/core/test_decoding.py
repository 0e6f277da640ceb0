"""Scores are a softmax or sigmoids, and windows of a long document become one result."""

import numpy as np
import pytest

from annotators.core.decoding import activate, combine

WINDOWS = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.3, 0.7]], np.float32)
DOCUMENT = np.array([0, 0, 0, 1])


def test_softmax_rows_sum_to_one_even_for_huge_logits():
    scores = activate(np.array([[1000, 0], [-1000, -1000]], np.float32), "softmax")

    assert scores.tolist() == [[1, 0], [0.5, 0.5]]


def test_softmax_of_nothing_is_nothing():
    assert activate(np.empty((0, 3), np.float32), "softmax", 2.0).shape == (0, 3)
    assert activate(np.empty((0, 3), np.float32), "softmax").shape == (0, 3)


def test_sigmoid_looks_at_each_label_alone():
    assert activate(np.zeros((1, 2), np.float32), "sigmoid").tolist() == [[0.5, 0.5]]


@pytest.mark.parametrize(
    ("strategy", "first_document"),
    [("first", [0.9, 0.1]), ("max", [0.9, 0.1]), ("mean", [0.5, 0.5]), ("vote", [1 / 3, 2 / 3])],
)
def test_strategies(strategy, first_document):
    combined = combine(WINDOWS, DOCUMENT, 2, strategy)

    np.testing.assert_allclose(combined[0], first_document, rtol=1e-6)
    if strategy != "vote":
        np.testing.assert_allclose(combined[1], [0.3, 0.7], rtol=1e-6)
