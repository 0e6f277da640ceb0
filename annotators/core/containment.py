"""Which annotation contains which: tokens find their sentence by their spans."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotators.core.annotations import Annotations

ROW = 32
"""Bits of a key below its row's number."""


def containing(outer: Annotations, inner: Annotations) -> NDArray[np.int64]:
    """int64[N]: for each inner annotation the (flat) outer one that holds its whole span, or -1.

    Both belong to the same rows. In a row whose outer annotations overlap (documents made of an
    array of texts all begin at 0) they are told apart by their number in `sentence`. Spark NLP goes
    by the span alone.
    """
    if len(outer) == 0:
        return np.full(len(inner), -1, np.int64)
    keys = keys_of(outer, outer.begin)
    overlapping = keys[1:] < keys_of(outer, outer.end)[:-1]
    found = np.maximum(np.searchsorted(keys, keys_of(inner, inner.begin), side="right") - 1, 0)
    inside = (
        (rows_of(outer)[found] == rows_of(inner))
        & (outer.begin[found] <= inner.begin)
        & (inner.end <= outer.end[found])
    )
    plain = np.where(inside, found, -1)
    if not overlapping.any():
        return plain
    numbered = _match(keys_of(inner, _numbers(inner)), keys_of(outer, _numbers(outer)))
    return np.where(np.isin(rows_of(inner), rows_of(outer)[1:][overlapping]), numbered, plain)


def matching(wanted: Annotations, given: Annotations) -> NDArray[np.int64]:
    """int64[N]: for each wanted annotation the given one that begins where it does, or -1.

    Both belong to the same rows. In a row where several begin at one place (tokens of an array of
    texts) their number in `sentence` must be the same too.
    """
    if len(given) == 0:
        return np.full(len(wanted), -1, np.int64)
    keys, sought = keys_of(given, given.begin), keys_of(wanted, wanted.begin)
    plain = _match(sought, keys)
    ambiguous = np.union1d(_repeated(keys), _repeated(sought)) >> ROW
    if not len(ambiguous):
        return plain
    homes = [keys_of(some, _numbers(some)) for some in (wanted, given)]
    ranks = np.unique(np.concatenate(homes), return_inverse=True)[1].astype(np.int64) << ROW
    numbered = _match(
        ranks[: len(wanted)] + wanted.begin.astype(np.int64),
        ranks[len(wanted) :] + given.begin.astype(np.int64),
    )
    return np.where(np.isin(rows_of(wanted), ambiguous), numbered, plain)


def _match(sought: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each sought key stands among the keys (the first of equal ones), or -1."""
    order = np.argsort(keys, kind="stable")
    found = order[np.minimum(np.searchsorted(keys[order], sought), len(keys) - 1)]
    return np.where(keys[found] == sought, found, -1)


def _repeated(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """The keys that are there more than once."""
    ordered = np.sort(keys)
    repeated: NDArray[np.int64] = ordered[1:][ordered[1:] == ordered[:-1]]
    return repeated


def _numbers(annotations: Annotations) -> NDArray[np.int64]:
    return np.asarray(annotations.fields["sentence"], np.int64)


def keys_of(annotations: Annotations, position: NDArray[Any]) -> NDArray[np.int64]:
    """The row of each annotation and a position, in one number that sorts by both."""
    keys: NDArray[np.int64] = (rows_of(annotations) << ROW) + position
    return keys


def rows_of(annotations: Annotations) -> NDArray[np.int64]:
    """The row of each annotation."""
    return np.repeat(np.arange(annotations.rows), np.diff(annotations.offsets))
