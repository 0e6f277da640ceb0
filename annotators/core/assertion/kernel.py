"""The kernel of ContextualAssertion: sentences and chunks to one status per chunk."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotators.core.annotations import Annotations, numbering
from annotators.core.assertion.headings import parse_headings
from annotators.core.assertion.reading import Near, Reading
from annotators.core.assertion.rules import STATUSES, Rule
from annotators.core.assertion.statuses import Found, fields_of
from annotators.core.assertion.triggers import Trigger, Triggers
from annotators.core.containment import containing
from annotators.core.seen import seen_whole


@dataclass(frozen=True)
class AssertionRules:
    """The params of ContextualAssertion.

    rules: see rules.py. headings: lines of a table, see headings.py. both: a status that takes a
    trigger on each side. within: triggers inside a chunk count, too. window: how many tokens before
    and after a chunk a trigger may be; no limit where negative.
    """

    rules: tuple[Rule, ...] = ()
    headings: tuple[str, ...] = ()
    case_sensitive: bool = False
    both: str | None = None
    within: bool = False
    window: tuple[int, int] = (-1, -1)

    def __post_init__(self) -> None:
        """Raise ParamError for rules and headings that cannot be used."""
        for rule in self.rules:
            rule.checked(f"a rule for '{rule.status}'")
        parse_headings(self.headings, "headings")


@lru_cache(maxsize=8)
def _compiled(rules: tuple[Rule, ...], case_sensitive: bool) -> Triggers:
    return Triggers(rules, case_sensitive=case_sensitive)


@dataclass(frozen=True)
class AssertChunks:
    """One annotation per chunk, in the order and with the span of the chunks."""

    rules: AssertionRules = AssertionRules()

    def __call__(
        self, sentences: Annotations, tokens: Annotations, chunks: Annotations
    ) -> Annotations:
        """The statuses of the chunks of R rows; a chunk in no sentence is present."""
        found = [Found()] * len(chunks)
        home = containing(sentences, chunks)
        order = np.argsort(home, kind="stable")
        bounds = np.searchsorted(home[order], np.arange(len(sentences) + 1)).tolist()
        begins, spans = (
            sentences.begin.tolist(),
            list(zip(chunks.begin.tolist(), chunks.end.tolist(), strict=True)),
        )
        for row, (first, last) in enumerate(sentences.row_bounds()):
            if chunks.offsets[row] == chunks.offsets[row + 1]:
                continue
            reading = self._reading()
            near = self._near(tokens, row)
            for s in range(first, last):
                which = order[bounds[s] : bounds[s + 1]].tolist()
                of_sentence = [spans[i] for i in which]
                made = reading.sentence(
                    seen_whole(sentences.result[s]), begins[s], of_sentence, near
                )
                for i, one in zip(which, made, strict=True):
                    found[i] = one
        own = sorted({rule.status for rule in self.rules.rules} - set(STATUSES))
        return Annotations(
            offsets=chunks.offsets,
            begin=chunks.begin,
            end=chunks.end,
            result=[one.status(own) for one in found],
            fields={
                **fields_of(found, own),
                "chunk": numbering(np.diff(chunks.offsets)),
                "sentence": chunks.fields["sentence"],
            },
        )

    def _reading(self) -> Reading:
        rules = self.rules
        return Reading(
            _compiled(rules.rules, rules.case_sensitive),
            parse_headings(rules.headings, "headings"),
            both=rules.both,
            within=rules.within,
        )

    def _near(self, tokens: Annotations, row: int) -> Near | None:
        """Whether a trigger is in the window of a chunk of this row; None where all are."""
        before, after = self.rules.window
        if before < 0 and after < 0:
            return None
        begins: NDArray[np.int32] = np.sort(
            tokens.begin[tokens.offsets[row] : tokens.offsets[row + 1]]
        )

        def near(trigger: Trigger, begin: int, end: int) -> bool:
            if trigger.end <= begin:
                return before < 0 or _between(begins, trigger.end, begin) < before
            return after < 0 or _between(begins, end, trigger.begin) < after

        return near


def _between(begins: NDArray[np.int32], lo: int, hi: int) -> int:
    return int(np.searchsorted(begins, hi) - np.searchsorted(begins, lo))
