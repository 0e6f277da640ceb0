"""Records of a JSON file: objects in lines, several in one line, in an array, or over lines."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any

from jobs.sources.decoding import UNDECODABLE, encoding_of, text_stream
from jobs.sources.records import ABSENT, NOT_TEXT, RECORD, UNDECODED, Record, Wanted, note, value

WHOLE = 512 * 1024 * 1024
"""Characters of a file without lines of its own that are read at once, at most."""
_DECODER = json.JSONDecoder(strict=False)
_ENDED_BY_LF = ("utf-8", "ascii", "iso8859", "cp125")
"""Encodings whose lines end where the byte 10 stands."""
_BLANKS = " \t\r\n\ufeff\x1e"


def json_records(stream: IO[bytes], wanted: Wanted) -> Iterator[Record]:
    """A record an object; one without id and text for each line that is not JSON."""
    lines = text_stream(stream, wanted.encoding, "\n")
    first = next((line for line in lines if line.strip(_BLANKS)), "")
    if first and _values(first) is None:
        rest = lines.read(WHOLE)
        whole = None if len(rest) == WHOLE else _values(first + rest)
        if whole is not None:
            return _records(whole, wanted)
        return _lines(chain([first], rest.split("\n"), lines), wanted)
    return _lines(chain([first], lines), wanted)


def in_lines(path: Path, wanted: Wanted) -> bool:
    """Whether a file may be read from any of its lines on: its first holds whole JSON values."""
    with path.open("rb") as stream:
        head = stream.read(4)
        used = codecs.lookup(encoding_of(head, wanted.encoding)).name
        if not used.startswith(_ENDED_BY_LF):
            return False
        stream.seek(0)
        lines = text_stream(stream, wanted.encoding, "\n")
        first = next((line for line in lines if line.strip(_BLANKS)), "")
        return bool(_values(first))


def _lines(lines: Iterable[str], wanted: Wanted) -> Iterator[Record]:
    for line in lines:
        if UNDECODABLE in line:
            yield Record(error=UNDECODED)
            continue
        values = _values(line)
        if values is None:
            yield Record(error=RECORD)
        else:
            yield from _records(values, wanted)


def _values(text: str) -> list[Any] | None:
    """All JSON values in a text, an array's elements each; None where something else is there."""
    found: list[Any] = []
    place = _skip(text, 0)
    while place < len(text):
        try:
            one, place = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            return None
        found += one if isinstance(one, list) else [one]
        place = _skip(text, place)
    return found


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in _BLANKS:
        place += 1
    return place


def _records(values: Iterable[Any], wanted: Wanted) -> Iterator[Record]:
    for one in values:
        yield _record(one, wanted) if isinstance(one, dict) else Record(error=RECORD)


def _record(one: dict[str, Any], wanted: Wanted) -> Record:
    identity, has_id = value(one, wanted.id_col)
    if not has_id and wanted.given_id is not None:
        identity, has_id = wanted.given_id, True
    text, has_text = value(one, wanted.text_col)
    kinds = (_kind(identity) if has_id else ABSENT, _kind(text) if has_text else ABSENT)
    names = None if has_id and has_text else json.dumps(sorted(one)[:50])
    named = identity if isinstance(identity, str) or identity is None else json.dumps(identity)
    named = None if named is None else _sound(named)
    if text is not None and not isinstance(text, str):
        return Record(named, None, NOT_TEXT, *kinds, names)
    made = note(named, None if text is None else _sound(text), *kinds)
    return Record(made.id, made.text, made.error, *kinds, names)


def _kind(found: object) -> str:
    if found is None:
        return "null"
    if isinstance(found, int) and not isinstance(found, bool):
        return "integer" if -(2**63) <= found < 2**63 else "string"
    names = {str: "string", bool: "boolean", float: "number", list: "list", dict: "object"}
    return names[type(found)]


def _sound(text: str) -> str:
    """The text with U+FFFD for halves of surrogate pairs, which no Spark string can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
