"""A text under construction, with marks where its sentences end."""

from __future__ import annotations

from dataclasses import dataclass

END = "\ue000"
"""Marks the end of a sentence in a text under construction; a private-use character."""

Sentences = list[str]


@dataclass(frozen=True)
class Marked:
    """A text and the half-open ends of its sentences, in characters."""

    text: str
    ends: tuple[int, ...]


def strip_marks(text: str) -> Marked:
    """Take the END marks out of a text; an end is moved before the white space in front of it."""
    parts = text.split(END)
    ends: list[int] = []
    plain = ""
    for part in parts[:-1]:
        plain += part
        end = len(plain.rstrip())
        if end and (not ends or ends[-1] != end):
            ends.append(end)
    return Marked(plain + parts[-1], tuple(ends))
