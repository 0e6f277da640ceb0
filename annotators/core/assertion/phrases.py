"""Phrases of a rule table, written short: `den(y|ies) | no [sign of]` stands for four phrases."""

from __future__ import annotations

import re
from collections.abc import Iterator

from annotators.core.errors import ParamError

MOST = 10_000
"""More phrases than a person means by one pattern."""

_WORD = re.compile(r"\w+|[^\w\s]")
_CLOSING = {"(": ")", "[": "]"}


def words(text: str) -> list[tuple[str, int, int]]:
    """Each word and each mark of a text, with its half-open span."""
    return [(found[0], *found.span()) for found in _WORD.finditer(text)]


def spell(text: str) -> list[str]:
    """The words and marks of a text in small letters."""
    return _WORD.findall(text.lower())


def count_words(text: str) -> int:
    """How many words and marks a text has."""
    return len(_WORD.findall(text))


def expand(pattern: str) -> list[tuple[str, ...]]:
    """The phrases of a pattern as words: (a|b) is a or b, [a] is a or nothing, | divides phrases.

    Raises ParamError: one clause that says what is wrong with the pattern.
    """
    written = _choices(iter(pattern), None)
    phrases = {tuple(_WORD.findall(text)) for text in written}
    if () in phrases:
        raise ParamError("the pattern matches nothing at all")
    return sorted(phrases)


def _choices(letters: Iterator[str], closing: str | None) -> list[str]:
    """What stands between here and the closing bracket, each choice written out."""
    done: list[str] = []
    current = [""]
    for letter in letters:
        if letter in _CLOSING:
            inner = _choices(letters, _CLOSING[letter])
            inner += [""] * (letter == "[")
            current = [begun + more for begun in current for more in inner]
        elif letter == "|":
            done += current
            current = [""]
        elif letter == closing:
            return done + current
        elif letter in ")]":
            raise ParamError(f"'{letter}' closes a bracket that is not open")
        else:
            current = [begun + letter for begun in current]
        if len(current) + len(done) > MOST:
            raise ParamError(f"the pattern stands for more than {MOST} phrases")
    if closing:
        raise ParamError(f"bracket not closed by '{closing}'")
    return done + current
