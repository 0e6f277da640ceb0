"""BRAT standoff: a .txt and an .ann a note, and annotation.conf for the editor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from annotators.core.views.notes import Entity, Note
from jobs._run.exit_codes import InputError

_SPAN = re.compile(r"T\S*\t(\S+) (\d+ \d+(?:;\d+ \d+)*)\t(.*)")
_ATTRIBUTE = re.compile(r"[AM]\S*\t(\S+) (T\S+)(?: (\S+))?")
_NO_NAME = re.compile(r"[^\w-]+")


def brat_files(notes: Iterable[Note]) -> Iterator[tuple[str, str]]:
    """(file name, content) of every file of a BRAT folder."""
    labels: set[str] = set()
    facts: dict[str, set[str]] = {}
    for note in notes:
        lines: list[str] = []
        number = 0
        for at, entity in enumerate(note.entities, 1):
            label = _named(entity.label)
            labels.add(label)
            shown = _one_line(note.text[entity.begin : entity.end])
            lines.append(f"T{at}\t{label} {entity.begin} {entity.end}\t{shown}")
            for name, value in entity.facts:
                number += 1
                facts.setdefault(_named(name), set()).add(_named(value))
                lines.append(f"A{number}\t{_named(name)} T{at} {_named(value)}")
        stem = _file_name(note.id)
        yield f"{stem}.txt", note.text
        yield f"{stem}.ann", "".join(f"{line}\n" for line in lines)
    attributes = "".join(f"{n}\tArg:<ENTITY>, Value:{'|'.join(sorted(facts[n]))}\n" for n in facts)
    entities = "".join(f"{label}\n" for label in sorted(labels))
    yield (
        "annotation.conf",
        f"[entities]\n{entities}[relations]\n[events]\n[attributes]\n{attributes}",
    )


def read_brat(folder: Path) -> list[Note]:
    """The notes of a BRAT folder; an entity of several pieces goes from its first to its last."""
    return [_note(file) for file in sorted(folder.glob("*.ann"))]


def _note(file: Path) -> Note:
    text = _read(file.with_suffix(".txt"))
    note = Note(unquote(file.stem), text)
    places: dict[str, int] = {}
    for number, line in enumerate(_read(file).split("\n"), 1):
        where = f"{file.name}: line {number}"
        if line.startswith("T"):
            places[line.split("\t")[0]] = len(note.entities)
            note.entities.append(_entity(where, line, text))
        elif attribute := _ATTRIBUTE.fullmatch(line):
            name, owner, value = attribute.groups()
            if owner not in places:
                raise InputError(f"{where}: attribute of {owner}, which no line above it defines.")
            entity = note.entities[places[owner]]
            facts = (*entity.facts, (name, value or "true"))
            note.entities[places[owner]] = entity._replace(facts=facts)
    return note


def _entity(where: str, line: str, text: str) -> Entity:
    match = _SPAN.fullmatch(line)
    if match is None:
        raise InputError(f"{where}: expected `T1 TAB Label begin end TAB text`.")
    label, spans, said = match.groups()
    ends = [tuple(map(int, span.split())) for span in spans.split(";")]
    begin, end = ends[0][0], ends[-1][1]
    if not begin < end <= len(text):
        raise InputError(
            f"{where}: characters {begin} to {end} do not lie in the text, which has {len(text)}."
        )
    if _one_line(" ".join(text[b:e] for b, e in ends)) != _one_line(said):
        raise InputError(
            f"{where}: the text at {begin} to {end} is not the one that the line holds: the .txt "
            "was changed after it was annotated. Take the .txt that belongs to it."
        )
    return Entity(begin, end, label, text[begin:end])


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise InputError(f"cannot read {file}: {type(failure).__name__}; UTF-8 expected.") from None


def _one_line(text: str) -> str:
    return re.sub(r"\s", " ", text)


def _named(value: str) -> str:
    """A name as BRAT allows it."""
    return _NO_NAME.sub("_", value) or "_"


def _file_name(note_id: str) -> str:
    name = quote(note_id, safe=" ")
    return f"%2E{name[1:]}" if name.startswith(".") else name
