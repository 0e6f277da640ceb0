"""Which triggers reach which chunks, for all chunks of a batch at once.

The scope of a trigger goes on to the next stop, in its direction: a trigger of status `stop`, a
heading, the end of the sentence. Of triggers of one kind only the nearest matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotators.core.assertion.sheets.characters import Ints
from annotators.core.assertion.sheets.sheet import Sheet
from annotators.core.assertion.signs import Signs
from annotators.core.assertion.triggers import STOPS, Kind

NO_SIGN = -1
_BEFORE, _AFTER, _WITHIN = range(3)

Near = Callable[[Ints, Ints], NDArray[np.bool_]]
"""Whether signs are near enough to chunks; takes numbers of both."""


class Chunks(NamedTuple):
    """The chunks of a batch: half-open spans in the sheet, which sentence they are in.

    A chunk in no sentence is at place 0, its sentence is -1.
    """

    begin: Ints
    end: Ints
    sentence: Ints


class _Marks(NamedTuple):
    """Signs, stops and the signs that go on in a list, in order; sign is NO_SIGN for a stop."""

    begin: Ints
    end: Ints
    kind: Ints
    sign: Ints


@dataclass(frozen=True)
class Scopes:
    """What decides how far triggers reach.

    kinds: those of signs. distance: how far signs are from chunks, by numbers of both. within:
    triggers inside a chunk count, too. both: a status that takes a trigger on each side. near: what
    else must hold.
    """

    sheet: Sheet
    signs: Signs
    kinds: Sequence[Kind]
    distance: Callable[[Ints, Ints], Ints]
    within: bool = False
    both: str | None = None
    near: Near | None = None

    def causes(self, chunks: Chunks, going_on: Mapping[int, list[int]]) -> dict[str, Ints]:
        """For each status the nearest sign that says it of each chunk, NO_SIGN where none does.

        going_on: for a sentence the signs of sentences before that go on there.
        """
        none = np.full(len(chunks.begin), NO_SIGN)
        causes = {kind.status: none.copy() for kind in self.kinds}
        ranks = {kind.status: none.copy() for kind in self.kinds}
        sides = {_BEFORE: none < NO_SIGN, _AFTER: none < NO_SIGN}
        for kind, order, which, sign in self._holding(chunks, going_on):
            cause, rank = causes[kind.status], ranks[kind.status]
            new = self.distance(sign, which) * (_WITHIN + 1) + order
            known = cause[which]
            tied = (new == rank[which]) & (sign < known)
            better = (known == NO_SIGN) | (new < rank[which]) | tied
            cause[which[better]], rank[which[better]] = sign[better], new[better]
            if kind.status == self.both:
                sides[_BEFORE if kind.side == "before" else _AFTER][which] = True
        if self.both in causes:
            causes[self.both][~(sides[_BEFORE] & sides[_AFTER])] = NO_SIGN
        return causes

    def _holding(
        self, chunks: Chunks, going_on: Mapping[int, list[int]]
    ) -> Iterator[tuple[Kind, int, Ints, Ints]]:
        """For each kind the chunks that one reaches, and the nearest sign."""
        marks = self._marks(going_on)
        before = np.searchsorted(marks.end, chunks.begin, side="right") - 1
        after = np.searchsorted(marks.begin, chunks.end)
        stops = marks.kind == STOPS
        last_stop, next_stop = _last(stops)[before], _next(stops)[after]
        for number in np.unique(marks.kind[~stops]).tolist():
            kind, of_kind = self.kinds[number], marks.kind == number
            if kind.side == "before":
                order, mark = _BEFORE, _last(of_kind)[before]
                which = np.flatnonzero(mark > last_stop)
            else:
                order, mark = _AFTER, _next(of_kind)[after]
                which = np.flatnonzero(mark < next_stop)
            mark = mark[which]
            if kind.reach is not None:
                reached = self._words_between(marks, mark, chunks, which) <= kind.reach
                mark, which = mark[reached], which[reached]
            yield kind, order, *self._near(which, marks.sign[mark])
            if self.within:
                mark = np.minimum(_next(of_kind)[before + 1], len(stops) - 1)
                inside = (mark < after) & of_kind[mark] & (marks.end[mark] <= chunks.end)
                which = np.flatnonzero(inside)
                yield kind, _WITHIN, *self._near(which, marks.sign[mark[which]])

    def _near(self, which: Ints, sign: Ints) -> tuple[Ints, Ints]:
        if self.near is None:
            return which, sign
        near = self.near(sign, which)
        return which[near], sign[near]

    def _marks(self, going_on: Mapping[int, list[int]]) -> _Marks:
        """A stop is before each sentence, before all and behind all; what goes on is behind it."""
        sheet, signs = self.sheet, self.signs
        stops = np.concatenate([[0], sheet.begin - 1, [len(sheet.text) - 1]])
        more = np.array([sign for all_ in going_on.values() for sign in all_], np.int64)
        where = np.repeat(list(going_on), list(map(len, going_on.values()))).astype(np.int64)
        places = [stops, sheet.begin[where] - 1]
        begin = np.concatenate([*places, signs.begin])
        order = np.argsort(begin, kind="stable")
        sign = [np.full(len(stops), NO_SIGN), more, np.arange(len(signs.begin))]
        return _Marks(
            begin[order],
            np.concatenate([*places, signs.end])[order],
            np.concatenate([np.full(len(stops), STOPS), signs.kind[more], signs.kind])[order],
            np.concatenate(sign)[order],
        )

    def _words_between(self, marks: _Marks, mark: Ints, chunks: Chunks, which: Ints) -> Ints:
        """How many words and marks, or parts of them, are between signs and chunks."""
        words, begin = self.sheet.words, chunks.begin[which]
        behind = marks.end[mark] <= begin
        start = self.sheet.begin[chunks.sentence[which]]
        lo = np.maximum(np.where(behind, marks.end[mark], chunks.end[which]), start)
        hi = np.where(behind, begin, marks.begin[mark])
        return np.searchsorted(words.begin, hi) - np.searchsorted(words.end, lo, side="right")


def _last(holds: NDArray[np.bool_]) -> Ints:
    """For each place the last one up to it at which something holds, or -1."""
    return np.maximum.accumulate(np.where(holds, np.arange(len(holds)), -1))


def _next(holds: NDArray[np.bool_]) -> Ints:
    """For each place the next one from it on at which something holds, or how many there are."""
    count = len(holds)
    return np.minimum.accumulate(np.where(holds, np.arange(count), count)[::-1])[::-1]
