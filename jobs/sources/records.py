"""What readers of single files give: a record per note, and an error where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.sources.decoding import UNDECODABLE

RECORD = "annotate: UnreadableRecord"
UNDECODED = "annotate: UndecodableText"
FILE = "annotate: UnreadableFile"
NOT_TEXT = "annotate: TextIsNoString"
ABSENT = "absent"


@dataclass(frozen=True)
class Wanted:
    """What is read of a file: columns by name, and how its bytes and rows are written.

    None for a separator, quote or escape: what the head of each file tells. given_id: the id of
    all rows of a file without the column, which lies in a partition as `note_id=001`.
    """

    id_col: str
    text_col: str
    encoding: str = "utf-8"
    sep: str | None = None
    quote: str | None = None
    escape: str | None = None
    given_id: str | None = None


@dataclass(frozen=True)
class Record:
    """A note, or what stands where one should be.

    id_kind and text_kind: the type that the file gives the value, ABSENT where there is no such
    column. names: the columns that there are, told only where one is absent.
    """

    id: str | None = None
    text: str | None = None
    error: str | None = None
    id_kind: str = "null"
    text_kind: str = "null"
    names: str | None = None


def note(identity: str | None, text: str | None, id_kind: str, text_kind: str) -> Record:
    """A note whose error says whether its bytes were text."""
    bad = UNDECODABLE in (text or "") or UNDECODABLE in (identity or "")
    if not bad:
        return Record(identity, text, None, id_kind, text_kind)
    named = None if identity is None else identity.replace(UNDECODABLE, "\ufffd")
    return Record(named, None, UNDECODED, id_kind, text_kind)


def column(names: Iterable[str], wanted: str) -> str | None:
    """The name that is meant: as it is written, or the only one when case does not count."""
    names = list(names)
    if wanted in names:
        return wanted
    alike = [name for name in names if name.casefold() == wanted.casefold()]
    return alike[0] if len(alike) == 1 else None


def value(record: Mapping[str, Any], wanted: str) -> tuple[Any, bool]:
    """A record's value and whether there is one: a field by its name, or `a.b` by its path."""
    found = column(record, wanted)
    if found is not None:
        return record[found], True
    head, _, rest = wanted.partition(".")
    inner = record.get(head) if rest else None
    return value(inner, rest) if isinstance(inner, dict) else (None, False)
