r"""Java regular expressions, read by Java 17's grammar and written as patterns of Python's `re`.

Users' params hold them, since Spark NLP runs on Java. What differs from `re`: `\s`, `\w` and `\d`
are ASCII; classes have unions and `&&`; quantifiers may be possessive; `.` and `$` know Java's line
ends; flags hold until their group ends; a lookbehind's alternatives may differ in length.

Rules: java.util.regex.Pattern of Java 17. Not supported, and refused: scripts and blocks, `\G`,
`\X`, named characters, a lookbehind whose alternatives have no fixed length each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from annotators.core.java.cursor import JavaPatternError
from annotators.core.java.reader import PatternReader


@dataclass(frozen=True)
class JavaPattern:
    """A pattern for `re`, and the numbers of the groups that the Java pattern captures, in order.

    The other groups of `pattern` are of the translation's own making.
    """

    pattern: re.Pattern[str]
    groups: tuple[int, ...]


@lru_cache(maxsize=256)
def compile_java(source: str) -> JavaPattern:
    """`source`, a Java regular expression, to be run by `re`.

    Raises JavaPatternError where it is wrong, or beyond what `re` can do.
    """
    try:
        text, captures = _translate(source)
        pattern = re.compile(text)
    except (re.error, OverflowError, RecursionError) as problem:
        raise JavaPatternError(f"Python's re cannot run {source!r}: {problem}") from None
    return JavaPattern(pattern, tuple(pattern.groupindex[f"group{i + 1}"] for i in range(captures)))


def find_spans(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """The spans that Matcher.find finds in turn: after an empty match it goes on one further."""
    position = 0
    while position <= len(text) and (found := pattern.search(text, position)):
        yield found.span()
        position = found.end() + (found.start() == found.end())


def split_spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """The spans of the parts that String.split gives.

    Empty ones at the end are left out, and an empty match at the start makes none.
    """
    parts: list[tuple[int, int]] = []
    done = 0
    for begin, end in find_spans(pattern, text):
        if end > 0:
            parts.append((done, begin))
            done = end
    if not parts:
        return [(0, len(text))]
    parts.append((done, len(text)))
    while parts and parts[-1][0] == parts[-1][1]:
        parts.pop()
    return parts


def _translate(source: str) -> tuple[str, int]:
    """A pattern for `re`, whose groups are `group1`, `group2`, ..., and how many there are."""
    reader = PatternReader(source)
    text = "|".join(reader.alternatives())
    if not reader.done:
        raise reader.error("unmatched closing parenthesis")
    return text, reader.captures
