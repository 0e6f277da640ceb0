"""Texts whose sentence boundaries are known, drawn from one seed."""

# ruff: noqa: RUF001 (look-alike characters are meant here)

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random

from jobs.recipes.sentence_texts.lists import inline_list
from jobs.recipes.sentence_texts.marks import END, Marked, strip_marks
from jobs.recipes.sentence_texts.note_phrases import heading
from jobs.recipes.sentence_texts.notes import note
from jobs.recipes.sentence_texts.pools import Pools
from jobs.recipes.sentence_texts.prose import drawn_prose, paragraph, wrapped

_TITLE = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|Prof|St|vs|Fig|No|al|[A-Z])\.(?!\ue000)(?: (?=\S))")


def report(pools: Pools, rng: Random) -> str:
    """Draw paragraphs of prose: on one line each, hard-wrapped, or a sentence a line."""
    width = rng.randint(50, 110) if rng.random() < 0.35 else None
    paragraphs = []
    for _ in range(rng.randint(1, 4)):
        sentences = drawn_prose(pools, rng, rng.randint(2, 8))
        if not width and rng.random() < 0.1:
            paragraphs.append("\n".join(sentence + END for sentence in sentences))
        else:
            text = paragraph(sentences, rng)
            if width:
                text = _TITLE.sub(
                    lambda m: m[0][:-1] + ("\n" if rng.random() < 0.15 else " "), text
                )
            if rng.random() < 0.06:
                text += " " + inline_list(pools, rng)
            paragraphs.append(wrapped(text, width) if width else text)
    breaks = "\n\n" if width or rng.random() < 0.5 else "\n"
    titled = heading(rng) + END + "\n" if rng.random() < 0.15 else ""
    return titled + breaks.join(paragraphs)


_BROKEN = re.compile(r"(?<=[a-z,]) (?=[a-z])")


def rewrapped(text: str, rng: Random) -> str:
    """Hard-wrap every line of a real note at one width."""
    width = rng.randint(60, 100)
    return "\n".join(wrapped(line, width) for line in text.split("\n"))


def noisy(text: str, rng: Random) -> str:
    """Draw the text as it may arrive: other white space, other case, a missing last stop."""
    draw = rng.random()
    if draw < 0.05:
        text = text.lower()
    elif draw < 0.09:
        text = text.upper()
    elif draw < 0.13:
        text = text.replace(" ", "\xa0") if draw < 0.10 else text.replace("'", "’")
    if rng.random() < 0.03:
        text = _BROKEN.sub(" \t", text, count=3)
    if rng.random() < 0.03:
        text = re.sub(r"(?<=\S) (?=\S)", lambda _: "  " if rng.random() < 0.1 else " ", text)
    if rng.random() < 0.05:
        text = text.replace("\n", "\r\n")
    if rng.random() < 0.10:
        text = re.sub(r"\.(?=\ue000\s*\n)", "", text)
    return text


def texts(pools: Pools, real: Sequence[str], count: int, seed: int) -> Iterator[Marked]:
    """`count` texts with known ends of sentences: reports, notes, and real notes, in that order."""
    rng = Random(seed)
    for i in range(count):
        kind = i % 20
        if kind < 9:
            text = report(pools, rng)
        elif kind < 17:
            text = note(pools, rng)
        elif kind < 19:
            text = rng.choice(real)
        else:
            text = rewrapped(rng.choice(real), rng)
        yield strip_marks(noisy(text, rng))
