r"""The characters that Java 17's regular expressions have names for: `\s`, `\p{Lu}`, `\p{Punct}`.

Rules: java.util.regex.Pattern and java.lang.Character of Java 17. The classes `\d`, `\s`, `\w` and
the POSIX ones are ASCII unless flag `U` is on. Categories are those of Python's own Unicode tables.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from annotators.core.java.character_sets import (
    EVERYTHING,
    LAST,
    Ranges,
    characters,
    complement,
    from_to,
    intersection,
    union,
)
from annotators.core.java.other_alphabetic import OTHER_ALPHABETIC

LINE_ENDS = characters("\n\r\x85\u2028\u2029")
SPACE = characters(" \t\n\x0b\f\r")
UPPER, LOWER = from_to("A", "Z"), from_to("a", "z")
CASED = "Lu Ll Lt"
"""The categories whose letters have another case."""

_DIGIT = from_to("0", "9")
_ALPHA = union([*UPPER, *LOWER])
_WORD = union([*_ALPHA, *_DIGIT, *characters("_")])
_PUNCTUATION = characters("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_WIDE = from_to("\u2000", "\u200a")
_UNICODE_SPACE = union(
    [*characters("\t\n\x0b\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"), *_WIDE]
)
_HORIZONTAL = union([*characters(" \t\xa0\u1680\u180e\u202f\u205f\u3000"), *_WIDE])
_VERTICAL = characters("\n\x0b\f\r\x85\u2028\u2029")
_JOINERS = from_to("\u200c", "\u200d")
_NO_BREAK = characters("\xa0\u2007\u202f")

_POSIX: dict[str, Ranges] = {
    "Lower": LOWER,
    "Upper": UPPER,
    "ASCII": ((0, 127),),
    "Alpha": _ALPHA,
    "Digit": _DIGIT,
    "Alnum": union([*_ALPHA, *_DIGIT]),
    "Punct": _PUNCTUATION,
    "Graph": ((33, 126),),
    "Print": ((32, 126),),
    "Blank": characters(" \t"),
    "Cntrl": union([(0, 31), (127, 127)]),
    "XDigit": union([*_DIGIT, *from_to("A", "F"), *from_to("a", "f")]),
    "Space": SPACE,
    "L1": ((0, 255),),
    "all": EVERYTHING,
}
_POSIX_IN_UNICODE = {
    "Lower": "IsLowercase",
    "Upper": "IsUppercase",
    "Alpha": "IsAlphabetic",
    "Digit": "IsDigit",
    "Punct": "IsPunctuation",
    "Space": "IsWhiteSpace",
}
_CASES = ("IsUppercase", "IsLowercase", "javaUpperCase", "javaLowerCase")
# Categories that make up each property that Java knows beside the plain categories.
_UNIONS: dict[str, str] = {
    "LC": CASED,
    "LD": "L Nd",
    "IsLetter": "L",
    "IsDigit": "Nd",
    "IsPunctuation": "P",
    "IsTitlecase": "Lt",
    "IsControl": "Cc",
    "javaLetter": "L",
    "javaDigit": "Nd",
    "javaLetterOrDigit": "L Nd",
    "javaTitleCase": "Lt",
}


def of_categories(names: str) -> Ranges:
    """The characters of the Unicode categories `names`, with blanks between (`L Nd`)."""
    return union(r for name in names.split() for r in _categories().get(name, ()))


def named_class(letter: str, *, wide: bool) -> Ranges:
    r"""The characters of `\d`, `\s`, `\w`, `\h` or `\v`, or of their opposites (`\D`).

    wide: flag `U` is on, so that they are Unicode's.
    """
    known = {
        "d": of_categories("Nd") if wide else _DIGIT,
        "s": _UNICODE_SPACE if wide else SPACE,
        "w": _unicode_word() if wide else _WORD,
        "h": _HORIZONTAL,
        "v": _VERTICAL,
    }[letter.lower()]
    return complement(known) if letter.isupper() else known


def property_of(name: str, flags: frozenset[str]) -> Ranges | None:
    r"""The characters of `\p{name}`, or None where this module does not know them.

    Scripts and blocks are not known.
    """
    if "U" in flags:
        name = _POSIX_IN_UNICODE.get(name, name)
    any_case = "i" in flags
    if name in _CASES:
        return of_categories(CASED) if any_case else _with_case(upper="Upper" in name)
    if any_case and name in ("Lower", "Upper"):
        return _ALPHA
    return _POSIX[name] if name in _POSIX else _unicode_property(name, any_case=any_case)


def _unicode_property(name: str, *, any_case: bool) -> Ranges | None:
    if name in ("IsWhite_Space", "IsWhiteSpace"):
        return _UNICODE_SPACE
    if name == "javaWhitespace":
        breaking = intersection(of_categories("Z"), complement(_NO_BREAK))
        return union([*breaking, *SPACE, (28, 31)])
    if name in ("IsAlphabetic", "javaAlphabetic"):
        return _alphabetic()
    bare = re.sub("^(?:Is|general_category=|gc=)", "", name)
    listed = _UNIONS.get(name) or (bare if bare in _categories() else _UNIONS.get(bare))
    if not listed:
        return None
    return of_categories(CASED if any_case and listed in CASED.split() else listed)


@lru_cache(maxsize=1)
def _categories() -> dict[str, Ranges]:
    """The characters of every Unicode category (`Lu`) and of every group of them (`L`)."""
    found: dict[str, list[tuple[int, int]]] = {}
    start, current = 0, unicodedata.category("\0")
    for code in range(1, LAST + 2):
        category = unicodedata.category(chr(code)) if code <= LAST else ""
        if category != current:
            found.setdefault(current, []).append((start, code - 1))
            start, current = code, category
    fine = {name: union(ranges) for name, ranges in found.items()}
    coarse = {
        first: union(r for name, ranges in fine.items() if name[0] == first for r in ranges)
        for first in {name[0] for name in fine}
    }
    return fine | coarse


def _alphabetic() -> Ranges:
    """Unicode's derived property Alphabetic (UAX #44)."""
    return union([*of_categories("L Nl"), *OTHER_ALPHABETIC])


def _unicode_word() -> Ranges:
    r"""Unicode's own `\w` (UTS #18, annex C)."""
    return union([*_alphabetic(), *of_categories("M Nd Pc"), *_JOINERS])


@lru_cache(maxsize=2)
def _with_case(*, upper: bool) -> Ranges:
    every = map(chr, range(LAST + 1))
    return characters(c for c in every if (c.isupper() if upper else c.islower()))
