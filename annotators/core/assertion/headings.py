"""The headings of a note: a table of them, read and checked, and where a sentence has one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from annotators.core.assertion.phrases import expand, spell
from annotators.core.assertion.rules import STATUSES
from annotators.core.errors import ParamError

WITHIN = "-"
"""The section of headings that stand within a section."""

LONGEST = 70
"""A heading is no longer; no line is searched further."""

_AROUND = " \t\r*_"
"""What may stand between a heading and its colon or the end of its line."""

_MARKS = re.compile(r"(?:[^\w\n]+|\(?\d{1,2}[.)]\s*|[A-Z][.)]\s+)*")
"""Before a heading: a bullet, marks of bold, a number."""

_CAPITALS = re.compile(r"[A-Z][A-Z/&' ]*[A-Z](?=[^\S\n]+(?:[A-Z]?[a-z]|\d))")
_INNER = re.compile(r"(?<=\s)[A-Z][A-Z/& ]*[A-Z](?=\s?:)")
_DASH = re.compile(r"\s[-\u2013\u2014]\s")


@dataclass(frozen=True)
class Section:
    """What a line of the table says of a heading; name is None for one within a section."""

    name: str | None
    says: str


class Heading(NamedTuple):
    """A heading found; the span is half-open, in characters of the text, without its colon."""

    begin: int
    end: int
    section: Section


UNKNOWN = Section("", "")
"""What a line in capitals that ends in a colon begins, where the table does not have it."""


@lru_cache(maxsize=16)
def parse_headings(lines: tuple[str, ...], name: str) -> Mapping[str, Section]:
    """Headings, in small letters, to what they say. Raises ParamError: file, line, why."""
    table: dict[str, Section] = {}
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            table |= _row(line.rstrip("\r\n").split("\t"), f"{name}, line {number}")
    return table


def _row(cells: Sequence[str], where: str) -> Mapping[str, Section]:
    if len(cells) != 3:
        raise ParamError(
            f"{where}: {len(cells)} columns; needed are section, says and headings, with tabs "
            "between."
        )
    section, says, pattern = cells
    if says and says not in STATUSES:
        raise ParamError(f"{where}: no status '{says}'; there are {', '.join(STATUSES)}.")
    if not section.strip():
        raise ParamError(f"{where}: a section without a name.")
    try:
        phrases = expand(pattern)
    except ParamError as failure:
        raise ParamError(f"{where}: bad headings: {failure}.") from None
    meaning = Section(None if section == WITHIN else section, says)
    return {" ".join(phrase).lower(): meaning for phrase in phrases}


def headings_of(text: str, table: Mapping[str, Section]) -> list[Heading]:
    """The headings of a sentence, which may have several lines, in order."""
    found: dict[int, Heading] = {}
    start = 0
    while table and start <= len(text):
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        read_line(text, start, stop, table, found)
        start = stop + 1
    return [found[begin] for begin in sorted(found)]


def read_line(
    text: str, start: int, stop: int, table: Mapping[str, Section], found: dict[int, Heading]
) -> None:
    """Add the headings of the line start:stop to those found, by where they begin.

    No other is within one of the table: `FAMILY HISTORY:` is not `HISTORY:`.
    """
    plain = text[start : start + 2].isalpha()
    begin = start if plain else _MARKS.match(text, start, stop).end()  # type: ignore[union-attr]
    colon = text.find(":", start, stop)
    known = start
    for end in _ends(text, begin, stop, colon):
        name = text[begin:end].rstrip(_AROUND)
        section = table.get(name.lower())
        if section is None and not name.isalpha():
            section = table.get(_key(name))
        if section is not None:
            known = begin + len(name)
        elif end == colon and _is_unknown(name, text[colon + 1 : stop]):
            section = UNKNOWN
        if section is not None:
            found.setdefault(begin, Heading(begin, begin + len(name), section))
            break
    if colon >= 0:
        for inner in _INNER.finditer(text, start, stop):
            if inner.start() >= known:
                _add_longest_end(inner, table, found)


def _ends(text: str, begin: int, stop: int, colon: int) -> Iterator[int]:
    """Where a heading that begins at `begin` may end, the likeliest first."""
    if 0 <= colon <= begin + LONGEST:
        yield colon
    if stop - begin <= LONGEST:
        yield stop
        dash = _DASH.search(text, begin, stop)
        if dash:
            yield dash.start()
    capitals = _CAPITALS.match(text, begin, stop)
    if capitals:
        yield capitals.end()


def _is_unknown(name: str, rest: str) -> bool:
    """Whether a line in capitals that ends in a colon is a heading, whatever it says."""
    return len(name) > 3 and name.isupper() and not rest.strip(_AROUND)


def _add_longest_end(
    run: re.Match[str], table: Mapping[str, Section], found: dict[int, Heading]
) -> None:
    """The longest end of a run of words in capitals that is a heading: `HOURS PLAN:` is PLAN."""
    begin, end = run.span()
    while begin < end:
        section = table.get(_key(run.string[begin:end]))
        if section is not None:
            found.setdefault(begin, Heading(begin, end, section))
            return
        blank = run.string.find(" ", begin, end)
        begin = end if blank < 0 else blank + 1


def _key(name: str) -> str:
    return " ".join(spell(name))
