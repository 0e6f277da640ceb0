"""Logits to scores, and scores of a long document's windows to one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

ACTIVATIONS = ("softmax", "sigmoid")
LONG_DOC_STRATEGIES = ("first", "max", "mean", "vote")


def activate(logits: Matrix, activation: str, temperature: float = 1.0) -> Matrix:
    """float32[N, labels] scores: each row's softmax, or each value's sigmoid.

    temperature: what logits are divided by first; the order of a row's scores stays.
    """
    if temperature != 1:
        logits = logits / np.float32(temperature)
    if activation == "sigmoid":
        return (1 / (1 + np.exp(-logits))).astype(np.float32)
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    scores: Matrix = (shifted / shifted.sum(axis=1, keepdims=True)).astype(np.float32)
    return scores


def combine(scores: Matrix, groups: NDArray[np.int64], count: int, strategy: str) -> Matrix:
    """One row of scores for each of `count` groups of windows.

    scores: float32[W, labels]; groups: int64[W] ascending, every group has at least one window.
    first: the first window's scores. mean: their mean. max: those of the window whose top score is
    the highest. vote: the share of windows that each label wins (scores still sum to 1).
    """
    starts = np.searchsorted(groups, np.arange(count))
    if len(scores) == count or strategy == "first":
        return scores[starts]
    if strategy == "max":
        return scores[_top_window(scores, starts)]
    summed = _votes(scores) if strategy == "vote" else scores
    sizes = np.diff(np.append(starts, len(scores)))
    return (np.add.reduceat(summed, starts, axis=0) / sizes[:, None]).astype(np.float32)


def _votes(scores: Matrix) -> Matrix:
    votes = np.zeros_like(scores)
    votes[np.arange(len(scores)), scores.argmax(axis=1)] = 1
    return votes


def _top_window(scores: Matrix, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The window of each group whose highest score is the highest (the first of equals)."""
    tops = scores.max(axis=1)
    ends = np.append(starts[1:], len(scores))
    return np.array(
        [start + int(tops[start:end].argmax()) for start, end in zip(starts, ends, strict=True)],
        np.int64,
    )
