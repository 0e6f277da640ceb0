r"""A place in a Java regular expression, and the flags that hold there.

What every part of the reader needs: looking at the next character, taking it, saying what is wrong
with the pattern and where. `\Q...\E` is written out before reading, so that no reader meets it.
"""

from __future__ import annotations

from annotators.core.java.character_sets import contains
from annotators.core.java.characters import SPACE

END = ""
"""What `peek` gives behind the last character."""


class JavaPatternError(ValueError):
    """What is wrong with a Java regular expression, and where; or why `re` cannot run it."""


class Cursor:
    """One walk over a pattern, from left to right.

    source: the pattern as given; text: the pattern as read; at: the index in `text`; flags: the
    letters of the inline flags that are on.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.text = _without_quotes(source)
        self.at = 0
        self.flags: frozenset[str] = frozenset()

    @property
    def done(self) -> bool:
        """Whether all of the pattern is read."""
        return self.at >= len(self.text)

    def error(self, what: str) -> JavaPatternError:
        """The error that says `what` is wrong here."""
        return JavaPatternError(
            f"{what}, near index {min(self.at, len(self.text))} of the Java regular expression "
            f"{self.source!r}"
        )

    def peek(self) -> str:
        """The next character, or END."""
        return self.text[self.at] if self.at < len(self.text) else END

    def take(self) -> str:
        """The next character, read. Raises JavaPatternError where there is none."""
        char = self.peek()
        if char == END:
            raise self.error("the pattern ends too early")
        self.at += 1
        return char

    def taken(self, expected: str) -> bool:
        """Whether `expected` comes next; if so, it is read."""
        if self.text.startswith(expected, self.at):
            self.at += len(expected)
            return True
        return False

    def until(self, stop: str) -> str:
        """What stands before the next `stop`; both are read."""
        end = self.text.find(stop, self.at)
        if end < 0:
            raise self.error(f"{stop!r} is missing")
        found, self.at = self.text[self.at : end], end + 1
        return found

    def skip_comments(self) -> None:
        """Read the white space and comments that flag `x` allows, in classes as well."""
        while "x" in self.flags and (self.peek() == "#" or _is_space(self.peek())):
            if self.take() == "#":
                while self.peek() not in (END, "\n"):
                    self.at += 1


def _without_quotes(source: str) -> str:
    r"""`source` with each `\Q...\E` written out, one escape a character."""
    parts: list[str] = []
    at = 0
    while at < len(source):
        if source.startswith("\\Q", at):
            end = source.find("\\E", at + 2)
            quoted = source[at + 2 : end if end >= 0 else len(source)]
            parts += [f"\\x{{{ord(char):x}}}" for char in quoted]
            at = end + 2 if end >= 0 else len(source)
        else:
            width = 2 if source[at] == "\\" else 1
            parts.append(source[at : at + width])
            at += width
    return "".join(parts)


def _is_space(char: str) -> bool:
    return char != END and contains(SPACE, char)
