"""Labelled files in, windows of wordpieces out, for both training tasks.

Token labels sit on a token's first wordpiece, other positions hold IGNORED. A sentence or text
that is longer than the window becomes several windows: nothing is cut off.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotators.core import iob2

IGNORED = -100


class DataError(ValueError):
    """A training file cannot be used; the message names file and line, never a text."""


@dataclass(frozen=True)
class Example:
    """One sentence (tokens, tags), or one text: a single token, its label or mixture as tags."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    where: str
    partial: bool = False


@dataclass(frozen=True)
class Window:
    """Wordpiece ids with [CLS] and [SEP]; labels per piece (for a text: its own); its example."""

    input_ids: tuple[int, ...]
    labels: tuple[int, ...]
    example: int
    tokens: tuple[int, ...]


@dataclass(frozen=True)
class Loaded:
    """Examples of some files and how many tags had to be repaired."""

    examples: tuple[Example, ...]
    repairs: int


def _map_tag(tag: str, mapping: Mapping[str, str]) -> str:
    if tag == "O" or tag[2:] not in mapping:
        return tag
    became = mapping[tag[2:]]
    return f"{tag[:2]}{became}" if became else "O"


def read_iob2(path: Path, mapping: Mapping[str, str], partial: bool = False) -> Loaded:
    """Sentences of an IOB2 file, types renamed by `mapping` (to an empty name: no entity)."""
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:
            found = iob2.parse(lines)
    except iob2.Iob2Error as error:
        raise DataError(f"{path.name}: {error}") from None
    examples = tuple(
        Example(
            s.tokens, tuple(_map_tag(t, mapping) for t in s.tags), f"{path.name}:{s.line}", partial
        )
        for s in found.sentences
    )
    return Loaded(examples, len(found.repairs))


def _rows(path: Path) -> list[tuple[int, Mapping[str, Any]]]:
    """(1-based line, row) pairs of JSON lines, or of CSV/TSV with a header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix in (".csv", ".tsv"):
            reader = csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ",")
            rows: list[tuple[int, Mapping[str, Any]]] = []
            for row in reader:
                if None in row or None in row.values():
                    raise DataError(
                        f"{path.name}: line {reader.line_num}: the row has not as many columns "
                        f"as the header, expected {len(reader.fieldnames or ())}"
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
                raise DataError(f"{path.name}: line {number}: this is no JSON object") from None
            if not isinstance(row, dict):
                raise DataError(f"{path.name}: line {number}: this is no JSON object")
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
    return Loaded(tuple(examples), 0)


def check_labels(labels: Sequence[str], examples: Sequence[Example], role: str) -> None:
    """Refuse a label that training never sees: it could not be learnt, only scored as wrong."""
    known = set(labels)
    for example in examples:
        for offset, tag in enumerate(example.tags):
            if tag not in known:
                name, _, line = example.where.rpartition(":")
                number = int(line) + (offset if len(example.tokens) > 1 else 0)
                raise DataError(
                    f"{name}: line {number}: label {tag!r} of the {role} file is not among the "
                    f"training labels {', '.join(labels)}: add training data for it or rename "
                    "it with --map"
                )


def _pack(pieces: Sequence[Sequence[int]], room: int) -> list[list[int]]:
    """Indices of consecutive tokens grouped so that no group has more than `room` pieces."""
    groups: list[list[int]] = [[]]
    used = 0
    for index, ids in enumerate(pieces):
        size = min(len(ids), room)
        if used + size > room:
            groups.append([])
            used = 0
        groups[-1].append(index)
        used += size
    return groups


def encode_tokens(
    examples: Sequence[Example], tokenizer: Any, labels: Sequence[str], max_length: int
) -> list[Window]:
    """Windows of sentences; an O of a partially annotated file gets the id len(labels)."""
    ids = {label: index for index, label in enumerate(labels)}
    room = max_length - 2
    windows: list[Window] = []
    for number, example in enumerate(examples):
        backend = tokenizer.backend_tokenizer
        encoding = backend.encode(list(example.tokens), is_pretokenized=True,
                                  add_special_tokens=False)
        pieces: list[list[int]] = [[] for _ in example.tokens]
        for piece, word in zip(encoding.ids, encoding.word_ids, strict=True):
            pieces[word].append(piece)
        for group in _pack(pieces, room):
            input_ids, targets, words = [tokenizer.cls_token_id], [IGNORED], [-1]
            for index in group:
                tag = example.tags[index]
                target = len(labels) if example.partial and tag == "O" else ids[tag]
                for position, piece in enumerate(pieces[index][:room]):
                    input_ids.append(piece)
                    targets.append(IGNORED if position else target)
                    words.append(-1 if position else index)
            windows.append(
                Window(
                    (*input_ids, tokenizer.sep_token_id), (*targets, IGNORED), number, (*words, -1)
                )
            )
    return windows


def encode_texts(
    examples: Sequence[Example], tokenizer: Any, labels: Sequence[str], max_length: int
) -> list[Window]:
    """Windows of texts; every window of a long text carries its label."""
    ids = {label: index for index, label in enumerate(labels)}
    room = max_length - 2
    windows = []
    for number, example in enumerate(examples):
        pieces = tokenizer.backend_tokenizer.encode(
            example.tokens[0], add_special_tokens=False
        ).ids
        for start in range(0, max(len(pieces), 1), room):
            input_ids = (
                tokenizer.cls_token_id, *pieces[start : start + room], tokenizer.sep_token_id
            )
            targets = tuple(ids[tag] for tag in example.tags)
            windows.append(Window(input_ids, targets, number, ()))
    return windows
