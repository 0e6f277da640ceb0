"""Labelled files read as examples, for both training tasks; what cannot be used, with its line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotators.core.chunks import iob2
from jobs.sources import brat

IGNORED = -100
SHOWN_PLACES = 5


class DataError(ValueError):
    """A training file cannot be used; the message names file and line, never a text."""


@dataclass(frozen=True)
class Example:
    """One sentence (tokens, tags), or one text: a single token, its label or mixture as tags."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    where: str
    partial: bool = False
    lines: tuple[int, ...] = ()
    """The line of each token in the file, where not one line follows the other."""

    def place(self, token: int = 0) -> tuple[str, int]:
        """File and line of a token."""
        name, _, line = self.where.rpartition(":")
        if self.lines:
            return name, self.lines[token]
        return name, int(line) + (token if len(self.tokens) > 1 else 0)


@dataclass(frozen=True)
class Loaded:
    """Examples of some files, and where (`file:line`) an I- tag was read as B-, or an entity left
    out because a longer one overlaps it.
    """

    examples: tuple[Example, ...]
    repairs: tuple[str, ...] = ()
    overlapped: tuple[str, ...] = ()

    def told(self) -> list[str]:
        """What was not taken as it stands, in lines for a user."""
        changed = (
            (self.repairs, "I- tags without their B- were read as B-"),
            (self.overlapped, "entities were left out under longer ones that they overlap"),
        )
        return [f"{len(found)} {what}: {listed(found)}" for found, what in changed if found]


def listed(places: Sequence[str]) -> str:
    """The first places of many, for a message."""
    more = len(places) - SHOWN_PLACES
    return ", ".join(places[:SHOWN_PLACES]) + (f" and {more} more" if more > 0 else "")


def _map_tag(tag: str, mapping: Mapping[str, str]) -> str:
    if tag == "O" or tag[2:] not in mapping:
        return tag
    became = mapping[tag[2:]]
    return f"{tag[:2]}{became}" if became else "O"


def read_tagged(path: Path, mapping: Mapping[str, str], partial: bool = False) -> Loaded:
    """Sentences of a tagged file or a BRAT folder, types renamed by `mapping` (to an empty name:
    no entity).
    """
    return (_read_brat if path.is_dir() else read_iob2)(path, mapping, partial)


def _read_brat(path: Path, mapping: Mapping[str, str], partial: bool) -> Loaded:
    try:
        found = brat.read_folder(path)
    except brat.BratError as error:
        raise DataError(str(error)) from None
    examples = tuple(
        Example(
            s.tokens, tuple(_map_tag(t, mapping) for t in s.tags), f"{s.file}:{s.lines[0]}",
            partial, s.lines,
        )
        for s in found.sentences
    )  # fmt: skip
    return Loaded(examples, (), found.overlapped)


def _lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file with their ends; only LF ends one."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as failure:
        line = content[: failure.start].count(b"\n") + 1
        raise DataError(
            f"{path.name}: line {line}: bytes that are not UTF-8, expected a file in UTF-8"
        ) from None


def read_iob2(path: Path, mapping: Mapping[str, str], partial: bool = False) -> Loaded:
    """Sentences of a tagged file in IOB2, types renamed by `mapping`."""
    try:
        found = iob2.parse(_lines(path))
    except iob2.Iob2Error as error:
        raise DataError(f"{path.name}: {error}") from None
    examples = tuple(
        Example(
            s.tokens, tuple(_map_tag(t, mapping) for t in s.tags), f"{path.name}:{s.line}", partial
        )
        for s in found.sentences
    )
    return Loaded(examples, tuple(f"{path.name}:{r.line}" for r in found.repairs))


def _rows(path: Path) -> list[tuple[int, Mapping[str, Any]]]:
    """(1-based line, row) pairs of JSON lines, or of CSV/TSV with a header."""
    with io.StringIO("\n".join(_lines(path)), newline="") as file:
        if path.suffix in (".csv", ".tsv"):
            reader = csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ",")
            rows: list[tuple[int, Mapping[str, Any]]] = []
            for row in reader:
                if None in row or None in row.values():
                    raise DataError(
                        f"{path.name}: line {reader.line_num}: the row does not have as many "
                        f"columns as the header, expected {len(reader.fieldnames or ())}"
                    )
                rows.append((reader.line_num, row))
            return rows
        rows = []
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                raise DataError(f"{path.name}: line {number}: this is not a JSON object") from None
            if not isinstance(row, dict):
                raise DataError(f"{path.name}: line {number}: this is not a JSON object")
            rows.append((number, row))
        return rows


def read_texts(path: Path, text: str, label: str, mapping: Mapping[str, str]) -> Loaded:
    """Labelled texts; a label mapped to an empty name drops its row, one mapped to `a/b` is a
    mixture: half of each while training.
    """
    examples: list[Example] = []
    for number, row in _rows(path):
        if text not in row or label not in row:
            raise DataError(
                f"{path.name}: line {number}: fields {text!r} and {label!r} expected, found "
                f"{len(row)} fields without one of them"
            )
        content = str(row[text] or "")
        if not content.strip():
            raise DataError(f"{path.name}: line {number}: the text is empty")
        name = mapping.get(str(row[label]), str(row[label]))
        if name:
            examples.append(Example((content,), tuple(name.split("/")), f"{path.name}:{number}"))
    if not examples:
        raise DataError(f"{path.name}: line 1: no labelled text found")
    return Loaded(tuple(examples))


def read_unlabelled(path: Path, text: str) -> list[str]:
    """The texts of a file, empty ones left out."""
    found = []
    for number, row in _rows(path):
        if text not in row:
            raise DataError(f"{path.name}: line {number}: field {text!r} expected, not found")
        found.append(str(row[text] or ""))
    return [content for content in found if content.strip()]


def unmixed(examples: Sequence[Example]) -> tuple[Example, ...]:
    """Texts with one label: a mixture is for training, there is nothing to score it by."""
    return tuple(example for example in examples if len(set(example.tags)) == 1)


def check_labels(labels: Sequence[str], examples: Sequence[Example], role: str) -> None:
    """Refuse a label that training never sees: it could not be learnt, only scored as wrong."""
    known = set(labels)
    for example in examples:
        for offset, tag in enumerate(example.tags):
            if tag not in known:
                name, number = example.place(offset)
                raise DataError(
                    f"{name}: line {number}: label {tag!r} of the {role} file is not among the "
                    f"training labels {', '.join(labels)}: add training data for it or rename "
                    "it with --map"
                )
