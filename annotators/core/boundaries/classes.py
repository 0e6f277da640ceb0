"""Classes of characters: what the learned sentence detector knows of a character."""

# ruff: noqa: RUF001 (look-alike characters are meant here)

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]
CLASSES = 128
PAD, SPACE, BREAK, BLANK = 0, 1, 2, 3  # BREAK: one line break; BLANK: a blank line
DIGIT, _OTHER_LOWER, _OTHER_UPPER = 98, 99, 100
_BULLET, _LETTER, _SYMBOL, _PUNCTUATION, _MARK, _UNKNOWN = 101, 102, 103, 104, 105, 106
_OPEN_QUOTE, _CLOSE_QUOTE, _ELLIPSIS, _DEGREE = 107, 108, 109, 110
EDGE = 111  # between two texts; shown to the scorer as padding
_BULLETS = "•◦▪▫‣·●○■□–—⁃∙➢➤►✓"
_SPECIAL = {
    **dict.fromkeys(_BULLETS, _BULLET),
    **dict.fromkeys("“„«", _OPEN_QUOTE),
    **dict.fromkeys("”»", _CLOSE_QUOTE),
    **dict.fromkeys("\f\v\u2029", BLANK),
    **dict.fromkeys("\n\r\x85\u2028", BREAK),
    "…": _ELLIPSIS,
    "°": _DEGREE,
}
_SAME_AS = {
    "’": "'",
    "‘": "'",
    "。": ".",
    "．": ".",
    "！": "!",
    "？": "?",
    "‐": "-",
    "‑": "-",
    "−": "-",
}


@lru_cache(maxsize=1)
def class_table() -> NDArray[np.uint8]:
    """uint8[65536]: the class of each character; the last entry serves all characters above."""
    return np.array([class_of(chr(code)) for code in range(0x10000)], np.uint8)


def class_of(char: str) -> int:
    """The class of a character, below CLASSES."""
    char = _SAME_AS.get(char, char)
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char.isspace():
        return SPACE
    category = unicodedata.category(char)
    if category == "Nd":
        return DIGIT
    base = unicodedata.normalize("NFD", char)[0]
    if "!" <= base <= "~":
        return ord(base) - ord("!") + 4
    if category[0] == "L":
        return {"Ll": _OTHER_LOWER, "Lu": _OTHER_UPPER, "Lt": _OTHER_UPPER}.get(category, _LETTER)
    return {"P": _PUNCTUATION, "S": _SYMBOL, "M": _MARK, "N": _SYMBOL}.get(category[0], _UNKNOWN)


@lru_cache(maxsize=16)
def among(chars: str) -> NDArray[np.bool_]:
    """bool[256]: which classes the characters have."""
    member = np.zeros(256, np.bool_)
    member[[class_of(char) for char in chars]] = True
    return member


_LOWER = "".join(map(chr, range(ord("a"), ord("z") + 1)))


@lru_cache(maxsize=1)
def lower_case() -> NDArray[np.bool_]:
    """bool[256]: the classes of small letters."""
    return among(_LOWER + "ß")


@lru_cache(maxsize=1)
def upper_case() -> NDArray[np.bool_]:
    """bool[256]: the classes of capitals."""
    return among(_LOWER.upper() + "Ω")


@lru_cache(maxsize=1)
def letters() -> NDArray[np.bool_]:
    """bool[256]: the classes of letters with a case."""
    return lower_case() | upper_case()
