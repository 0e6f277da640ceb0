r"""The places in a text that Java's `^`, `$`, `\Z`, `\b` and `\R` know, as patterns of `re`.

Rules: java.util.regex.Pattern of Java 17. Line ends are `\n`, `\r\n`, `\r`, U+0085, U+2028 and
U+2029, under flag `d` only `\n`; no place lies inside `\r\n`.
"""

from __future__ import annotations

from annotators.core.java.character_sets import EVERYTHING, as_class, characters, complement
from annotators.core.java.characters import LINE_ENDS, named_class, of_categories

Flags = frozenset[str]

LINE_BREAK = r"(?:\r\n|[\n\x0b\f\r\x85\u2028\u2029])"
r"""`\R`."""

# How many combining marks `\b` looks through, since a lookbehind of `re` must have one width.
_MARKS_SEEN = 4


def any_char(flags: Flags) -> str:
    """`.`: all but line ends, under flag `s` all."""
    if "s" in flags:
        return as_class(EVERYTHING)
    return as_class(complement(characters("\n") if "d" in flags else LINE_ENDS))


def line_begin(flags: Flags) -> str:
    """`^`: the begin of the text, under flag `m` of each line, but never the text's end."""
    if "m" not in flags:
        return r"\A"
    if "d" in flags:
        return r"(?:\A|(?<=\n))(?!\Z)"
    return r"(?:\A|(?<=[\n\x85\u2028\u2029])|(?<=\r)(?!\n))(?!\Z)"


def line_end(flags: Flags) -> str:
    """`$`: the end of the text, under flag `m` of each line."""
    if "m" not in flags:
        return text_end(flags)
    if "d" in flags:
        return r"(?=\n|\Z)"
    return r"(?=(?<!\r)\n|[\r\x85\u2028\u2029]|\Z)"


def text_end(flags: Flags) -> str:
    r"""`\Z`: the end of the text, and before a line end that ends it."""
    if "d" in flags:
        return r"(?=\n?\Z)"
    return r"(?=(?:\r\n|(?<!\r)\n|[\r\x85\u2028\u2029])?\Z)"


def word_boundary(flags: Flags, *, wanted: bool) -> str:
    r"""`\b`, or `\B` where not wanted.

    Letters, digits and `_` make words, and so do the combining marks on a letter or digit; under
    flag `U` the characters of `\w` do.
    """
    if "U" in flags:
        word = as_class(named_class("w", wide=True))
        before, after = [f"(?<={word})"], [f"(?={word})"]
    else:
        base = as_class(of_categories("L Nd"))
        mark = as_class(of_categories("Mn"))
        marked = [f"(?<={base}{mark * count})" for count in range(1, _MARKS_SEEN + 1)]
        before = [f"(?<={base})", "(?<=_)", *marked]
        after = [f"(?={base})", "(?=_)", f"(?={mark})(?:{'|'.join([before[0], *marked])})"]
    in_left, in_right = f"(?:{'|'.join(before)})", f"(?:{'|'.join(after)})"
    if wanted:
        return f"(?:{in_left}(?!{in_right})|(?!{in_left}){in_right})"
    return f"(?:{in_left}{in_right}|(?!{in_left})(?!{in_right}))"
