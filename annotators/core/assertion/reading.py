"""Reads the sentences of a note in order: sections go on, and so do lists that a line opens."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

from annotators.core.assertion.headings import Heading, Section, headings_of
from annotators.core.assertion.rules import STOP, Rule
from annotators.core.assertion.scopes import Scopes
from annotators.core.assertion.statuses import Found
from annotators.core.assertion.triggers import Trigger, Triggers

Near = Callable[[Trigger, int, int], bool]
"""Whether a trigger is near enough to the chunk begin:end."""

_BULLET = re.compile(r"\s*(?:[-*\u2022+]|\(?\d{1,2}[.)])\s")
_AT_HEADING = Rule(STOP, "none", "a heading", literal=True)
_ELSEWHERE = {"historical": ("historical", "hypothetical")}
"""What must not hold for a section's status to hold, if it is more than the status itself."""


class Reading:
    """The state of reading one note: the heading above, the list that is open.

    both: a status that takes a trigger on each side. within: triggers in a chunk count, too.
    """

    def __init__(
        self,
        triggers: Triggers,
        table: Mapping[str, Section],
        *,
        both: str | None = None,
        within: bool = False,
    ) -> None:
        self._triggers, self._table = triggers, table
        self._both, self._within = both, within
        self._section = Section("", "")
        self._cause: Trigger | None = None
        self._carried: list[Trigger] = []
        self._opened = False

    def sentence(
        self, text: str, start: int, chunks: Sequence[tuple[int, int]], near: Near | None = None
    ) -> list[Found]:
        """What holds for each chunk (a half-open span in the document) of the next sentence."""
        headings = headings_of(text, self._table)
        if headings or not (self._opened or _BULLET.match(text)):
            self._carried = []
        self._opened = text.rstrip().endswith(":")
        found: list[Found] = []
        if chunks or self._opened:
            scopes = Scopes(self._all(text, start, headings), text, start, self._carried)
            found = [self._found(scopes, span, text, start, headings, near) for span in chunks]
            if self._opened:
                self._carried = scopes.carrying()
        self._section, self._cause = self._below(headings, text, start)
        return found

    def _all(self, text: str, start: int, headings: Sequence[Heading]) -> list[Trigger]:
        """The sentence's triggers; none is in a heading, at which scopes end."""
        triggers = self._triggers.of(text, start)
        if not headings:
            return triggers
        at = [_trigger(heading, start, text) for heading in headings]
        outside = [t for t in triggers if all(t.end <= h.begin or h.end <= t.begin for h in at)]
        return sorted([*outside, *at], key=lambda trigger: trigger.begin)

    def _found(
        self,
        scopes: Scopes,
        span: tuple[int, int],
        text: str,
        start: int,
        headings: Sequence[Heading],
        near: Near | None,
    ) -> Found:
        reaching = scopes.reaching(*span, within=self._within, both=self._both, near=near)
        causes = dict(reaching)
        above = bisect_right([heading.begin + start for heading in headings], span[0])
        section, cause = self._below(headings[:above], text, start)
        inside = above and span[1] <= headings[above - 1].end + start
        says = section.says
        said = any(status in causes for status in _ELSEWHERE.get(says, (says,)))
        if says and cause and not inside and not said:
            causes[says] = cause
        return Found(causes, section.name or "")

    def _below(
        self, headings: Sequence[Heading], text: str, start: int
    ) -> tuple[Section, Trigger | None]:
        """The section below the last of these headings, and what says so; else that at hand."""
        for heading in reversed(headings):
            if heading.section.name is not None:
                return heading.section, _trigger(heading, start, text)
        return self._section, self._cause


def _trigger(heading: Heading, start: int, text: str) -> Trigger:
    begin, end = heading.begin, heading.end
    return Trigger(_AT_HEADING, begin + start, end + start, text[begin:end])
