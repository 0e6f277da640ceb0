"""Texts with the spans of their sentences, and how well a detector finds these exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True)
class SpannedText:
    """A text and the half-open spans of its sentences, in characters."""

    text: str
    sentences: tuple[Span, ...]


def exact_span_scores(
    expected: Sequence[Sequence[Span]], found: Sequence[frozenset[Span]]
) -> dict[str, float | int]:
    """Precision, recall, F1 and how many sentences were expected, over all texts together.

    A sentence is found if both its ends are right.
    """
    right = sum(len(spans.intersection(gold)) for gold, spans in zip(expected, found, strict=True))
    support, told = sum(map(len, expected)), sum(map(len, found))
    return {
        "precision": right / max(told, 1),
        "recall": right / max(support, 1),
        "f1": 2 * right / max(told + support, 1),
        "support": support,
    }
