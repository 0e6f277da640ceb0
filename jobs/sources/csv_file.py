"""Records of a CSV file, by its header; a row whose fields do not fit it is an error."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import IO, Any

from jobs.sources.decoding import UNDECODABLE, text_stream
from jobs.sources.records import ABSENT, RECORD, UNDECODED, Record, Wanted, column, note

HEAD = 1_000_000
"""Characters at the start that tell a file's separator, quotes and escapes."""
LONGEST = 50_000_000
"""Characters of a row, at most: beyond, a quote was opened and never closed."""
_SEPARATORS = ",\t;|"
_EXCEL = re.compile(r"\ufeff?sep=(.)(?:\r\n|\n|\r)", re.IGNORECASE)
"""A first line that tells Excel the separator."""
_CR, _NUL = "\ufdd0", "\ufdd1"
"""Stand for CR within a row and NUL, which the parser does not take; noncharacters."""


def csv_records(stream: IO[bytes], wanted: Wanted) -> Iterator[Record]:
    """A record per row: id and text by the header's names, wherever these stand."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    source = text_stream(stream, wanted.encoding, "")
    head = source.read(HEAD)
    told = _EXCEL.match(head)
    if told is not None:
        head = head[told.end() :]
        wanted = wanted if wanted.sep else replace(wanted, sep=told.group(1))
    newline = "\r" if "\r" in head and "\n" not in head else "\n"
    lines = _lines(source, head, newline)
    head_lines = head.split(newline) if len(head) < HEAD else head.split(newline)[:-1]
    dialect = _dialect([line + "\n" for line in head_lines], wanted)
    rows = _rows(lines, dialect)
    header = next((row for row in rows if row), None)
    if header is None:
        return
    names = [name.strip().lstrip("\ufeff") for name in header]
    id_place, text_place = _place(names, wanted.id_col), _place(names, wanted.text_col)
    given = wanted.given_id if id_place is None else None
    if text_place is None or (id_place is None and given is None) or not any(names):
        kinds = ["string" if place is not None else ABSENT for place in (id_place, text_place)]
        yield Record(None, None, RECORD, kinds[0], kinds[1], json.dumps(names[:50]))
        return
    yield from _records(rows, len(names), id_place, text_place, given)


def _records(
    rows: Iterator[list[str] | None],
    width: int,
    id_place: int | None,
    text_place: int,
    given: str | None,
) -> Iterator[Record]:
    shapes: set[str] = set()
    lost = False
    for row in rows:
        if row is not None and not row:
            continue
        fits = row is not None and len(row) == width
        told = fits and row is not None and id_place is not None
        shape = _shape(row[id_place]) if told else ""  # type: ignore[index]
        # After a broken row, the rest of its text may look like rows: ids tell.
        if row is None or not fits or (lost and shapes and shape not in shapes):
            lost = True
            bad = row is not None and any(UNDECODABLE in field for field in row)
            yield Record(error=UNDECODED if bad else RECORD)
            continue
        lost = False
        if len(shapes) < 1_000:
            shapes.add(shape)
        identity = given if id_place is None else _clean(row[id_place])
        text = _clean(row[text_place])
        yield note(identity or None, text, "string" if identity else "null", "string")


def _shape(identity: str) -> str:
    """What an id looks like: the kinds of its characters, repeats once."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", identity[:200]))


def _place(names: Sequence[str], wanted: str) -> int | None:
    found = column(names, wanted)
    return None if found is None or names.count(found) != 1 else names.index(found)


def _lines(source: IO[str], head: str, newline: str) -> Iterator[str]:
    """The lines of a file, each ended by one LF; no other line end parts them."""
    rest = head
    while True:
        parts = rest.split(newline)
        yield from (_masked(part) for part in parts[:-1])
        more = source.read(HEAD)
        if not more:
            if parts[-1]:
                yield _masked(parts[-1])
            return
        rest = parts[-1] + more


def _masked(line: str) -> str:
    bare = line.removesuffix("\r")
    ended = "\r\n" if len(bare) < len(line) else "\n"
    return bare.replace("\r", _CR).replace("\0", _NUL) + ended


def _clean(field: str) -> str:
    return field.replace(_CR, "\r").replace(_NUL, "\0")


def _rows(lines: Iterator[str], dialect: dict[str, Any]) -> Iterator[list[str] | None]:
    """The rows; None for a line that begins none, after which the next line is tried."""
    waiting: list[str] = []
    while True:
        taken: list[str] = []
        feed = _taking(chain(waiting, lines) if waiting else lines, taken)
        try:
            row = next(csv.reader(feed, strict=True, **dialect))
        except StopIteration:
            return
        except csv.Error:
            yield None
            waiting = [*taken[1:], *waiting[len(taken) :]]
            continue
        waiting = waiting[len(taken) :]
        yield row


def _taking(lines: Iterator[str] | chain[str], taken: list[str]) -> Iterator[str]:
    size = 0
    for line in lines:
        size += len(line)
        taken.append(line)
        yield line
        if size > LONGEST:
            raise csv.Error


def _dialect(head: Sequence[str], wanted: Wanted) -> dict[str, Any]:
    """How the rows are written: what is said, and of the rest what fits most of the head's rows."""
    first = next((line for line in head if line.strip()), "")
    if wanted.sep:
        separators = [wanted.sep]
    else:
        separators = sorted(_SEPARATORS, key=lambda c: (-first.count(c), _SEPARATORS.index(c)))[:1]
    quotes = [wanted.quote] if wanted.quote else ['"']
    escapes = [wanted.escape] if wanted.escape else [None, "\\"]
    best: dict[str, Any] = {}
    score = (-1, 0)
    for sep in separators:
        for quote in quotes:
            for escape in escapes:
                tried = {
                    "delimiter": sep,
                    "quotechar": quote,
                    "escapechar": None if escape == quote else escape,
                    "doublequote": True,
                }
                fitting = _fitting(head, tried)
                if fitting > score:
                    best, score = tried, fitting
    return best


def _fitting(head: Sequence[str], dialect: dict[str, Any]) -> tuple[int, int]:
    """The head's rows that fit its first, and (less is better) those that do not."""
    rows = islice(_rows(iter([_masked(line[:-1]) for line in head]), dialect), 1_000)
    widths = [-1 if row is None else len(row) for row in rows if row is None or row]
    fit = sum(width == widths[0] for width in widths) if widths else 0
    return fit - len(widths), fit
