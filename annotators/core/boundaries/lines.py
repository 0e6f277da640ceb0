"""What the lines around a line break look like: it tells a heading from wrapped prose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotators.core.boundaries.classes import (
    BLANK,
    BREAK,
    DIGIT,
    EDGE,
    Positions,
    among,
    letters,
    lower_case,
    upper_case,
)
from annotators.core.boundaries.texts import ReadTexts, count_within


def line_structure(read: ReadTexts, at: Positions) -> NDArray[np.int64]:
    """int64[N, 15] for candidates at single line breaks."""
    lines = _lines(read)
    before = np.searchsorted(lines.end, at)  # the line that ends at the candidate
    after = before + 1
    width = lines.indent + lines.length
    needed = width[before] + 1 + lines.first_word[after]
    # The column that the text seems to be wrapped at, in the whole text and in the paragraph:
    # a wrapped line is one on which the next line's first word had no room.
    text = lines.text[before]
    column = np.maximum.reduceat(width, np.searchsorted(lines.text, np.arange(len(read.text_end))))[
        text
    ]
    block_column = np.maximum.reduceat(width, lines.block_begin)[lines.block[before]]
    breaks = np.bincount(text)
    forced = np.bincount(text, weights=needed > column) / np.maximum(breaks, 1)
    first = np.diff(lines.block, prepend=-1) > 0
    last = np.append(first[1:], True)
    return np.stack(
        [
            lines.length[before] // 8,
            lines.length[after] // 8,
            lines.first_word[after],
            np.maximum((column - needed) // 3 + 5, 0),
            column // 10,
            np.maximum((block_column - needed) // 3 + 5, 0),
            np.rint(15 * forced)[text].astype(np.int64),
            np.log2(breaks[text]).astype(np.int64) + 1,
            lines.case[before],
            lines.capitals[before],
            lines.opening[before],
            lines.opening[after],
            np.clip(lines.indent[after] - lines.indent[before] + 4, 0, 8),
            first[before] + 2 * last[after].astype(np.int64),
            lines.case[after] * 4 + np.minimum(lines.colon[before], 3),
        ],
        axis=1,
    )


@dataclass(frozen=True)
class _Lines:
    """The lines of a text that hold more than white space; int64[L] each, lengths in characters.

    opening: 1 bullet, 2 number, 3 lettered item, 4 a key and a colon, 0 anything else.
    case: 0 no letters, 1 with lower case, 2 all upper case, 3 starts with lower case.
    capitals: eighths of the words that start with a capital.
    colon: 1 inside the first 40 characters, 2 as the last character.
    text: index of the text.
    block: index of the paragraph (lines without a blank one between), block_begin: its first line.
    """

    end: Positions
    length: Positions
    indent: Positions
    first_word: Positions
    opening: Positions
    case: Positions
    capitals: Positions
    colon: Positions
    text: Positions
    block: Positions
    block_begin: Positions


def _lines(read: ReadTexts) -> _Lines:
    breaking = read.run_kind >= BREAK
    begin = np.sort(np.concatenate((read.text_begin, read.run_end[breaking])))
    end = np.sort(np.concatenate((read.run_begin[breaking], read.text_end)))
    text = np.searchsorted(read.text_begin, begin, side="right") - 1
    opens_text = np.diff(text, prepend=-1) > 0
    previous_break = np.concatenate(([0], read.breaks))[np.searchsorted(read.breaks, begin)]
    indent = np.where(opens_text, 0, begin - previous_break - 1)
    new_block = opens_text.copy()
    new_block[~opens_text] = read.run_kind[breaking] == BLANK
    block = np.cumsum(new_block) - 1
    gaps = np.sort(np.concatenate((read.run_begin, read.text_end)))
    first_word = gaps[np.searchsorted(gaps, begin)] - begin
    colons = np.append(np.flatnonzero(among(":")[read.classes]), len(read.classes))
    first_colon = colons[np.searchsorted(colons, begin)]
    ends_in_colon = among(":")[read.classes[np.maximum(end - 1, 0)]] & (end > begin)
    key = first_colon < np.minimum(end - 1, begin + 40)
    opening = _opening(read.classes, begin)
    case, capitals = _case(read, begin, end)
    return _Lines(
        end=end,
        length=end - begin,
        indent=indent,
        first_word=first_word,
        opening=np.where((opening == 0) & key, 4, opening),
        case=case,
        capitals=capitals,
        colon=np.where(ends_in_colon, 2, key.astype(np.int64)),
        text=text,
        block=block,
        block_begin=np.flatnonzero(new_block),
    )


def _opening(classes: NDArray[np.uint8], begin: Positions) -> Positions:
    """int64[L]: the kind of list item that each line opens (see `_Lines.opening`)."""
    first, second, third, fourth = (classes[begin + i] for i in range(4))
    spaced = second <= BLANK
    box = among("[")[first] & among("]")[third]
    bullet = among("•")[first] | (among("-*+>~#o")[first] & spaced) | box
    stop = among(".)")
    single = (stop[second] & (third != DIGIT)) | ((second == DIGIT) & stop[third])
    levels = among(".")[second] & (third == DIGIT) & stop[fourth]  # 2.1. Treatment
    closed = (first == DIGIT) & (single | levels)
    bracketed = among("(")[first] & among(")")[third]
    letter = letters()[first] & stop[second] & (third <= BLANK)
    kinds = [bullet, closed | bracketed, letter]
    return np.select(kinds, [1, 2, 3], 0).astype(np.int64)


def _case(read: ReadTexts, begin: Positions, end: Positions) -> tuple[Positions, Positions]:
    """int64[L] twice: `_Lines.case` and `_Lines.capitals`."""
    lower, upper = lower_case()[read.classes], upper_case()[read.classes]
    lowers, uppers = np.flatnonzero(lower), np.flatnonzero(upper)
    before = read.classes[:-1]
    starts = np.append(True, (before <= BLANK) | (before == EDGE))
    small, capital = np.flatnonzero(starts & lower), np.flatnonzero(starts & upper)
    has_lower = count_within(lowers, begin, end) > 0
    has_upper = count_within(uppers, begin, end) > 0
    first = lower[begin]
    case = np.select([first, has_lower, has_upper], [3, 1, 2], 0).astype(np.int64)
    capitals = count_within(capital, begin, end)
    words = capitals + count_within(small, begin, end)
    return case, capitals * 8 // np.maximum(words, 1)
