"""IOB2 files as values: lines of `token TAB tag` in, sentences with line numbers out.

A sentence ends at a blank line; a line whose token is `-DOCSTART-` is skipped. An `I-X` tag that
follows neither `B-X` nor `I-X` is repaired to `B-X` (what conlleval and seqeval count it as) and
reported; everything else that is wrong is an error with its line number. Messages name lines,
columns and well-formed tags, never a token: a training file may hold text of patients.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
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


def parse(lines: Iterable[str]) -> Iob2:
    """Read IOB2 lines (with or without their line ends).

    Raises:
        Iob2Error: ragged rows, tags of another form, or no sentence at all, with line numbers.
    """
    sentences: list[Sentence] = []
    repairs: list[Repair] = []
    problems: list[tuple[int, str]] = []
    tokens: list[str] = []
    tags: list[str] = []
    start = number = 0

    def close() -> None:
        if tokens:
            sentences.append(Sentence(tuple(tokens), tuple(tags), start))
            tokens.clear()
            tags.clear()

    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        if number == 1:
            line = line.removeprefix("\ufeff")
        if not line.strip():
            close()
            continue
        if line.startswith("-DOCSTART-"):
            close()
            continue
        pair = _columns(line)
        if isinstance(pair, str):
            problems.append((number, pair))
            continue
        token, tag = pair
        previous = tags[-1] if tags else "O"
        if tag[0] == "I" and previous[1:] != tag[1:]:
            became = "B" + tag[1:]
            repairs.append(Repair(number, tag, became))
            tag = became
        if not tokens:
            start = number
        tokens.append(token)
        tags.append(tag)
    close()
    if not problems and not sentences:
        problems.append((max(number, 1), "no sentence found, expected token TAB tag lines"))
    if problems:
        raise Iob2Error(problems)
    return Iob2(tuple(sentences), tuple(repairs))


def entity_types(labels: Iterable[str]) -> tuple[str, ...]:
    """The types in prefixed labels, sorted: `B-X`, `I-X`, `O` -> `X`."""
    return tuple(sorted({label[2:] for label in labels if _PREFIXED.fullmatch(label)}))


def label_list(tags: Iterable[str]) -> tuple[str, ...]:
    """Labels in id order: O first, then B-X, I-X for every type in alphabetical order."""
    return ("O", *(f"{p}-{t}" for t in entity_types(tags) for p in "BI"))


def infer_scheme(labels: Iterable[str]) -> str | None:
    """Name the scheme of a label list: IOB2, IOBES, IO, or None where labels carry no prefix.

    IOB1 cannot be told from IOB2 by the labels alone (both have B- and I-), so those are IOB2.
    """
    names = set(labels) - {"O"}
    if not names or not all(_PREFIXED.fullmatch(name) for name in names):
        return None
    prefixes = {name[0] for name in names}
    if prefixes & set("ESLU"):
        return "IOBES"
    return "IO" if prefixes == {"I"} else "IOB2"
