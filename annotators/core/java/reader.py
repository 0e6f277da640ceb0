"""The grammar of Java's regular expressions: a pattern read by recursive descent."""

from __future__ import annotations

import re

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
from annotators.core.java.cursor import END

_FLAGS = "idmsuxU"
_QUANTIFIERS = ("?", "*", "+", "{")
_DIGITS = tuple("0123456789")


class PatternReader(ClassReader):
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
        """The alternatives up to the end of the pattern or of the group."""
        branches = [self.sequence()]
        while self.taken("|"):
            branches.append(self.sequence())
        return branches

    def sequence(self) -> str:
        """What follows one another up to the next alternative."""
        parts: list[str] = []
        self.skip_comments()
        while self.peek() not in (END, "|", ")"):
            parts.append(self.quantified())
            self.skip_comments()
        return "".join(parts)

    def quantified(self) -> str:
        """An atom with its quantifier."""
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
        """The atom with the quantifier that is read next."""
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
        """A character, class, group or escape."""
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
        """What follows a backslash."""
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
        """What follows an opening parenthesis."""
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
        """A group with a name; its `<` is read."""
        name = self.until(">")
        if not re.fullmatch("[A-Za-z][A-Za-z0-9]*", name):
            raise self.error("a group's name must be letters and digits")
        self.names[name] = self.captures + 1
        return self.capture()

    def capture(self) -> str:
        """A group that captures."""
        self.captures += 1
        number = self.captures
        inner = self.inside()
        self.closed.add(number)
        return f"(?P<group{number}>{inner})"

    def inside(self) -> str:
        """The alternatives of a group as one pattern."""
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
        """What a group that is closed has captured, once more."""
        if number not in self.closed:
            return "(?!)"
        text = f"(?P=group{number})"
        return f"(?i:{text})" if "i" in self.flags else f"(?:{text})"


def _is_unit(atom: str) -> bool:
    """Whether a quantifier may follow at once: one class, as `as_class` writes it."""
    return atom.startswith("[") and atom.find("]") == len(atom) - 1
