"""Columnar annotations: the one value that every kernel takes and gives.

A batch of R rows with N annotations in all is a handful of flat arrays of length N and R + 1 row
offsets, so that a kernel loops over numbers and the boundary to Spark moves arrays, not objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
FieldValues = Ints | Floats | list[str]

UNREADABLE = float(np.finfo(np.float32).min)
"""A confidence that is there but is not a number (`abc`); NaN is one that is not there."""


@dataclass(frozen=True)
class Annotations:
    """The annotations of a batch of rows.

    offsets: int64[R + 1]; row r owns the annotations offsets[r]:offsets[r + 1].
    begin, end: int32[N]; half-open spans in characters of the row's text.
    result: N strings.
    fields: named metadata, N values each (`sentence`, `word`, `entity`, `chunk`, `confidence`).
    scores: float32[N, len(labels)] for what a classifier made, else None.
    """

    offsets: NDArray[np.int64]
    begin: Ints
    end: Ints
    result: list[str]
    fields: Mapping[str, FieldValues] = field(default_factory=dict)
    scores: Floats | None = None
    labels: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """R, the number of rows."""
        return len(self.offsets) - 1

    def __len__(self) -> int:
        return len(self.result)

    def row_bounds(self) -> Iterator[tuple[int, int]]:
        """Yield each row's half-open range of annotations."""
        return pairwise(self.offsets.tolist())

    def slice_rows(self, first: int, last: int) -> Annotations:
        """The rows first:last as a value of their own (views, nothing is copied but strings)."""
        lo, hi = int(self.offsets[first]), int(self.offsets[last])
        return Annotations(
            offsets=self.offsets[first : last + 1] - lo,
            begin=self.begin[lo:hi],
            end=self.end[lo:hi],
            result=self.result[lo:hi],
            fields={name: values[lo:hi] for name, values in self.fields.items()},
            scores=None if self.scores is None else self.scores[lo:hi],
            labels=self.labels,
        )

    def confidence(self) -> Floats:
        """float32[N]: the score of each annotation's result, NaN where there is none."""
        if self.scores is not None:
            column = {label: i for i, label in enumerate(self.labels)}
            chosen = np.fromiter((column[label] for label in self.result), np.int64, len(self))
            return self.scores[np.arange(len(self)), chosen]
        known = self.fields.get("confidence")
        if known is None:
            return np.full(len(self), np.nan, np.float32)
        return np.asarray(known, np.float32)


def empty(rows: int, like: Annotations | None = None) -> Annotations:
    """Annotations of `rows` rows without any annotation, with the fields of `like`."""
    none = np.empty(0, np.int32)
    nothing = Annotations(np.zeros(rows + 1, np.int64), none, none, [])
    if like is None:
        return nothing
    return Annotations(
        nothing.offsets,
        none,
        none,
        [],
        fields={name: values[:0] for name, values in like.fields.items()},
        scores=None if like.scores is None else like.scores[:0],
        labels=like.labels,
    )


def concatenate(parts: Sequence[Annotations]) -> Annotations:
    """The rows of all parts, one after the other.

    A part without annotations may lack the fields of the others (a row that failed has none).
    """
    if len(parts) == 1:
        return parts[0]
    full = [part for part in parts if len(part)] or [max(parts, key=lambda part: len(part.fields))]
    model = full[0]
    counts = np.concatenate([np.diff(part.offsets) for part in parts])
    return Annotations(
        offsets=row_offsets(counts),
        begin=np.concatenate([part.begin for part in full]),
        end=np.concatenate([part.end for part in full]),
        result=list(chain.from_iterable(part.result for part in full)),
        fields={name: _joined([part.fields[name] for part in full]) for name in model.fields},
        scores=None if model.scores is None else np.concatenate([_scores(part) for part in full]),
        labels=model.labels,
    )


def row_offsets(counts: Iterable[int] | NDArray[np.integer]) -> NDArray[np.int64]:
    """int64[R + 1] offsets of rows that hold `counts` annotations each."""
    sizes = np.asarray(counts if isinstance(counts, np.ndarray) else list(counts), np.int64)
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return offsets


def numbering(counts: Iterable[int] | NDArray[np.integer]) -> NDArray[np.int32]:
    """0, 1, 2, … again for each row."""
    sizes = np.asarray(counts if isinstance(counts, np.ndarray) else list(counts), np.int64)
    offsets = row_offsets(sizes)
    return (np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes)).astype(np.int32)


def _joined(parts: Sequence[FieldValues]) -> FieldValues:
    """One field's values of several batches in one: arrays stay arrays, lists lists."""
    if isinstance(parts[0], list):
        return list(chain.from_iterable(parts))
    return np.concatenate(parts)


def _scores(part: Annotations) -> Floats:
    if part.scores is None:
        raise ValueError("cannot join annotations with scores to annotations without")
    return part.scores
