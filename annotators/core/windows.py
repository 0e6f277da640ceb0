"""Windows over long sequences of wordpieces: nothing is cut, and every token has one home.

A sequence that fits the model is one window. A longer one is covered by windows of `size` pieces
that start `stride` pieces apart; a piece is read from the window in which it lies most centrally,
so that it has as much context on both sides as any window can give it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Windows:
    """All windows of a batch of sequences, over one flat array of wordpieces.

    sequence: int64[W], the sequence that a window belongs to, ascending.
    start, stop: int64[W], the window's half-open range in the flat array of pieces.
    """

    sequence: Positions
    start: Positions
    stop: Positions

    def __len__(self) -> int:
        return len(self.start)


def cover(offsets: Positions, size: int, stride: int) -> Windows:
    """Cover S sequences, given as int64[S + 1] offsets into their pieces, with windows.

    size: pieces a window may hold (without [CLS] and [SEP]); stride: 1 <= stride <= size.
    A sequence of p > size pieces gets ceil((p - size) / stride) + 1 windows; the last one is moved
    left so that it is full. An empty sequence still has one (empty) window.
    """
    if not 1 <= stride <= size:
        raise ValueError(f"stride must lie in 1..{size} (the window's size), found {stride}")
    begins, lengths = offsets[:-1], np.diff(offsets)
    counts = 1 + np.maximum(0, -(-(lengths - size) // stride))
    sequence = np.repeat(np.arange(len(lengths)), counts)
    nth = np.arange(len(sequence)) - np.repeat(np.cumsum(counts) - counts, counts)
    latest = np.maximum(0, lengths - size)[sequence]
    start = begins[sequence] + np.minimum(nth * stride, latest)
    return Windows(sequence, start, np.minimum(start + size, offsets[1:][sequence]))


def home_window(windows: Windows, sequence: Positions, piece: Positions) -> Positions:
    """int64[N]: the window in which each piece lies most centrally (the first of equals).

    sequence, piece: int64[N], each piece's sequence and its place in the flat array.
    """
    first = np.searchsorted(windows.sequence, sequence, side="left")
    last = np.searchsorted(windows.sequence, sequence, side="right") - 1
    best: Positions = first.copy()
    margin = _margin(windows, best, piece)
    for step in range(1, int((last - first).max(initial=0)) + 1):
        candidate = np.minimum(first + step, last)
        reach = _margin(windows, candidate, piece)
        better = reach > margin
        best[better], margin[better] = candidate[better], reach[better]
    return best


def _margin(windows: Windows, window: Positions, piece: Positions) -> Positions:
    """Pieces between `piece` and the nearer edge of the window; negative when it lies outside."""
    margin: Positions = np.minimum(piece - windows.start[window], windows.stop[window] - 1 - piece)
    return margin
