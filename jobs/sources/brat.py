"""A BRAT folder as sentences of tokens and tags: texts (.txt), each with its annotations (.ann).

Entities (lines `T1<TAB>Type 0 7<TAB>aspirin`) become tags; relations, events, attributes and notes
are left out. An entity in several pieces goes from its first character to its last. Of entities
that overlap, the longest stays. Sub-folders are read, too. Messages name files and lines, never
what is written there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs.recipes import spans

_ENTITY = re.compile(r"T\S*\t(\S(?:[^\t]*\S)?)[ \t](\d+ \d+(?:;\d+ \d+)*)(?:\t(.*))?")
_OTHER = re.compile(r"[A-Z#*]\S*\t.*|\s*")


class BratError(ValueError):
    """A folder or file is none of BRAT; the message names file and line."""


@dataclass(frozen=True)
class Entity:
    """Characters [begin, end) of a text with their type, and the line that says so."""

    begin: int
    end: int
    kind: str
    line: int


@dataclass(frozen=True)
class Sentence:
    """Tokens with IOB2 tags; `lines`: for each the line of its entity in `file`, else 1."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    file: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Folder:
    """What a folder held, and where (`file:line`) an entity was left out under a longer one."""

    sentences: tuple[Sentence, ...]
    overlapped: tuple[str, ...]


def read_folder(folder: Path) -> Folder:
    """All texts of a folder in the order of their names. Raises BratError."""
    files = sorted(folder.rglob("*.ann"))
    if not files:
        raise BratError(f"{folder.name}: a folder is read as BRAT, but it has no .ann file")
    for lone in sorted(folder.rglob("*.txt")):
        if not lone.with_suffix(".ann").exists():
            raise BratError(
                f"{lone.name}: there is no .ann file beside it, which BRAT has (empty) where a "
                "text has no annotations"
            )
    sentences: list[Sentence] = []
    overlapped: list[str] = []
    for file in files:
        name = str(file.relative_to(folder))
        text = _text(file.with_suffix(".txt"))
        entities = list(_entities(name, _text(file), text))
        kept = _longest(entities)
        overlapped += [f"{name}:{e.line}" for e in entities if e not in kept]
        sentences += _sentences(name, text, kept)
    if not sentences:
        raise BratError(f"{folder.name}: its texts are empty")
    return Folder(tuple(sentences), tuple(overlapped))


def _text(path: Path) -> str:
    """A file with its line ends as they are: offsets count each character."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise BratError(f"{path.name}: there is no such file beside its .ann") from None
    except UnicodeDecodeError as failure:
        line = path.read_bytes()[: failure.start].count(b"\n") + 1
        raise BratError(f"{path.name}: line {line}: bytes that are not UTF-8") from None


def _entities(name: str, annotations: str, text: str) -> Iterator[Entity]:
    for number, raw in enumerate(annotations.removeprefix("\ufeff").split("\n"), 1):
        line = raw.rstrip("\r")
        found = _ENTITY.fullmatch(line)
        where = f"{name}: line {number}"
        if found is None:
            if line.startswith("T") or not _OTHER.fullmatch(line):
                raise BratError(
                    f"{where}: not a BRAT annotation; an entity is an id, TAB, its type, a blank, "
                    "begin, a blank, end, TAB, its text"
                )
            continue
        pieces = [tuple(map(int, piece.split())) for piece in found.group(2).split(";")]
        begin, end = pieces[0][0], pieces[-1][1]
        edges = [edge for piece in pieces for edge in piece]
        if edges != sorted(edges) or any(b == e for b, e in pieces) or end > len(text):
            raise BratError(
                f"{where}: begin and end do not lie in the text of {len(text)} characters"
            )
        said = found.group(3)
        stands = "".join(text[b:e] for b, e in pieces)
        if said is not None and "".join(said.split()) != "".join(stands.split()):
            raise BratError(
                f"{where}: the text at its offsets is not the one that it names; do offsets count "
                "characters (not bytes), and CR LF as two?"
            )
        yield Entity(begin, end, found.group(1), number)


def _longest(entities: list[Entity]) -> list[Entity]:
    """Entities none of which overlap: of those that do, the longest."""
    kept: list[Entity] = []
    for one in sorted(entities, key=lambda e: (e.begin - e.end, e.begin, e.line)):
        if all(one.end <= other.begin or one.begin >= other.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda e: e.begin)


def _sentences(name: str, text: str, kept: list[Entity]) -> Iterator[Sentence]:
    marked = [{"begin": e.begin, "end": e.end, "label": str(i)} for i, e in enumerate(kept)]
    readable = text.replace("\ufeff", " ").replace("\r", "\n")
    for row in spans.rows(readable, marked):
        hits = [None if tag == "O" else kept[int(tag[2:])] for _, tag in row]
        yield Sentence(
            tuple(token for token, _ in row),
            tuple(
                t if h is None else f"{t[:2]}{h.kind}" for (_, t), h in zip(row, hits, strict=True)
            ),
            name,
            tuple(1 if hit is None else hit.line for hit in hits),
        )
