"""The notes of a run as packed pages: HTML that a browser unpacks when a note is opened."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotators.core.views.notes import Data, Entity, Note, note_html

A_PAGE = 50
SAMPLE = 4 * A_PAGE
FILTERS = ("assertion", "section")
"""The columns by which notes can be filtered, beside label and score."""


@dataclass(frozen=True)
class Packed:
    """What a page embeds: an index of the notes and their texts, both in gzip and base64."""

    index: str
    pages: tuple[str, ...]
    shown: int
    total: int


def packed(notes: Sequence[Note], colours: Mapping[str, int], most: int) -> Packed:
    """The notes in at most `most` characters: all, or as many evenly spaced ones as fit."""
    share = _likely(notes, colours, most)
    while True:
        index, pages = _index(_spaced(notes, share), colours)
        size = len(index) + sum(map(len, pages))
        if size <= most or share <= 1:
            return Packed(index, pages, share, len(notes))
        share = _fewer(share, size, most)


def _likely(notes: Sequence[Note], colours: Mapping[str, int], most: int) -> int:
    """How many notes fit, judged by a few hundred of them: packing all takes its time."""
    few = _spaced(notes, min(len(notes), SAMPLE))
    index, pages = _index(few, colours)
    size = (len(index) + sum(map(len, pages))) * len(notes) // max(1, len(few))
    return len(notes) if size <= most * 1.05 else _fewer(len(notes), size, most)


def _fewer(share: int, size: int, most: int) -> int:
    return max(1, min(share - 1, int(share * most / size * 0.98)))


def _spaced(notes: Sequence[Note], share: int) -> list[Note]:
    return [notes[i * len(notes) // share] for i in range(share)]


def _index(notes: Sequence[Note], colours: Mapping[str, int]) -> tuple[str, tuple[str, ...]]:
    kinds: dict[tuple[str, ...], int] = {}
    rows: list[list[Any]] = []
    for note in notes:
        counted: dict[int, list[int]] = {}
        for entity in note.entities:
            kind = kinds.setdefault(_kind(entity), len(kinds))
            seen = counted.setdefault(kind, [0, -1])
            seen[0] += 1
            seen[1] = max(seen[1], _percent(entity))
        row = [note.id, len(note.text), note.error or 0]
        rows.append([*row, [[kind, *seen] for kind, seen in counted.items()]])
    data = _data(kinds)
    pages = tuple(
        _pack([note_html(note, colours, data, "data-d") for note in notes[at : at + A_PAGE]])
        for at in range(0, len(notes), A_PAGE)
    )
    return _pack({"page": A_PAGE, "kinds": list(kinds), "notes": rows}), pages


def _data(kinds: Mapping[tuple[str, ...], int]) -> Data:
    """What the page's script filters entities by: the number of its kind, and its score."""
    return lambda entity: (
        ("k", str(kinds.get(_kind(entity), ""))),
        ("s", str(_percent(entity))),
    )


def _kind(entity: Entity) -> tuple[str, ...]:
    return (entity.label, *(entity.fact(name) for name in FILTERS))


def _percent(entity: Entity) -> int:
    """The score in whole per cent, -1 for none."""
    return -1 if entity.score is None else int(entity.score * 100)


def _pack(value: object) -> str:
    raw = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return base64.b64encode(gzip.compress(raw, 6, mtime=0)).decode("ascii")
