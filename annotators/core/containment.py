"""Which annotation contains which: tokens find their sentence by their spans."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotators.core.annotations import Annotations


def containing(outer: Annotations, inner: Annotations) -> NDArray[np.int64]:
    """int64[N]: for each inner annotation the (flat) outer one that holds its whole span, or -1.

    Both belong to the same rows. Outer annotations that overlap (documents made of an array of
    texts all begin at 0) are told apart by their number in `sentence`. Spark NLP goes by the span
    alone.
    """
    if len(outer) == 0:
        return np.full(len(inner), -1, np.int64)
    keys = _keys(outer, outer.begin)
    if np.any(keys[1:] < _keys(outer, outer.end)[:-1]):
        return _numbered(outer, inner)
    found = np.maximum(np.searchsorted(keys, _keys(inner, inner.begin), side="right") - 1, 0)
    inside = (
        (_rows(outer)[found] == _rows(inner))
        & (outer.begin[found] <= inner.begin)
        & (inner.end <= outer.end[found])
    )
    return np.where(inside, found, -1)


def matching(wanted: Annotations, given: Annotations) -> NDArray[np.int64]:
    """int64[N]: for each wanted annotation the given one that begins where it does, or -1.

    Both belong to the same rows.
    """
    if len(given) == 0:
        return np.full(len(wanted), -1, np.int64)
    keys = _keys(given, given.begin)
    order = np.argsort(keys, kind="stable")
    sought = _keys(wanted, wanted.begin)
    found = order[np.minimum(np.searchsorted(keys[order], sought), len(keys) - 1)]
    return np.where(keys[found] == sought, found, -1)


def _numbered(outer: Annotations, inner: Annotations) -> NDArray[np.int64]:
    """The outer annotation of the same row and the same `sentence`, or -1."""
    keys = _keys(outer, np.asarray(outer.fields["sentence"], np.int64))
    order = np.argsort(keys, kind="stable")
    wanted = _keys(inner, np.asarray(inner.fields["sentence"], np.int64))
    found = order[np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)]
    return np.where(keys[found] == wanted, found, -1)


def _keys(annotations: Annotations, position: NDArray[Any]) -> NDArray[np.int64]:
    """Row and position in one number that sorts by both."""
    keys: NDArray[np.int64] = (_rows(annotations) << 32) + position
    return keys


def _rows(annotations: Annotations) -> NDArray[np.int64]:
    return np.repeat(np.arange(annotations.rows), np.diff(annotations.offsets))
