"""Batches of windows for inference: each distinct one once, alike in length, of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]


def distinct(sequences: Sequence[bytes]) -> tuple[Positions, Positions]:
    """Which sequences are first of their kind, and for each sequence the place of its like there.

    Returns (firsts int64[U], inverse int64[N]) with sequences[firsts[inverse[i]]] == sequences[i].
    """
    seen: dict[bytes, int] = {}
    firsts: list[int] = []
    inverse = np.empty(len(sequences), np.int64)
    for i, sequence in enumerate(sequences):
        place = seen.setdefault(sequence, len(firsts))
        if place == len(firsts):
            firsts.append(i)
        inverse[i] = place
    return np.array(firsts, np.int64), inverse


def ranges(starts: Positions, stops: Positions) -> Positions:
    """The numbers of all half-open ranges, one range after the other: int64[sum of lengths]."""
    lengths = stops - starts
    before = np.cumsum(lengths) - lengths
    numbers: Positions = np.arange(lengths.sum()) + np.repeat(starts - before, lengths)
    return numbers


def by_length(lengths: Positions, budget: int) -> Iterator[Positions]:
    """Yield batches of indices, sorted by length, of at most `budget` padded wordpieces each.

    lengths: int64[N], wordpieces of each sequence with its special ones. A sequence longer than the
    budget is a batch of its own. Order within equal lengths is the order given.
    """
    order = np.argsort(lengths, kind="stable")
    ordered = lengths[order]
    first = 0
    while first < len(order):
        last = _batch_end(ordered, first, budget)
        yield order[first:last]
        first = last


def _batch_end(ordered: Positions, first: int, budget: int) -> int:
    """The end of the longest batch from `first` on: (end - first) * ordered[end - 1] <= budget."""
    most = first + max(1, budget // max(1, int(ordered[first])))
    widths = ordered[first:most]
    fits = (np.arange(1, len(widths) + 1) * widths) <= budget
    return first + max(1, int(np.count_nonzero(fits)))
