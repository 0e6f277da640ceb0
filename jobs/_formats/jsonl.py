"""JSON lines: a note a line, {note_id, text, entities: [{begin, end, label, ...}]}.

begin and end are those of the table entities/: characters, end is the last one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from annotators.core.views.notes import Entity, Note
from jobs._run.exit_codes import InputError

OWN = {"begin", "end", "label", "text", "score", "sentence"}


def json_lines(notes: Iterable[Note]) -> Iterator[str]:
    """The lines of notes."""
    for note in notes:
        row: dict[str, Any] = {"note_id": note.id, "text": note.text}
        row["entities"] = [_row(entity) for entity in note.entities]
        if note.error is not None:
            row["error"] = note.error
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _row(entity: Entity) -> dict[str, Any]:
    known = {
        "begin": entity.begin, "end": entity.end - 1, "text": entity.text, "label": entity.label,
        "score": entity.score, "sentence": entity.sentence, **dict(entity.facts),
    }  # fmt: skip
    return {name: value for name, value in known.items() if value is not None}


def read_jsonl(file: Path) -> list[Note]:
    """The notes of JSON lines with note_id, text and entities."""
    try:
        lines = file.read_bytes().decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as failure:
        raise InputError(f"cannot read {file}: {type(failure).__name__}; UTF-8 expected.") from None
    return [
        _note(f"{file.name}: line {number}", line)
        for number, line in enumerate(lines, 1)
        if line.strip()
    ]


def _note(where: str, line: str) -> Note:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    match row:
        case {"note_id": note_id, "text": str(text), "entities": list(entities)}:
            found = [_entity(f"{where}: entity {n}", e, text) for n, e in enumerate(entities, 1)]
            return Note(str(note_id), text, found, error=row.get("error"))
    raise InputError(f'{where}: expected {{"note_id": …, "text": "…", "entities": […]}}.')


def _entity(where: str, row: Any, text: str) -> Entity:
    match row:
        case {"begin": int(begin), "end": int(end), "label": str(label)}:
            if not 0 <= begin <= end < len(text):
                raise InputError(
                    f"{where}: characters {begin} to {end} do not lie in the text, which has "
                    f"{len(text)}; `end` is the last character of an entity."
                )
            if row.get("text", text[begin : end + 1]) != text[begin : end + 1]:
                raise InputError(
                    f"{where}: the text at {begin} to {end} is not the entity's own text."
                )
            facts = tuple((k, str(v)) for k, v in row.items() if k not in OWN and v is not None)
            return Entity(
                begin, end + 1, label, text[begin : end + 1], row.get("score"),
                row.get("sentence"), facts,
            )  # fmt: skip
    raise InputError(f'{where}: expected {{"begin": 0, "end": 4, "label": "…"}}.')
