"""Which triggers of a sentence reach a chunk."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence

from annotators.core.assertion.phrases import count_words
from annotators.core.assertion.rules import HIDE, STOP
from annotators.core.assertion.triggers import Trigger

Key = tuple[str, "int | None"]
"""Of triggers that say the same, as far, only the nearest matters."""


class Scopes:
    """The triggers of one sentence, ready to be asked for any number of its chunks.

    text, start: the sentence, and where it begins in the document, in whose characters all spans
    are. carried: triggers of the line before that go on here.
    """

    def __init__(
        self,
        triggers: Sequence[Trigger],
        text: str,
        start: int = 0,
        carried: Iterable[Trigger] = (),
    ) -> None:
        self._text, self._start = text, start
        self._triggers = triggers
        self._ends = [trigger.end for trigger in triggers]
        self._begins = [trigger.begin for trigger in triggers]
        at_start = {(t.rule.status, t.rule.reach): t for t in carried}
        self._before = _nearest(triggers, "before", at_start)
        self._after = _nearest(triggers[::-1], "after", {})

    def reaching(
        self,
        begin: int,
        end: int,
        *,
        within: bool = False,
        both: str | None = None,
        near: Callable[[Trigger, int, int], bool] | None = None,
    ) -> Mapping[str, Trigger]:
        """For each status the nearest trigger whose scope holds the chunk begin:end.

        within: triggers inside the chunk count, too. both: a status that takes a trigger on each
        side. near: what else a trigger must fulfil.
        """
        first = bisect_right(self._ends, begin)
        last = bisect_left(self._begins, end)
        nearest = [*self._before[first].values(), *self._after[len(self._triggers) - last].values()]
        if within:
            inside = self._triggers[first:last]
            nearest += [t for t in inside if t.rule.status not in (STOP, HIDE) and t.end <= end]
        holding = [t for t in nearest if self._reaches(t, begin, end)]
        if near is not None:
            holding = [t for t in holding if near(t, begin, end)]
        sides = {t.rule.side for t in holding if t.rule.status == both}
        found: dict[str, Trigger] = {}
        for trigger in sorted(holding, key=lambda t: _distance(t, begin, end)):
            if trigger.rule.status != both or len(sides) == len(("before", "after")):
                found.setdefault(trigger.rule.status, trigger)
        return found

    def carrying(self) -> list[Trigger]:
        """The triggers that go on in the next line, where this one ends in a colon: `Denies:`."""
        ends_open = self._text.rstrip().endswith(":")
        return list(self._before[-1].values()) if ends_open else []

    def _reaches(self, trigger: Trigger, begin: int, end: int) -> bool:
        reach = trigger.rule.reach
        if reach is None:
            return True
        lo, hi = (trigger.end, begin) if trigger.end <= begin else (end, trigger.begin)
        lo, hi = max(lo - self._start, 0), max(hi - self._start, 0)
        return count_words(self._text[lo:hi]) <= reach


def _nearest(
    triggers: Sequence[Trigger], side: str, at_start: Mapping[Key, Trigger]
) -> list[Mapping[Key, Trigger]]:
    """What reaches a place behind the first 0, 1, 2, … triggers: the latest of each kind."""
    states = [at_start]
    for trigger in triggers:
        rule = trigger.rule
        if rule.status == STOP:
            states.append({})
        elif rule.side == side:
            states.append({**states[-1], (rule.status, rule.reach): trigger})
        else:
            states.append(states[-1])
    return states


def _distance(trigger: Trigger, begin: int, end: int) -> int:
    return max(begin - trigger.end, trigger.begin - end, 0)
