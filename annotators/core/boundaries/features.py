"""What the scorer sees of a candidate: the characters around it, and facts about its lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotators.core.boundaries.classes import (
    BLANK,
    BREAK,
    EDGE,
    PAD,
    SPACE,
    Positions,
    among,
    lower_case,
    upper_case,
)
from annotators.core.boundaries.lines import line_structure
from annotators.core.boundaries.texts import BEFORE, ReadTexts, count_within

Features = NDArray[np.uint8]
AFTER = 20
"""Characters seen after a candidate."""
STRUCTURE = 19
"""Columns behind the characters, each a bucket of 0 to 15; `_structure` says what they hold."""
WIDTH = BEFORE + AFTER + STRUCTURE
LINE_COLUMN = 4
"""The first of the columns that only candidates at line breaks have."""
BUCKETS = 16
_WIDE = 4  # a gap of two blanks or more, as typists put behind a sentence


def find_features(read: ReadTexts, at: Positions) -> Features:
    """uint8[N, WIDTH]: what the scorer sees of the candidates `at`."""
    found = np.zeros((len(at), WIDTH), np.uint8)
    if len(at):
        found[:, : BEFORE + AFTER] = _context(read, at)
        found[:, BEFORE + AFTER :] = np.minimum(_structure(read, at), BUCKETS - 1)
    return found


def _context(read: ReadTexts, at: Positions) -> Features:
    """uint8[N, BEFORE + AFTER]: classes around each candidate, a run of white space being one."""
    shown = np.where(read.classes == EDGE, PAD, read.classes)
    shown[read.run_begin] = read.run_kind
    keep = read.classes > BLANK
    keep[read.run_begin] = True
    kept = np.flatnonzero(keep)
    stream = np.zeros(BEFORE + len(kept), np.uint8)
    stream[BEFORE:] = shown[kept]
    windows = np.lib.stride_tricks.sliding_window_view(stream, BEFORE + AFTER)
    return windows[np.searchsorted(kept, at)]


def _structure(read: ReadTexts, at: Positions) -> NDArray[np.int64]:
    """int64[N, STRUCTURE]: brackets, quotes, case, and at line breaks the lines on both sides."""
    out = np.zeros((len(at), STRUCTURE), np.int64)
    kind, length = read.gap(at)
    out[:, 0] = np.where((kind == SPACE) & (length > 1), _WIDE, kind)
    starts = np.union1d(read.text_begin, read.run_end[read.run_kind == BLANK])
    paragraph = starts[np.searchsorted(starts, at, side="right") - 1]
    out[:, 1] = np.clip(_open(read.classes, "([{", ")]}", paragraph, at), 0, 3)
    straight = np.flatnonzero(among('"')[read.classes])
    quotes = np.searchsorted(straight, at) - np.searchsorted(straight, paragraph)
    curly = np.clip(_open(read.classes, "“", "”", paragraph, at), 0, 1)
    out[:, 2] = quotes % 2 + 2 * curly
    out[:, 3] = _capitals(read)[np.searchsorted(read.text_begin, at, side="right") - 1]
    breaking = np.flatnonzero(out[:, 0] == BREAK)
    if len(breaking):
        out[breaking, LINE_COLUMN:] = line_structure(read, at[breaking])
    return out


def _capitals(read: ReadTexts) -> Positions:
    """int64[T]: whether a text has capitals: 0 hardly one, 1 some, as usual, 2 little else.

    Where all is in one case, a capital behind a stop, or none, says nothing.
    """
    capitals = count_within(
        np.flatnonzero(upper_case()[read.classes]), read.text_begin, read.text_end
    )
    small = count_within(np.flatnonzero(lower_case()[read.classes]), read.text_begin, read.text_end)
    share = capitals / np.maximum(capitals + small, 1)
    return np.select([share < 0.005, share > 0.8], [0, 2], 1).astype(np.int64)


def _open(
    classes: NDArray[np.uint8], opening: str, closing: str, begin: Positions, end: Positions
) -> Positions:
    """int64[N]: how many more `opening` than `closing` there are in each range."""
    opens = np.flatnonzero(among(opening)[classes])
    closes = np.flatnonzero(among(closing)[classes])
    balance = np.searchsorted(opens, end) - np.searchsorted(closes, end)
    return balance - np.searchsorted(opens, begin) + np.searchsorted(closes, begin)
