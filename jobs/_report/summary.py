"""The figures of a run, as plain values: what a page shows and `--json` prints."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import Any

from annotators.core.views.notes import Entity
from jobs._report.run import Run

TERMS = 20
BINS = 10
ROUND = (1, 2, 5)


def summary(run: Run) -> dict[str, Any]:
    """Counts, terms, scores, lengths and errors of a run."""
    entities = [entity for note in run.notes for entity in note.entities]
    lengths = sorted(len(note.text) for note in run.notes)
    return {
        "notes": len(run.notes),
        "entities": len(entities),
        "notes_with_entities": sum(bool(note.entities) for note in run.notes),
        "notes_with_errors": sum(note.error is not None for note in run.notes),
        "errors": dict(Counter(n.error for n in run.notes if n.error is not None).most_common()),
        "labels": dict(Counter(entity.label for entity in entities).most_common()),
        "by_fact": {name: _crossed(entities, name) for name in _facts(entities)},
        "terms": _terms(entities),
        "scores": _scores(entities),
        "lengths": _lengths(lengths),
        "median_length": int(median(lengths)) if lengths else 0,
        "sentence_labels": _sentence_labels(run),
        "run": dict(run.facts),
    }


FEW = 12
"""A column with more values than this is told on hover, not counted."""


def _facts(entities: list[Entity]) -> list[str]:
    values: dict[str, set[str]] = {}
    for entity in entities:
        for name, value in entity.facts:
            values.setdefault(name, set()).add(value)
    return [name for name, known in values.items() if len(known) <= FEW or name == "section"]


def _crossed(entities: list[Entity], name: str) -> dict[str, dict[str, int]]:
    """Label by value of a fact: how often."""
    counts = Counter((entity.label, entity.fact(name) or "(none)") for entity in entities)
    table: dict[str, dict[str, int]] = {}
    for (label, value), count in counts.most_common():
        table.setdefault(label, {})[value] = count
    return table


def _terms(entities: list[Entity]) -> list[dict[str, Any]]:
    counts = Counter((" ".join(e.text.lower().split()), e.label) for e in entities)
    return [
        {"term": term, "label": label, "count": count}
        for (term, label), count in counts.most_common(TERMS)
    ]


def _scores(entities: list[Entity]) -> list[dict[str, Any]]:
    """Ten bins of [0, 1]; empty where no entity has a score."""
    scored = [entity.score for entity in entities if entity.score is not None]
    if not scored:
        return []
    counts = Counter(min(BINS - 1, max(0, int(score * BINS))) for score in scored)
    return [{"from": n / BINS, "to": (n + 1) / BINS, "count": counts[n]} for n in range(BINS)]


def _lengths(lengths: list[int]) -> list[dict[str, Any]]:
    """Bins of a round width, at most twelve."""
    longest = lengths[-1] if lengths else 0
    width = next(
        step * 10**power
        for power in range(1, 12)
        for step in ROUND
        if longest // (step * 10**power) < 12
    )
    counts = Counter(length // width for length in lengths)
    return [
        {"from": n * width, "to": (n + 1) * width, "count": counts[n]}
        for n in range(longest // width + 1)
    ]


def _sentence_labels(run: Run) -> dict[str, dict[str, int]]:
    table: dict[str, Counter[str]] = {}
    for note in run.notes:
        for said in note.sentences:
            table.setdefault(said.column, Counter())[said.label] += 1
    return {column: dict(counts.most_common()) for column, counts in table.items()}
