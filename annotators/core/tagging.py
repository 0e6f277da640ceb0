"""Logits of a sentence's tokens to labels: each token's best, or the best sequence there can be.

A tagger scores each token by itself, so that `I-Disease` may win where no disease began: under IOB2
that is no entity at all. `viterbi` takes the likeliest of the sequences that IOB2 allows (Viterbi
1967; the rule is the one that every CRF tagger decodes by, without learnt transitions). A sentence
whose best labels are such a sequence keeps them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotators.core.chunks.rules import parted

ARGMAX, VITERBI = "argmax", "viterbi"
DECODINGS = (ARGMAX, VITERBI)

Ids = NDArray[np.int64]
Logits = NDArray[np.float32]
Mask = NDArray[np.bool_]


def decoded(logits: Logits, starts: Ids, labels: Sequence[str], decoding: str) -> Ids:
    """int64[N]: the label of each token.

    logits: float32[N, labels]. starts: int64[S], ascending from 0, each sentence's first token.
    decoding: argmax, or viterbi for labels in IOB2.
    """
    best: Ids = logits.argmax(axis=1)
    if decoding == ARGMAX or not len(best):
        return best
    allowed = may_follow(tuple(labels))
    before = np.roll(best, 1)
    before[starts] = len(labels)
    wrong = np.flatnonzero(~allowed[before, best])
    for number in np.unique(np.searchsorted(starts, wrong, side="right") - 1).tolist():
        stop = starts[number + 1] if number + 1 < len(starts) else len(best)
        part = slice(int(starts[number]), int(stop))
        best[part] = _likeliest(logits[part].astype(np.float64), allowed)
    return best


def tags(logits: Logits, labels: Sequence[str], decoding: str) -> list[str]:
    """The labels of one sentence's tokens, by name."""
    best = decoded(logits, np.zeros(1, np.int64), labels, decoding)
    return [labels[i] for i in best.tolist()]


@lru_cache(maxsize=64)
def may_follow(labels: tuple[str, ...]) -> Mask:
    """bool[labels + 1, labels]: whether a label may follow another; the last row: begin a sentence.

    `I-X` follows `B-X` or `I-X`; all else may stand anywhere. Case does not matter in prefixes, nor
    whether they end in `-` or `_`, as in NerConverter.
    """
    pairs = [parted(label) for label in labels]
    allowed = np.ones((len(labels) + 1, len(labels)), np.bool_)
    for column, pair in enumerate(pairs):
        if pair and pair[0] == "I":
            opened = [before in (pair, ("B", pair[1])) for before in pairs]
            allowed[:, column] = [*opened, False]
    return allowed


def _likeliest(logits: NDArray[np.float64], allowed: Mask) -> Ids:
    """int64[T]: the allowed sequence with the greatest sum of logits.

    A row's logits are its log probabilities but for a constant, which changes no comparison.
    """
    cost = np.where(allowed, 0.0, -np.inf)
    came_from = np.zeros(logits.shape, np.int64)
    total = logits[0] + cost[-1]
    for step in range(1, len(logits)):
        ways = total[:, None] + cost[:-1]
        came_from[step] = ways.argmax(axis=0)
        total = ways.max(axis=0) + logits[step]
    path = np.empty(len(logits), np.int64)
    path[-1] = total.argmax()
    for step in range(len(logits) - 1, 0, -1):
        path[step - 1] = came_from[step, path[step]]
    return path
