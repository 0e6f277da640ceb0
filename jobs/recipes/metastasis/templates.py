"""Clinical sentences written from patterns.

metastasis_patterns.txt has the patterns, metastasis_slots.txt the values that fill them.

Frames take noun phrases of both labels, so the shape of a sentence does not give its label away.
Every eighth pattern of each section is kept for devel, so devel shows patterns never trained on.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

HELD_OUT_EVERY = 8
_HERE = Path(__file__).parent
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")


def _content(name: str) -> list[str]:
    lines = (_HERE / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def read_slots() -> dict[str, list[str]]:
    """Values by slot name."""
    pairs = (line.split(":", 1) for line in _content("slots.txt"))
    return {name: [value.strip() for value in values.split(";")] for name, values in pairs}


def read_patterns() -> dict[str, list[str]]:
    """Patterns by section: np+, np-, frames, pos, neg."""
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in _content("patterns.txt"):
        header = re.fullmatch(r"\[(np[+-]|frames|pos|neg)\]", line)
        if header:
            current = sections.setdefault(header.group(1), [])
        else:
            current.append(line)
    return sections


def part(patterns: Sequence[str], devel: bool) -> list[str]:
    """The patterns kept for devel, or the others."""
    last = HELD_OUT_EVERY - 1
    return [p for i, p in enumerate(patterns) if (i % HELD_OUT_EVERY == last) == devel]


def fill(pattern: str, slots: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    """The pattern with every [a|b] and {slot} drawn, innermost first."""
    while True:
        choice, slot = _CHOICE.search(pattern), _SLOT.search(pattern)
        if choice:
            drawn, found = rng.choice(choice.group(1).split("|")), choice
        elif slot:
            drawn, found = rng.choice(slots[slot.group(1)]), slot
        else:
            return " ".join(pattern.split())
        pattern = pattern[: found.start()] + drawn + pattern[found.end() :]


def _typo(text: str, rng: random.Random) -> str:
    """One letter of one long word left out or two swapped, as hurried notes have it."""
    words = text.split(" ")
    at = rng.randrange(len(words))
    word = words[at]
    if len(word) < 7:
        return text
    i = rng.randrange(1, len(word) - 2)
    swapped = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    words[at] = rng.choice([swapped, word[:i] + word[i + 1 :]])
    return " ".join(words)


def _style(text: str, rng: random.Random) -> str:
    """Capital first letter mostly, full stop mostly, sometimes a typo or all lower case."""
    if rng.random() < 0.85:
        text = text[:1].upper() + text[1:]
    if rng.random() < 0.25:
        text = text.rstrip(".")
    if rng.random() < 0.06:
        text = _typo(text, rng)
    return text.lower() if rng.random() < 0.08 else text


def write(label: str, count: int, devel: bool, rng: random.Random) -> list[str]:
    """`count` different sentences of a label ("0" or "1") from the train or the devel patterns."""
    everything, slots = read_patterns(), read_slots()
    sections = {name: part(patterns, devel) for name, patterns in everything.items()}
    phrases = sections["np+" if label == "1" else "np-"]
    whole = sections["pos" if label == "1" else "neg"]
    sentences: dict[str, None] = {}
    while len(sentences) < count:
        if rng.random() < 0.55:
            frame, phrase = rng.choice(sections["frames"]), rng.choice(phrases)
            pattern = frame.replace("{np}", phrase).replace("{npx}", rng.choice(sections["np-"]))
        else:
            pattern = rng.choice(whole)
        if rng.random() < 0.15:  # the mention as a small part of a long sentence
            other = rng.choice(sections["neg"]).rstrip(".")
            pair = [pattern.rstrip("."), other]
            rng.shuffle(pair)
            pattern = rng.choice(["; ", ", ", " and ", ", while "]).join(pair) + "."
        sentences[_style(fill(pattern, slots, rng), rng)] = None
    return list(sentences)
