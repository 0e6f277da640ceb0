"""Tagged files as values: lines to sentences in IOB2 with line numbers, and sentences to lines.

Columns are parted by TAB where the first line has one, else by blanks; the token is the first and
the tag the last, so that CoNLL-2003 (token, part of speech, chunk, tag) is read as it is. A
sentence ends at a blank line; a line that opens with `-DOCSTART-` is skipped. Parted by TAB, a type
may have blanks in it.

Where a file has E-, S-, L- or U- tags it is BIOES or BILOU and is rewritten to IOB2. An `I-X` that
follows no X is repaired to `B-X` (what conlleval and seqeval count it as; IOB1 begins entities so)
and reported; everything else that is wrong is an error with its line number. Messages name lines,
columns and well-formed tags, never a token: a training file may hold text of patients.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

SHOWN_PROBLEMS = 5
DOCUMENT = "-DOCSTART-"
"""What the line before a document opens with."""
_BLANKS = re.compile(r"[ \t]+")
_TAG = re.compile(r"O|[BIESLUM]-\S(?:[^\t]*\S)?")
_PREFIXED = re.compile(r"([BIESLU])-.+")
_ALONE = "SU"
_LAST = "EL"


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
    """The lines are not a tagged file; `problems` holds (1-based line, what is wrong) pairs."""

    def __init__(self, problems: Sequence[tuple[int, str]]) -> None:
        self.problems = tuple(problems)
        shown = "; ".join(f"line {line}: {what}" for line, what in self.problems[:SHOWN_PROBLEMS])
        more = len(self.problems) - SHOWN_PROBLEMS
        super().__init__(shown + (f"; and {more} more" if more > 0 else ""))


@dataclass(frozen=True)
class _Form:
    """How the columns of a file are parted and how many there are, as its first line has them."""

    tabs: bool
    columns: int

    def split(self, line: str) -> list[str]:
        return line.split("\t") if self.tabs else _BLANKS.split(line.strip(" \t"))

    def read(self, line: str) -> tuple[str, str] | str:
        """(token, tag) of one line that is not blank, or what is wrong with it."""
        columns = self.split(line)
        parted = "TAB" if self.tabs else "blanks"
        if len(columns) != self.columns or self.columns < 2:
            expected = f"{self.columns} as in the first line" if self.columns > 1 else "2 or more"
            return (
                f"found {len(columns)} columns parted by {parted}, expected {expected} (the token "
                "first, the tag last)"
            )
        token, tag = columns[0].strip(), columns[-1].strip()
        if not token:
            return "the token is empty, expected the token first and its tag last"
        if not _TAG.fullmatch(tag):
            return "the last column is none of O, B-TYPE and I-TYPE (or E-, S-, L-, U-, M-)"
        return token, tag


def _form(line: str) -> _Form:
    form = _Form(tabs="\t" in line, columns=0)
    return _Form(form.tabs, len(form.split(line)))


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """(1-based number, line without its end); lines that part sentences as empty strings."""
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n").removeprefix("\ufeff")
        yield number, "" if line.startswith(DOCUMENT) or not line.strip() else line


def parse(lines: Iterable[str]) -> Iob2:
    """Read tagged lines (with or without their line ends).

    Raises:
        Iob2Error: ragged rows, tags of another form, or no sentence at all, with line numbers.
    """
    blocks: list[list[tuple[int, str, str]]] = [[]]
    problems: list[tuple[int, str]] = []
    form: _Form | None = None
    number = 1
    for number, line in _numbered(lines):
        if not line:
            blocks.append([])
            continue
        form = form or _form(line)
        pair = form.read(line)
        if isinstance(pair, str):
            problems.append((number, pair))
        else:
            blocks[-1].append((number, *pair))
    blocks = [block for block in blocks if block]
    if not problems and not blocks:
        problems.append((number, "no sentence found, expected lines of a token and its tag"))
    if problems:
        raise Iob2Error(problems)
    repairs: list[Repair] = []
    sentences = tuple(
        Sentence(tuple(row[1] for row in block), tuple(_iob2(block, repairs)), block[0][0])
        for block in blocks
    )
    return Iob2(sentences, tuple(repairs))


def _iob2(block: Sequence[tuple[int, str, str]], repairs: list[Repair]) -> Iterator[str]:
    """The tags of a sentence in IOB2; what was an I-, E- or L- without its B- is noted."""
    open_type = ""
    for number, _, found in block:
        prefix, _, kind = found.partition("-")
        if not kind:
            open_type = ""
            yield found
            continue
        begins = prefix in "B" + _ALONE or kind != open_type
        became = f"{'B' if begins else 'I'}-{kind}"
        if begins and prefix not in "B" + _ALONE:
            repairs.append(Repair(number, found, became))
        open_type = "" if prefix in _ALONE + _LAST else kind
        yield became


def block(pairs: Iterable[tuple[str, str]]) -> str:
    """The lines of one sentence, `token TAB tag` in IOB2, and the blank line that ends it.

    `parse` gives them back. A token that no such line can hold is left out: one of white space only
    (a no-break space is a token) and one that opens with `-DOCSTART-`. Where it began an entity,
    the entity's next token does. Nothing is written of a sentence without any other token.
    """
    lines = []
    lost = ""
    for token, tag in pairs:
        if not token.removeprefix("\ufeff").strip() or token.startswith(DOCUMENT):
            lost = f"I-{tag[2:]}" if tag.startswith("B-") else lost
            continue
        lines.append(f"{token}\t{f'B-{tag[2:]}' if tag == lost else tag}\n")
        lost = ""
    return "".join(lines) + "\n" if lines else ""


def entity_types(labels: Iterable[str]) -> tuple[str, ...]:
    """List the types in prefixed labels, sorted: `B-X`, `I-X`, `O` -> `X`."""
    return tuple(sorted({label[2:] for label in labels if _PREFIXED.fullmatch(label)}))


def label_list(tags: Iterable[str]) -> tuple[str, ...]:
    """Labels in id order: O first, then B-X, I-X for every type in alphabetical order."""
    return ("O", *(f"{p}-{t}" for t in entity_types(tags) for p in "BI"))
