"""The headings of a batch's sentences: few of their lines can have one, only these are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotators.core.assertion.headings import LONGEST, Heading, Section, parse_headings, read_line
from annotators.core.assertion.sheets.characters import BLANK, Ints, characters_of
from annotators.core.assertion.sheets.sheet import Sheet
from annotators.core.assertion.sheets.spelling import Numbers, number_of, numbers_of, places_in

_MAY_FOLLOW = np.isin(np.arange(256), np.frombuffer(b":*_ \t\r", np.uint8))
"""Of each character whether a line that is nothing but a heading may end with it."""
_OTHER = ord("?")
_NONE = np.empty(0, np.int64)


class Headings(NamedTuple):
    """Headings in order: half-open spans in the sheet, their sentences, what the table says."""

    begin: Ints
    end: Ints
    sentence: Ints
    sections: Sequence[Section]


class _Lines(NamedTuple):
    """Lines that may have a heading, without what ends them.

    name, name_end: the likeliest heading. plain: whether it is the one if the table has it, and
    there is no other.
    """

    begin: Ints
    end: Ints
    name: Ints
    name_end: Ints
    plain: NDArray[np.bool_]


def headings_in(sheet: Sheet, lines: tuple[str, ...]) -> Headings:
    """The headings of all sentences. lines: of the table of headings, see headings.py."""
    table = parse_headings(lines, "headings")
    if not table:
        return Headings(_NONE, _NONE, _NONE, [])
    found = _lines_of(sheet, *_first_words(lines))
    sections = _sections(sheet.text, found, table)
    there = np.array([section is not None for section in sections], bool)
    others: dict[int, Heading] = {}
    for start, stop in zip(found.begin[~there].tolist(), found.end[~there].tolist(), strict=True):
        read_line(sheet.text, start, stop, table, others)
    begin = np.append(found.name[there], np.array(list(others), np.int64))
    ends = [heading.end for heading in others.values()]
    end = np.append(found.name_end[there], np.array(ends, np.int64))
    order = np.argsort(begin, kind="stable")
    told = [section for section in sections if section]
    told += [heading.section for heading in others.values()]
    begin = begin[order]
    return Headings(begin, end[order], sheet.sentence_of(begin), [told[i] for i in order.tolist()])


def _sections(text: str, lines: _Lines, table: Mapping[str, Section]) -> list[Section | None]:
    """What the table has for the likeliest heading of each line, where that is plain."""
    spans = zip(lines.name.tolist(), lines.name_end.tolist(), lines.plain.tolist(), strict=True)
    return [table.get(text[begin:end].lower()) if plain else None for begin, end, plain in spans]


def _lines_of(sheet: Sheet, first_words: Numbers, longest: int) -> _Lines:
    """The lines that begin as a heading of the table may, or have a colon behind capitals.

    A line that begins with a number or with a single letter may have one, too: these are passed
    over. A line that ends in a colon may be a heading that the table does not have.
    """
    letters, words = sheet.characters.bytes, sheet.words
    ends = np.flatnonzero(letters == ord("\n"))
    begin, end = np.sort(np.append(sheet.begin, ends + 1)), np.sort(np.append(sheet.end, ends))
    of_letters = np.append(np.flatnonzero(words.is_word), 0)
    first = of_letters[np.searchsorted(words.begin[of_letters[:-1]], begin)]
    name, name_end = words.begin[first], words.end[first]
    there = (begin <= name) & (name_end <= end)
    passed = _may_be_passed(letters[name], name_end - name) | (letters[name_end - 1] == ord("_"))
    small = sheet.characters.small_latin()
    likely = places_in(first_words, numbers_of(small, name, name_end, longest)) >= 0

    colons = np.flatnonzero(letters == ord(":"))
    before = colons - 1 - ((sheet.kinds[colons - 1] & BLANK) > 0)
    capital = (letters[before] >= ord("A")) & (letters[before] <= ord("Z"))
    line = np.searchsorted(begin, colons, side="right") - 1
    odd, several = np.zeros(len(begin), bool), np.zeros(len(begin), bool)
    odd[line[capital | _MAY_FOLLOW[letters[end[line] - 1]]]] = True
    several[line[capital & (np.diff(line, prepend=-1) == 0)]] = True
    colon = np.append(colons, len(letters))[np.searchsorted(colons, begin)]
    name_end = np.minimum(colon, end)
    plain = there & likely & ~passed & ~several & (name_end <= name + LONGEST) & (name < name_end)
    may = np.flatnonzero((there & (likely | passed)) | odd)
    return _Lines(begin[may], end[may], name[may], name_end[may], plain[may])


def _may_be_passed(first: NDArray[np.uint8], size: Ints) -> NDArray[np.bool_]:
    """Which words, by their first letter, may number a line: `a)`, `12.`."""
    digit = ((first >= ord("0")) & (first <= ord("9"))) | (first == _OTHER)
    return np.asarray((size == 1) | ((size == 2) & digit), bool)


@lru_cache(maxsize=8)
def _first_words(lines: tuple[str, ...]) -> tuple[Numbers, int]:
    """The first words of the table's headings as numbers, and the letters of the longest.

    Letters that Latin-1 does not have are alike, as in `Characters.small_latin`.
    """
    firsts = {heading.split(" ")[0] for heading in parse_headings(lines, "headings")}
    latin = {characters_of(word).small_latin().tobytes().decode("latin-1") for word in firsts}
    return np.array(sorted(map(number_of, latin)), np.uint64), max(map(len, latin))
