"""How far two runs agree, label by label, with intervals by resampling notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs._compare.matching import KINDS, Pair

RESAMPLES = 1_000
SEED = 20
LEVEL = (2.5, 97.5)

Floats = NDArray[np.float64]


def figures(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Counts by kind of difference; precision, recall and F1 of the second run by the first.

    An entity agrees if its span and its label do. Intervals hold 95% of the F1 of a thousand draws
    of as many notes, with replacement: entities of one note are not independent.
    """
    labels = sorted({e.label for pair in pairs for _, a, b in pair.found for e in (a, b) if e})
    counted = np.array([_counts(pair, labels) for pair in pairs], np.float64)
    draws = np.random.default_rng(SEED).multinomial(
        len(pairs), np.full(len(pairs), 1 / len(pairs)), size=RESAMPLES
    )
    resampled = np.tensordot(draws.astype(np.float64), counted, axes=1)
    total = counted.sum(axis=0)
    kinds = Counter(kind for pair in pairs for kind, _, _ in pair.found)
    return {
        "notes": len(pairs),
        "notes_that_differ": sum(pair.differences > 0 for pair in pairs),
        "kinds": {kind: kinds[kind] for kind in KINDS},
        "all": _agreement(total.sum(axis=0), resampled.sum(axis=1)),
        "labels": {label: _agreement(total[n], resampled[:, n]) for n, label in enumerate(labels)},
    }


def _counts(pair: Pair, labels: Sequence[str]) -> list[list[int]]:
    """For each label: how many agree, how many the first has, how many the second."""
    place = {label: n for n, label in enumerate(labels)}
    table = [[0, 0, 0] for _ in labels]
    for kind, first, second in pair.found:
        if first is not None:
            table[place[first.label]][0] += kind == "same"
            table[place[first.label]][1] += 1
        if second is not None:
            table[place[second.label]][2] += 1
    return table


def _agreement(counts: Floats, resampled: Floats) -> dict[str, Any]:
    same, first, second = (int(value) for value in counts)
    low, high = np.percentile(_f1(resampled), LEVEL)
    return {
        "same": same,
        "first": first,
        "second": second,
        "precision": round(same / second, 4) if second else None,
        "recall": round(same / first, 4) if first else None,
        "f1": round(float(_f1(counts)), 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
    }


def _f1(counts: Floats) -> Floats:
    """2 agreeing / (first + second); 1 where neither has any."""
    both = counts[..., 1] + counts[..., 2]
    return np.where(both > 0, 2 * counts[..., 0] / np.maximum(both, 1), 1.0)
