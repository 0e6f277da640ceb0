"""Where a sentence may end: after stops with what closes them, and before line breaks."""

# ruff: noqa: RUF001 (look-alike characters are meant here)

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from annotators.core.boundaries.classes import BLANK, BREAK, DIGIT, Positions, among
from annotators.core.boundaries.texts import ReadTexts

MOST_CLOSERS = 8
"""Most closing marks that go with a stop."""
CLOSING = ")]}\"'”’»"
_CITATION = re.compile(r"(?:[\[(]\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*[\])])+(?=[\s\uffff])")
_SUPERSCRIPT = re.compile(r"\d{1,3}(?:[,–-]\d{1,3})*(?=\s+[A-Z(]|\s*\uffff)")


def find_candidates(read: ReadTexts) -> Positions:
    """int64[N], ascending: where a sentence of the texts may end, blank lines among them."""
    classes, words = read.classes, read.words
    stop = among(".!?…")[classes]
    runs = np.flatnonzero(stop[:-1] & ~stop[1:])
    after = classes[runs + 1]
    before = classes[np.maximum(runs - 1, 0)]
    decimal = (after == DIGIT) & ((before == DIGIT) | (before <= BLANK))  # 0.5 and .25
    inside = decimal | among(",;:/-%")[after]  # et al., 5 mg./kg, 60-yr.-old
    runs, after = runs[~inside], after[~inside]
    ends = _with_citation(read.text, _with_closers(classes, runs + 1, after), after)
    at = np.union1d(ends, read.run_begin[read.run_kind >= BREAK])
    # A candidate lies between two words of one text: the ends of a text are no question.
    word = np.searchsorted(words, at)
    inner = np.flatnonzero((word > 0) & (word < len(words)))
    at, word = at[inner], word[inner]
    text_before = np.searchsorted(read.text_begin, words[word - 1], side="right")
    text_after = np.searchsorted(read.text_begin, words[word], side="right")
    one_text: Positions = at[text_before == text_after]
    return one_text


def _with_closers(
    classes: NDArray[np.uint8], ends: Positions, after: NDArray[np.uint8]
) -> Positions:
    """Move each end behind the closing quotes and brackets that follow the stop."""
    closing = among(CLOSING)
    moving = np.flatnonzero(closing[after])
    for _ in range(MOST_CLOSERS):
        if not len(moving):
            break
        ends[moving] += 1
        moving = moving[closing[classes[ends[moving]]]]
    return ends


def _with_citation(text: str, ends: Positions, after: NDArray[np.uint8]) -> Positions:
    """Move an end behind a citation mark that has no space before it: `disease.[3]`, `.12`."""
    for i in np.flatnonzero(among("[(0")[after]).tolist():
        at = int(ends[i])
        pattern = _SUPERSCRIPT if text[at : at + 1].isdigit() else _CITATION
        mark = pattern.match(text, at)
        if mark is not None:
            ends[i] = mark.end()
    return ends
