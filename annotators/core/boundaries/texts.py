"""Several texts read as one: the classes of their characters, their words and their gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotators.core.boundaries.classes import BLANK, BREAK, EDGE, SPACE, Positions, class_table

BEFORE = 24
"""Characters seen before a candidate."""
_EDGES = "\uffff" * BEFORE


@dataclass(frozen=True)
class ReadTexts:
    """Several texts as one, BEFORE edge characters behind each, so that no window sees two of them.

    text: the joined text; text_begin, text_end: int64[T] where each text lies in it.
    classes: uint8[characters]; words: positions of all that is neither white space nor edge.
    run_begin, run_end, run_kind: the runs of white space, half-open, and the gap that they make.
    breaks: positions of line breaks, CRLF counted once, at its line feed.
    """

    text: str
    text_begin: Positions
    text_end: Positions
    classes: NDArray[np.uint8]
    words: Positions
    run_begin: Positions
    run_end: Positions
    run_kind: NDArray[np.uint8]
    breaks: Positions

    def gap(self, at: Positions) -> tuple[NDArray[np.uint8], Positions]:
        """Tell the gap (or text, 0) that follows each position, and its length."""
        kind, length = np.zeros(len(at), np.uint8), np.zeros(len(at), np.int64)
        if len(self.run_begin):
            run = np.minimum(np.searchsorted(self.run_begin, at), len(self.run_begin) - 1)
            starts = self.run_begin[run] == at
            run = run[starts]
            kind[starts] = self.run_kind[run]
            length[starts] = self.run_end[run] - self.run_begin[run]
        return kind, length


def read_texts(texts: Sequence[str]) -> ReadTexts:
    """Read texts together; what is found in one does not depend on the others."""
    lengths = np.array([len(text) for text in texts], np.int64)
    end = np.cumsum(lengths + BEFORE) - BEFORE
    begin = end - lengths
    joined = "".join(part for text in texts for part in (text, _EDGES))
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
    classes = class_table()[np.minimum(codes, 0xFFFF)]
    returns = np.flatnonzero(codes == 13)
    classes[returns[codes[returns + 1] == 10]] = SPACE
    classes[(end[:, None] + np.arange(BEFORE)).ravel()] = EDGE
    white = classes <= BLANK
    turns = np.flatnonzero(white[1:] != white[:-1]) + 1  # the last character is an edge
    if len(classes) and white[0]:
        turns = np.concatenate(([0], turns))
    run_begin, run_end = turns[::2], turns[1::2]
    breaks = np.flatnonzero((classes == BREAK) | (classes == BLANK))
    pages = np.flatnonzero(classes == BLANK)
    lines = count_within(breaks, run_begin, run_end) + 2 * count_within(pages, run_begin, run_end)
    kind = np.minimum(lines + 1, BLANK).astype(np.uint8)
    words = np.flatnonzero(~white & (classes < EDGE))
    return ReadTexts(joined, begin, end, classes, words, run_begin, run_end, kind, breaks)


def count_within(marks: Positions, begin: Positions, end: Positions) -> Positions:
    """int64[L]: how many of the ascending `marks` lie in each half-open range."""
    return np.searchsorted(marks, end) - np.searchsorted(marks, begin)
