"""Finds the triggers of a sentence: phrases word by word, few regular expressions besides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from annotators.core.assertion.phrases import expand, words
from annotators.core.assertion.rules import HIDE, Rule

_HERE = ""
"""The key, no word, under which a node of the tree keeps the rules whose phrase ends there."""


@dataclass(frozen=True)
class Trigger:
    """A rule's match: the span is half-open, in characters of the document; its text."""

    rule: Rule
    begin: int
    end: int
    text: str


class Triggers:
    """The triggers of rules, ready to be searched for."""

    def __init__(self, rules: Sequence[Rule], *, case_sensitive: bool = False) -> None:
        self._case_sensitive = case_sensitive
        self._tree: dict[str, Any] = {}
        self._expressions: list[tuple[Rule, re.Pattern[str]]] = []
        flags = re.RegexFlag(0) if case_sensitive else re.IGNORECASE
        for rule in sorted(set(rules), key=lambda rule: rule.order):
            expression = rule.expression()
            if expression is None:
                self._plant(rule)
            else:
                self._expressions.append((rule, re.compile(expression, flags)))

    def of(self, text: str, start: int = 0) -> list[Trigger]:
        """The triggers of a sentence that begins at `start` of its document, in order.

        Of those that overlap the first counts, then the longest. Of several with one span all do,
        unless one of them is a pseudo-trigger, which then stands alone.
        """
        spans = [*self._phrases(text), *self._matches(text)]
        spans.sort(key=lambda span: (span[0], -span[1], span[2].order))
        found = (Trigger(r, b + start, e + start, text[b:e]) for b, e, r in spans)
        kept: list[Trigger] = []
        for trigger in found:
            last = kept[-1] if kept else None
            apart = last is None or trigger.begin >= last.end
            if apart or (last is not None and _stands_beside(trigger, last)):
                kept.append(trigger)
        return kept

    def _plant(self, rule: Rule) -> None:
        phrases = [tuple(w for w, _, _ in words(rule.pattern))] if rule.literal else None
        for phrase in phrases or expand(rule.pattern):
            node = self._tree
            for word in phrase:
                node = node.setdefault(word if self._case_sensitive else word.lower(), {})
            node.setdefault(_HERE, []).append(rule)

    def _phrases(self, text: str) -> Iterator[tuple[int, int, Rule]]:
        """The longest phrase that begins at each word."""
        tree = self._tree
        if not tree:
            return
        found = words(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
        spelled = [word if self._case_sensitive else word.lower() for word, _, _ in found]
        count = len(spelled)
        for first, word in enumerate(spelled):
            node = tree.get(word)
            if node is None:
                continue
            rules, last, at = node.get(_HERE), first, first + 1
            while at < count and (node := node.get(spelled[at])) is not None:
                if _HERE in node:
                    rules, last = node[_HERE], at
                at += 1
            if rules:
                begin, end = found[first][1], found[last][2]
                yield from ((begin, end, rule) for rule in rules)

    def _matches(self, text: str) -> Iterator[tuple[int, int, Rule]]:
        for rule, pattern in self._expressions:
            for match in pattern.finditer(text):
                if match.end() > match.start():
                    yield (*match.span(), rule)


def _stands_beside(trigger: Trigger, other: Trigger) -> bool:
    same = (trigger.begin, trigger.end) == (other.begin, other.end)
    return same and other.rule.status != HIDE
