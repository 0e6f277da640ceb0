"""Annotation columns of one text, put together to a note that can be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import NamedTuple

from annotators.core.views.notes import Entity, Note, SentenceLabel
from annotators.core.views.rebuilding import rebuilt

FACTS = ("section", "negation", "certainty", "temporality", "experiencer", "trigger")
"""What the details of an entity take from an assertion beside its status."""


class Found(NamedTuple):
    """An annotation: its type, begin to end (inclusive) in characters, result and metadata."""

    kind: str
    begin: int
    end: int
    result: str
    metadata: Mapping[str, str]


Columns = Mapping[str, Sequence[Found]]


def note_of(columns: Columns, note_id: str = "", text: str = "", error: str | None = None) -> Note:
    """The note of the annotation columns of one text.

    Entities are the chunks, each shown once though several columns hold it; labels of tokens where
    no column holds chunks. text: what is shown where no column holds documents or tokens.
    """
    kinds = _by_kind(columns)
    chunks = kinds.get("chunk") or [
        (column, found) for column, found in kinds.get("named_entity", []) if found.result != "O"
    ]
    said = {(a.begin, a.end): a for _, a in kinds.get("assertion", [])}
    entities = dict.fromkeys(_entity(column, c, said.get((c.begin, c.end))) for column, c in chunks)
    return Note(
        note_id,
        _text(kinds) or text,
        list(entities),
        [_label(column, found) for column, found in kinds.get("category", [])],
        error,
    )


def _by_kind(columns: Columns) -> dict[str, list[tuple[str, Found]]]:
    kinds: dict[str, list[tuple[str, Found]]] = {}
    for column, row in columns.items():
        for found in row:
            kinds.setdefault(found.kind, []).append((column, found))
    return kinds


def _text(kinds: Mapping[str, Iterable[tuple[str, Found]]]) -> str:
    """The text of documents where a column holds them, else of sentences or of tokens."""
    for kind in ("document", "token"):
        by_column: dict[str, list[tuple[int, int, str]]] = {}
        for column, found in kinds.get(kind, []):
            by_column.setdefault(column, []).append((found.begin, found.end, found.result))
        if by_column:
            return max((rebuilt(parts) for parts in by_column.values()), key=len)
    return ""


def _entity(column: str, chunk: Found, said: Found | None) -> Entity:
    named = chunk.kind == "named_entity"
    label = chunk.result if named else chunk.metadata.get("entity", column)
    text = chunk.metadata.get("word", "") if named else chunk.result
    score = chunk.metadata.get(chunk.result if named else "confidence")
    facts = () if said is None else (("assertion", said.result), *_facts(said.metadata))
    return Entity(
        chunk.begin, chunk.end + 1, label, text, score_of(score),
        _whole(chunk.metadata.get("sentence")), facts,
    )  # fmt: skip


def _facts(metadata: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    return ((name, metadata[name]) for name in FACTS if metadata.get(name))


def _label(column: str, found: Found) -> SentenceLabel:
    score = score_of(found.metadata.get(found.result))
    return SentenceLabel(column, found.begin, found.end + 1, found.result, score)


def score_of(value: str | None) -> float | None:
    """A score as a number, None for what is none."""
    try:
        parsed = float(value) if value is not None else None
    except ValueError:
        return None
    return parsed if parsed is None or isfinite(parsed) else None


def _whole(value: str | None) -> int | None:
    return int(value) if value is not None and value.isdecimal() else None
