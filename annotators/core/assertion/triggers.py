"""Finds the triggers of sentences: phrases word by word, few regular expressions besides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from annotators.core.annotations import numbering
from annotators.core.assertion.expressions import Expression
from annotators.core.assertion.phrases import expand, words
from annotators.core.assertion.rules import HIDE, STOP, Rule
from annotators.core.assertion.sheets.characters import Ints, in_small_letters
from annotators.core.assertion.sheets.sheet import Sheet
from annotators.core.assertion.sheets.spelling import Phrases, numbers_of

STOPS, HIDES = -1, -2
"""For the number of a kind: scopes end there; it says nothing, but hides what is in it."""


class Kind(NamedTuple):
    """What triggers of one kind say, as `Rule` has it."""

    status: str
    side: str
    reach: int | None


class Found(NamedTuple):
    """Triggers in order: half-open spans in the sheet, and the number of each one's rule."""

    begin: Ints
    end: Ints
    rule: Ints


class Triggers:
    """The triggers of rules, ready to be sought.

    rules: in an order that is not the table's. kinds: those of the rules; kind_of_rule: the number
    of each one's kind, STOPS or HIDES.
    """

    def __init__(self, rules: Sequence[Rule], *, case_sensitive: bool = False) -> None:
        self.rules = sorted(set(rules), key=lambda rule: rule.order)
        told = [rule for rule in self.rules if rule.status not in (HIDE, STOP)]
        self.kinds = list(dict.fromkeys(Kind(r.status, r.side, r.reach) for r in told))
        self.kind_of_rule = np.array([self._kind_of(rule) for rule in self.rules], np.int64)
        self._case_sensitive = case_sensitive
        flags = re.RegexFlag(0) if case_sensitive else re.IGNORECASE
        meanings: dict[tuple[str, ...], list[int]] = {}
        self._expressions: list[tuple[int, Expression]] = []
        for number, rule in enumerate(self.rules):
            expression = rule.expression()
            if expression is not None:
                self._expressions.append((number, Expression(expression, flags)))
                continue
            for phrase in self._phrases_of(rule):
                meanings.setdefault(phrase, []).append(number)
        self._phrases = Phrases({phrase: n for n, phrase in enumerate(meanings)})
        self._first = np.cumsum([0, *map(len, meanings.values())])
        self._rules = np.array([n for numbers in meanings.values() for n in numbers], np.int64)

    def in_sheet(self, sheet: Sheet) -> Found:
        """The triggers of all sentences of a sheet.

        Of those that overlap the first counts, then the longest. Of several with one span all do,
        unless one of them is a pseudo-trigger, which then stands alone.
        """
        begin, end, _ = sheet.words
        letters = sheet.characters.as_written() if self._case_sensitive else sheet.small
        longest = max(self._phrases.longest, *(e.longest for _, e in self._expressions), 0)
        numbers = numbers_of(letters, begin, end, longest)
        hits = self._phrases.in_words(numbers)
        counts = np.diff(self._first)[hits.meaning]
        parts = [Found(
            np.repeat(begin[hits.first], counts),
            np.repeat(end[hits.last], counts),
            self._rules[np.repeat(self._first[hits.meaning], counts) + numbering(counts)],
        )]  # fmt: skip
        for number, expression in self._expressions:
            spans = expression.spans(sheet, numbers)
            parts.append(Found(spans[:, 0], spans[:, 1], np.full(len(spans), number)))
        return self._apart(Found(*map(np.concatenate, zip(*parts, strict=True))))

    def _kind_of(self, rule: Rule) -> int:
        if rule.status == HIDE:
            return HIDES
        if rule.status == STOP:
            return STOPS
        return self.kinds.index(Kind(rule.status, rule.side, rule.reach))

    def _phrases_of(self, rule: Rule) -> Iterator[tuple[str, ...]]:
        literal = [tuple(word for word, _, _ in words(rule.pattern))]
        for phrase in literal if rule.literal else expand(rule.pattern):
            yield phrase if self._case_sensitive else tuple(map(in_small_letters, phrase))

    def _apart(self, found: Found) -> Found:
        """Those that count, in order."""
        order = np.lexsort((found.rule, -found.end, found.begin))
        begin, end, rule = (some[order] for some in found)
        kept: list[int] = []
        last = (0, 0, True)
        hides = self.kind_of_rule[rule] == HIDES
        spans = zip(begin.tolist(), end.tolist(), hides.tolist(), strict=True)
        for i, span in enumerate(spans):
            beside = span[:2] == last[:2] and not last[2]
            if span[0] >= last[1] or beside:
                kept.append(i)
                last = span
        return Found(begin[kept], end[kept], rule[kept])
