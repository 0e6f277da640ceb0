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

from annotators.core.java.assertions import (
    LINE_BREAK,
    any_char,
    line_begin,
    line_end,
    text_end,
    word_boundary,
)
from annotators.core.java.character_sets import as_class, characters
from annotators.core.java.classes import ClassReader
from annotators.core.java.cursor import END, JavaPatternError

_FLAGS = "idmsuxU"
_QUANTIFIERS = ("?", "*", "+", "{")
_DIGITS = tuple("0123456789")


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
    reader = _Reader(source)
    text = "|".join(reader.alternatives())
    if not reader.done:
        raise reader.error("unmatched closing parenthesis")
    return text, reader.captures


class _Reader(ClassReader):
    """Reads a whole pattern by recursive descent; each method gives what it read for `re`.

    captures: the groups opened so far; closed: those whose end is read; names: the number of each
    named group; atomics: the atomic groups so far.
    """

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.captures = 0
        self.closed: set[int] = set()
        self.names: dict[str, int] = {}
        self.atomics = 0

    # Sequences and quantifiers

    def alternatives(self) -> list[str]:
        branches = [self.sequence()]
        while self.taken("|"):
            branches.append(self.sequence())
        return branches

    def sequence(self) -> str:
        parts: list[str] = []
        self.skip_comments()
        while self.peek() not in (END, "|", ")"):
            parts.append(self.quantified())
            self.skip_comments()
        return "".join(parts)

    def quantified(self) -> str:
        atom = self.atom()
        self.skip_comments()
        if self.peek() in _QUANTIFIERS:
            atom = self.repeat(atom if _is_unit(atom) else f"(?:{atom})")
        while self.peek() == "{":
            self.repeat("")  # Java reads a second count as one of nothing
        if self.peek() in _QUANTIFIERS:
            raise self.error(f"dangling {self.peek()!r}")
        return atom

    def repeat(self, atom: str) -> str:
        quantifier = self.take()
        if quantifier == "{":
            counts = self.until("}")
            if not re.fullmatch(r"[0-9]+(,[0-9]*)?", counts):
                raise self.error("illegal repetition")
            quantifier = "{" + counts + "}"
        if self.taken("?"):
            return f"{atom}{quantifier}?"
        return self.atomic(atom + quantifier) if self.taken("+") else atom + quantifier

    def atomic(self, inner: str) -> str:
        """`(?>inner)`, which `re` lacks before 3.11: what a lookahead found is not retried."""
        self.atomics += 1
        name = f"atomic{self.atomics}"
        return f"(?=(?P<{name}>{inner}))(?P={name})"

    # Atoms

    def atom(self) -> str:
        if self.peek() == "[":
            return as_class(self.char_class())
        char = self.take()
        if char in ("*", "+", "?"):
            raise self.error(f"dangling {char!r}")
        if char == "{":
            raise self.error("illegal repetition")
        if char == "(":
            return self.group()
        if char == "\\":
            return self.escape()
        place = {".": any_char, "^": line_begin, "$": line_end}.get(char)
        return place(self.flags) if place else as_class(self.any_case(characters(char)))

    def escape(self) -> str:
        char = self.peek()
        if (place := self.place(char)) is not None:
            self.at += 1
            return place
        if char == "k":
            self.at += 1
            if not self.taken("<") or (name := self.until(">")) not in self.names:
                raise self.error("a back reference names no group before it")
            return self.reference(self.names[name])
        if char in _DIGITS[1:]:
            return self.reference(self.reference_number())
        return as_class(self.escaped_set())

    def place(self, char: str) -> str | None:
        """What stands for no character but for a place in the text, or for a line break."""
        if char in ("G", "X"):
            raise self.error(f"\\{char} is not supported")
        if char in ("b", "B"):
            return word_boundary(self.flags, wanted=char == "b")
        return {"A": r"\A", "z": r"\Z", "Z": text_end(self.flags), "R": LINE_BREAK}.get(char)

    # Groups

    def group(self) -> str:
        if not self.taken("?"):
            return self.capture()
        if self.taken("<"):
            return self.lookbehind() if self.peek() in ("=", "!") else self.named_capture()
        if self.taken(">"):
            return self.atomic(self.inside())
        if self.peek() in ("=", "!", ":"):
            return f"(?{self.take()}{self.inside()})"
        return self.flag_group()

    def lookbehind(self) -> str:
        """One lookbehind for each alternative, since one of `re` must have one width."""
        if self.take() == "=":
            return f"(?:{'|'.join(f'(?<={branch})' for branch in self.branches())})"
        return "".join(f"(?<!{branch})" for branch in self.branches())

    def named_capture(self) -> str:
        name = self.until(">")
        if not re.fullmatch("[A-Za-z][A-Za-z0-9]*", name):
            raise self.error("a group's name must be letters and digits")
        self.names[name] = self.captures + 1
        return self.capture()

    def capture(self) -> str:
        self.captures += 1
        number = self.captures
        inner = self.inside()
        self.closed.add(number)
        return f"(?P<group{number}>{inner})"

    def inside(self) -> str:
        return "|".join(self.branches())

    def branches(self) -> list[str]:
        """The alternatives up to the `)` of their group; flags set among them end with it."""
        before = self.flags
        inner = self.alternatives()
        if not self.taken(")"):
            raise self.error("unclosed group")
        self.flags = before
        return inner

    def flag_group(self) -> str:
        """`(?i-s)`, which holds until the group around it ends, or `(?i-s:...)`."""
        changed = self.flags
        on = True
        while (char := self.take()) not in (":", ")"):
            if char == "-":
                on = False
            elif char not in _FLAGS:
                raise self.error(f"unknown inline modifier {char!r}")
            else:
                changed = changed | {char} if on else changed - {char}
        if char == ")":
            self.flags = changed
            return ""
        before, self.flags = self.flags, changed
        inner = self.inside()
        self.flags = before
        return f"(?:{inner})"

    # Back references

    def reference_number(self) -> int:
        """As many digits as there are groups for; the first counts in any case."""
        number = int(self.take())
        while self.peek() in _DIGITS:
            longer = number * 10 + int(self.peek())
            if longer > self.captures:
                break
            number = longer
            self.at += 1
        return number

    def reference(self, number: int) -> str:
        if number not in self.closed:
            return "(?!)"
        text = f"(?P=group{number})"
        return f"(?i:{text})" if "i" in self.flags else f"(?:{text})"


def _is_unit(atom: str) -> bool:
    """Whether a quantifier may follow at once: one class, as `as_class` writes it."""
    return atom.startswith("[") and atom.find("]") == len(atom) - 1
