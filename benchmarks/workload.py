"""What is annotated: the notes as they are, repeated, or as a longitudinal archive.

The archive's assumptions (`copied_forward`): a patient has VISITS notes; every note after the first
takes a contiguous stretch of the note before it, COPIED of the sentences, word for word, and goes
on with new ones; every new sentence is one of ACI-BENCH's, used as new once. So half of all
sentences are copies of one in the same patient's notes (Steinkamp et al., JAMA Netw Open 2022:
50.1% of the text of inpatient and outpatient notes), and nothing else repeats more than it does in
ACI-BENCH. A patient's notes lie side by side, as an export by patient has them.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

VISITS = 6
COPIED = 0.6
"""Of the sentences of a follow-up: with six visits that makes half of all sentences."""
UNITS_A_NOTE = 40
_ENDS = re.compile(r"(?<=[.?!])\s+|\n+")


def read_texts(path: Path) -> list[str]:
    """The text of each line of a JSON lines file."""
    lines = path.read_text("utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def write_texts(path: Path, texts: Sequence[str]) -> Path:
    path.write_text("".join(json.dumps({"text": t}) + "\n" for t in texts), "utf-8")
    return path


def copied_forward(texts: Sequence[str], seed: int = 13) -> list[str]:
    """A longitudinal archive of the sentences of `texts`, half of its sentences copied forward."""
    draw = random.Random(seed)
    order = draw.sample(list(texts), len(texts))
    new = chain.from_iterable(_units(text) for text in order)
    return ["\n".join(note) for note in _notes(new, draw)]


def _notes(new: Iterator[str], draw: random.Random) -> Iterator[list[str]]:
    """Patient after patient, as long as there are new sentences for a whole note."""
    before: list[str] = []
    number = 0
    while True:
        copies = int(COPIED * UNITS_A_NOTE) if number % VISITS else 0
        start = draw.randint(0, UNITS_A_NOTE - copies)
        fresh = [unit for unit, _ in zip(new, range(UNITS_A_NOTE - copies), strict=False)]
        if len(fresh) < UNITS_A_NOTE - copies:
            return
        before = [*before[start : start + copies], *fresh]
        yield before
        number += 1


def _units(text: str) -> list[str]:
    """Sentences and lines, roughly: what an author copies."""
    return [unit for unit in _ENDS.split(text) if unit.strip()]


def scrambled(texts: Sequence[str], seed: int = 13) -> list[str]:
    """The texts with the words of each line in another order: as much work, hardly a repeat."""
    draw = random.Random(seed)
    return [
        "\n".join(" ".join(draw.sample(words := line.split(), len(words))) for line in lines)
        for lines in (text.split("\n") for text in texts)
    ]


def dealt(texts: Sequence[str], hands: int) -> list[list[tuple[int, str]]]:
    """The numbered texts in `hands` stretches of neighbours, equal in characters, or nearly."""
    goal = sum(map(len, texts)) / hands
    stretches: list[list[tuple[int, str]]] = [[] for _ in range(hands)]
    before = 0.0
    for number, text in enumerate(texts):
        middle = before + len(text) / 2
        stretches[min(hands - 1, int(middle / goal))].append((number, text))
        before += len(text)
    return stretches
