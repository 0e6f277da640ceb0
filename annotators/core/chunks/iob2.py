"""IOB2 files as values: lines of `token TAB tag` in, sentences with line numbers out.

A sentence ends at a blank line; a line whose token is `-DOCSTART-` is skipped. An `I-X` tag that
follows neither `B-X` nor `I-X` is repaired to `B-X` (what conlleval and seqeval count it as) and
reported; everything else that is wrong is an error with its line number. Messages name lines,
columns and well-formed tags, never a token: a training file may hold text of patients.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

SHOWN_PROBLEMS = 5
_TAG = re.compile(r"O|[BI]-[^\s]+")
_PREFIXED = re.compile(r"([BIESLU])-.+")


@dataclass(frozen=True)
class Sentence:
    """Tokens and tags of one sentence; `line` is the 1-based line of its first token."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Repair:
    """A tag that was changed: its 1-based line, what it was, what it became."""

    line: int
    found: str
    became: str


@dataclass(frozen=True)
class Iob2:
    """What a file held: its sentences in order and the repairs made to their tags."""

    sentences: tuple[Sentence, ...]
    repairs: tuple[Repair, ...]


class Iob2Error(ValueError):
    """The lines are no IOB2 file; `problems` holds (1-based line, what is wrong) pairs."""

    def __init__(self, problems: Sequence[tuple[int, str]]) -> None:
        self.problems = tuple(problems)
        shown = "; ".join(f"line {line}: {what}" for line, what in self.problems[:SHOWN_PROBLEMS])
        more = len(self.problems) - SHOWN_PROBLEMS
        super().__init__(shown + (f"; and {more} more" if more > 0 else ""))


def _columns(line: str) -> tuple[str, str] | str:
    """(token, tag) of one line that is not blank, or what is wrong with it."""
    columns = line.split("\t")
    if len(columns) != 2:
        return f"found {len(columns)} columns, expected 2 (token TAB tag)"
    token, tag = columns[0].strip(), columns[1].strip()
    if not token:
        return "the token is empty, expected token TAB tag"
    if not _TAG.fullmatch(tag):
        return "the tag is none of O, B-TYPE and I-TYPE"
    return token, tag


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """(1-based number, line without its end); lines that part sentences as empty strings."""
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n").removeprefix("\ufeff")
        yield number, "" if line.startswith("-DOCSTART-") or not line.strip() else line


def _repaired(number: int, tag: str, previous: str) -> Repair | None:
    """Give the repair of an I- tag that continues nothing, None for any other tag."""
    if tag[0] != "I" or previous[1:] == tag[1:]:
        return None
    return Repair(number, tag, "B" + tag[1:])


def parse(lines: Iterable[str]) -> Iob2:
    """Read IOB2 lines (with or without their line ends).

    Raises:
        Iob2Error: ragged rows, tags of another form, or no sentence at all, with line numbers.
    """
    blocks: list[list[tuple[int, str, str]]] = [[]]
    repairs: list[Repair] = []
    problems: list[tuple[int, str]] = []
    number = 1
    for number, line in _numbered(lines):
        if not line:
            blocks.append([])
            continue
        pair = _columns(line)
        if isinstance(pair, str):
            problems.append((number, pair))
            continue
        repair = _repaired(number, pair[1], blocks[-1][-1][2] if blocks[-1] else "O")
        if repair:
            repairs.append(repair)
        blocks[-1].append((number, pair[0], repair.became if repair else pair[1]))
    sentences = tuple(
        Sentence(tuple(row[1] for row in block), tuple(row[2] for row in block), block[0][0])
        for block in blocks
        if block
    )
    if not problems and not sentences:
        problems.append((number, "no sentence found, expected token TAB tag lines"))
    if problems:
        raise Iob2Error(problems)
    return Iob2(sentences, tuple(repairs))


def entity_types(labels: Iterable[str]) -> tuple[str, ...]:
    """List the types in prefixed labels, sorted: `B-X`, `I-X`, `O` -> `X`."""
    return tuple(sorted({label[2:] for label in labels if _PREFIXED.fullmatch(label)}))


def label_list(tags: Iterable[str]) -> tuple[str, ...]:
    """Labels in id order: O first, then B-X, I-X for every type in alphabetical order."""
    return ("O", *(f"{p}-{t}" for t in entity_types(tags) for p in "BI"))
