r"""Reads the part of a Java regular expression that stands for one character: escapes and classes.

Rules: java.util.regex.Pattern of Java 17. A class may hold classes (their union) and `&&` (what
both sides have); `^` negates all of it, intersections included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from annotators.core.java.character_sets import (
    LAST,
    Ranges,
    characters,
    complement,
    intersection,
    union,
)
from annotators.core.java.characters import (
    CASED,
    LOWER,
    UPPER,
    named_class,
    of_categories,
    property_of,
)
from annotators.core.java.cursor import END, Cursor

_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
_NUMBERED = {
    "0": ("[0-3][0-7]{0,2}|[0-7]{1,2}", 8),
    "x": ("[0-9A-Fa-f]{2}", 16),
    "u": ("[0-9A-Fa-f]{4}", 16),
}
_NAMED = tuple("dDsSwWhHvV")


def read_class(source: str) -> Ranges:
    """The set of the character class that `source` is, brackets included.

    Raises JavaPatternError where it is none, or where more stands behind it.
    """
    reader = ClassReader(source)
    found = reader.char_class()
    if not reader.done:
        raise reader.error("`]` ends the character class before the end of the pattern")
    return found


class ClassReader(Cursor):
    """A walk over a pattern that can read what stands for one character."""

    def char_class(self) -> Ranges:
        """The set of `[...]`, read from its bracket on."""
        self.take()
        negated = self.taken("^")
        found = self._class_items()
        self.take()
        return complement(found) if negated else found

    def escaped_set(self) -> Ranges:
        """The set that an escape stands for, the backslash being read already."""
        char = self.take()
        if char in _NAMED:
            return named_class(char, wide="U" in self.flags)
        if char in ("p", "P"):
            name = self.until("}") if self.taken("{") else self.take()
            known = property_of(name, self.flags)
            if known is None:
                raise self.error(f"character property {name!r} is unknown or not supported")
            return complement(known) if char == "P" else known
        return self.any_case(characters(self._escaped_char(char)))

    def any_case(self, ranges: Ranges) -> Ranges:
        """The set; under flag `i` with both cases of its ASCII letters, with flag `u` of all."""
        if "i" not in self.flags:
            return ranges
        if "u" in self.flags or "U" in self.flags:
            cased = intersection(ranges, of_categories(CASED))
            letters = (chr(code) for low, high in cased for code in range(low, high + 1))
            return union([*ranges, *characters(case for char in letters for case in _cases(char))])
        upper, lower = intersection(ranges, UPPER), intersection(ranges, LOWER)
        swapped = [(low + 32, high + 32) for low, high in upper]
        swapped += [(low - 32, high - 32) for low, high in lower]
        return union([*ranges, *swapped])

    def _escaped_char(self, char: str) -> str:
        """The one character that an escape stands for, `char` being what follows the backslash."""
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char == "x" and self.taken("{"):
            found = self._code_point("[0-9A-Fa-f]+(?=})", 16)
            self.at += 1
            return found
        if char in _NUMBERED:
            return self._code_point(*_NUMBERED[char])
        if char == "c":
            return chr(ord(self.take()) ^ 64)
        if char.isascii() and char.isalnum():
            raise self.error(f"illegal or unsupported escape \\{char}")
        return char

    def _code_point(self, digits: str, base: int) -> str:
        found = re.compile(digits).match(self.text, self.at)
        if not found or int(found[0], base) > LAST:
            raise self.error("malformed escape of a character's number")
        self.at = found.end()
        return chr(int(found[0], base))

    def _class_items(self) -> Ranges:
        """What stands before the `]` that closes the class; that `]` is not taken.

        A `]` that comes first is a character. `&&` takes what stands on its left up to here, and
        where nothing stands on its right, what was read last.
        """
        found: Ranges | None = None
        last: Ranges = ()
        while True:
            self.skip_comments()
            if self.peek() == "]" and found is not None:
                return found
            if self.taken("&&"):
                right = self._right_operand()
                last = last if right is None else right
                if found is None:
                    if right is None:
                        raise self.error("`&&` has nothing on either side")
                    found = right
                else:
                    found = intersection(found, last)
                continue
            last = self.char_class() if self.peek() == "[" else self._class_range()
            found = union([*(found or ()), *last])

    def _right_operand(self) -> Ranges | None:
        right: Ranges | None = None
        while self.peek() not in ("]", "&"):
            if self.peek() == "[":
                right = union([*(right or ()), *self.char_class()])
            else:
                right = self._class_items()
        return right

    def _class_range(self) -> Ranges:
        """One character, one escape, or a range of two characters."""
        escaped = self.taken("\\")
        if escaped and self.peek() in (*_NAMED, "p", "P"):
            return self.escaped_set()
        first = self._escaped_char(self.take()) if escaped else self.take()
        following = self.text[self.at + 1 : self.at + 2]
        if self.peek() != "-" or following in (END, "]", "["):
            return self.any_case(characters(first))
        self.take()
        last = self._escaped_char(self.take()) if self.taken("\\") else self.take()
        if last < first:
            raise self.error("illegal character range")
        return self.any_case(((ord(first), ord(last)),))


def _cases(char: str) -> Iterator[str]:
    return (case for case in (char.lower(), char.upper(), char.title()) if len(case) == 1)
