"""The rules of assertion: a table of triggers, read and checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from annotators.core.assertion.phrases import expand, spell
from annotators.core.errors import ParamError

STATUSES = ("absent", "possible", "hypothetical", "historical", "someone_else")
HIDE, STOP = "none", "stop"
SIDES = ("before", "after", "none")
REGEX = "re:"


@dataclass(frozen=True)
class Rule:
    """One trigger.

    status: what it says of a chunk; `none` hides the triggers within it, at `stop` scopes end.
    side: before = the trigger stands before the chunk. pattern: phrases (see phrases.py), or a
    regular expression behind `re:`. reach: the most words and marks between trigger and chunk.
    literal: the pattern is one phrase, whatever marks it has.
    """

    status: str
    side: str
    pattern: str
    reach: int | None = None
    literal: bool = False

    @property
    def order(self) -> tuple[bool, str, str, str, int]:
        """An order that does not hang on that of the table; pseudo-triggers come first."""
        reach = -1 if self.reach is None else self.reach
        return (self.status != HIDE, self.status, self.side, self.pattern, reach)

    def expression(self) -> str | None:
        """The regular expression, None where the pattern is of phrases."""
        if self.literal or not self.pattern.startswith(REGEX):
            return None
        return self.pattern[len(REGEX) :]

    def checked(self, where: str) -> Rule:
        """The rule itself. Raises ParamError, one line that begins with `where`."""
        expression = self.expression()
        try:
            if expression is not None:
                empty = re.compile(expression).match("") is not None
            else:
                empty = not (spell(self.pattern) if self.literal else expand(self.pattern))
        except re.error as failure:
            raise ParamError(f"{where}: bad pattern: {failure.msg}.") from None
        except ParamError as failure:
            raise ParamError(f"{where}: bad pattern: {failure}.") from None
        if empty:
            raise ParamError(f"{where}: bad pattern: it matches nothing at all.")
        return self


def parse(lines: Sequence[str], name: str) -> tuple[Rule, ...]:
    """The rules of a table. Raises ParamError that names the file, the line and what is wrong."""
    return tuple(
        _rule(line.rstrip("\r\n").split("\t"), f"{name}, line {number}")
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.startswith("#")
    )


def _rule(cells: Sequence[str], where: str) -> Rule:
    if len(cells) not in (3, 4):
        raise ParamError(
            f"{where}: {len(cells)} columns; needed are status, side, pattern and perhaps reach, "
            "with tabs between."
        )
    status, side, pattern, reach = [*cells, ""][:4]
    statuses = (*STATUSES, HIDE, STOP)
    if status not in statuses:
        raise ParamError(f"{where}: no status '{status}'; there are {', '.join(statuses)}.")
    if side not in SIDES:
        raise ParamError(f"{where}: no side '{side}'; there are {', '.join(SIDES)}.")
    if (side == "none") != (status in (HIDE, STOP)):
        raise ParamError(
            f"{where}: status {status} on side {side}; only {HIDE} and {STOP} are on side none."
        )
    if reach and not reach.isdecimal():
        raise ParamError(f"{where}: reach '{reach}' is not a number.")
    return Rule(status, side, pattern, int(reach) if reach else None).checked(where)
