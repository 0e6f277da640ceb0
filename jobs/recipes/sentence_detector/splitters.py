"""Sentence detectors side by side, each a function from a text to spans: ours, pysbd, a regex."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from itertools import pairwise

from annotators.core.boundaries import detector as boundaries
from annotators.core.boundaries.rules import BoundaryRules
from jobs.recipes.sentence_detector.exact_spans import Span, SpannedText, exact_span_scores

Splitter = Callable[[str], list[Span]]


def by_scorer(score: boundaries.Scorer) -> Splitter:
    """Sentences of a text by the rules' defaults and this scorer."""

    def split(text: str) -> list[Span]:
        return boundaries.sentences(text, BoundaryRules(), score)

    return split


_REGEX = re.compile(r"[.!?]+[\"')\]”’]*(?=\s+[\"'(\[“A-Z0-9•-])|\n+")  # noqa: RUF001 (a closing quote)


def by_regex(text: str) -> list[Span]:
    """Cut by the two-line regular expression that detectors are compared with."""
    cuts = [match.end() for match in _REGEX.finditer(text)]
    return [_trimmed(text, b, e) for b, e in pairwise([0, *cuts, len(text)]) if text[b:e].strip()]


def by_pysbd() -> Splitter:
    """Cut by pysbd, spans trimmed."""
    import pysbd  # noqa: PLC0415 (of the extra [test])

    segmenter = pysbd.Segmenter(language="en", clean=False, char_span=True)

    def split(text: str) -> list[Span]:
        found = segmenter.segment(text)
        return [_trimmed(text, s.start, s.end) for s in found if text[s.start : s.end].strip()]

    return split


def _trimmed(text: str, begin: int, end: int) -> Span:
    part = text[begin:end]
    first = begin + len(part) - len(part.lstrip())
    return first, first + len(part.strip())


def scored(texts: Sequence[SpannedText], split: Splitter) -> dict[str, float | int]:
    """Precision, recall and F1 of exact spans."""
    found = [frozenset(split(text.text)) for text in texts]
    return exact_span_scores([text.sentences for text in texts], found)


def characters_a_second(texts: Sequence[str], split: Splitter, runs: int = 3) -> float:
    """Measure the speed on one thread, text by text; the best of some runs, as others disturb."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        for text in texts:
            split(text)
        best = min(best, time.perf_counter() - start)
    return sum(map(len, texts)) / best
