"""Sentences varied, joined to paragraphs and hard-wrapped."""

# ruff: noqa: RUF001 (look-alike characters are meant here)

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from jobs.recipes.sentence_texts.asides import shortened, with_aside
from jobs.recipes.sentence_texts.drawn_words import acronym, organism, person, reference
from jobs.recipes.sentence_texts.endings import ending
from jobs.recipes.sentence_texts.marks import END, Sentences
from jobs.recipes.sentence_texts.pools import Pools
from jobs.recipes.sentence_texts.words import DRUGS, LOWER_STARTS, spaced


def _number_start(rng: Random) -> str:
    n = rng.randint(1, 2000)
    return rng.choice(
        (
            *(
                f"{n} patients",
                f"{n} of {n + 9} cases",
                f"{n} days later,",
                f"{n} mg/kg",
                f"{n}% of them",
            ),
            *(
                f"{n} years ago",
                f"{n}-year-old man",
                f"{n % 19}F-{acronym(rng)}",
                f"{acronym(rng)} and",
            ),
            *(
                f"{n % 99}.{n % 9}% of",
                f"{acronym(rng)} was",
                f"{acronym(rng)} scan:",
                f"{n % 9} weeks later",
                f"#{n % 32 + 1} tooth",
                f"{n % 40} weeks after that,",
                f"{n % 99}-h {acronym(rng)}",
                f"{n % 200}I-{acronym(rng)} scan",
                f"{n % 99}% {rng.choice(DRUGS)} was",
                f"{rng.choice('<>~+')}{n % 99}% of",
            ),
        )
    )


OPENERS = (person, person, organism, reference)


def varied(sentence: str, rng: Random) -> str:
    """Give a sentence, now and then, an aside, another ending, or another mark at its end."""
    draw = rng.random()
    words = sentence.split(" ")
    if draw < 0.32 and len(words) > 3:
        return " ".join(_interrupted(words, rng) if draw < 0.295 else shortened(words, rng))
    if draw < 0.56 and sentence[-1] == ".":
        if draw < 0.50 and len(words) > 3:
            return f"{sentence[:-1]} {ending(rng)}"
        return sentence[:-1] + _mark(rng)
    if draw < 0.59:
        return rng.choice((f'"{sentence}"', f"({sentence})", f"“{sentence}”", f"'{sentence}'"))
    return _opened(sentence, rng) if draw < 0.73 else sentence


def _interrupted(words: list[str], rng: Random) -> list[str]:
    for _ in range(rng.choice((1, 1, 2))):
        words = with_aside(words, rng)
    return words


def _mark(rng: Random) -> str:
    """Draw what ends a sentence instead of a plain stop: a stop and its citation, another mark."""
    if rng.random() < 0.5:
        return rng.choice(("?", "!", "...", "…", "?!", "!!", " .", ";.", ".."))
    n = rng.randint(1, 40)
    return rng.choice((f".[{n}]", f".{n}", f".{n},{n + 1}", f".[{n}-{n + 2}]", f".({n})"))


def _opened(sentence: str, rng: Random) -> str:
    """Let a sentence begin with a small letter, a number, a name, or an abbreviation."""
    draw = rng.random()
    if draw < 0.2:
        return spaced(rng.choice(LOWER_STARTS))
    if draw < 0.4:
        return sentence[:1].lower() + sentence[1:]
    if draw < 0.85:
        return " ".join((_number_start(rng), *sentence.split(" ")[1:]))
    return f"{rng.choice(OPENERS)(rng)} {sentence}"


def drawn_prose(pools: Pools, rng: Random, count: int) -> Sentences:
    """Draw sentences, consecutive ones of a document or clinical ones, and vary them."""
    if rng.random() < 0.5:
        document = rng.choice(pools.documents)
        start = rng.randrange(len(document)) if len(document) > count else 0
        chosen = document[start : start + count]
    else:
        chosen = rng.sample(pools.clinical, count)
    return [varied(sentence, rng) for sentence in chosen]


_HAS_STOP = re.compile(r"[.?!…][)\]\"'”]*(?:[\[(]?\d[\d,–-]*[\])]?)?$")
_WORD_END = re.compile(r"[a-z]\.$")
_WORD_START = re.compile(r"[A-Z][a-z]*\b")


def _stopped(sentence: str) -> str:
    return sentence if _HAS_STOP.search(sentence) else f"{sentence}."


def paragraph(sentences: Sequence[str], rng: Random) -> str:
    """Join sentences, with END marks, by one blank, two, or now and then none."""
    style = rng.random()
    blanks = "  " if style < 0.3 else " "
    text = ""
    stopped = [_stopped(sentence) for sentence in sentences]
    for sentence, following in zip(stopped, [*stopped[1:], ""], strict=True):
        gap = blanks
        if style > 0.96 and _WORD_END.search(sentence) and _WORD_START.match(following):
            gap = rng.choice(("", blanks))
        text += sentence + END + gap
    return text.rstrip(" ")


def wrapped(paragraph: str, width: int, indent: str = "") -> str:
    """Break a paragraph into lines of at most `width` characters (END counts nothing)."""
    lines: list[str] = []
    line = ""
    for word in paragraph.split(" "):
        longer = f"{line} {word}" if line else word
        if line and len(longer.replace(END, "")) > width:
            lines.append(line.rstrip(" "))
            line = indent + word
        else:
            line = longer
    return "\n".join([*lines, line])
