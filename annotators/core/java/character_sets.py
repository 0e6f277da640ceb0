"""Sets of characters: sorted, disjoint, inclusive ranges of code points.

Every function here gives a set in that form, so that equal sets are equal values.
"""

from __future__ import annotations

from collections.abc import Iterable

Ranges = tuple[tuple[int, int], ...]

LAST = 0x10FFFF
EVERYTHING: Ranges = ((0, LAST),)


def characters(text: Iterable[str]) -> Ranges:
    """The set of the characters of `text`."""
    return union((ord(char), ord(char)) for char in text)


def from_to(first: str, last: str) -> Ranges:
    """The set of the characters from `first` to `last`, both included."""
    return ((ord(first), ord(last)),)


def union(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The set of the characters of any of `ranges`, which may overlap and have any order."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def complement(ranges: Ranges) -> Ranges:
    """All characters but those of `ranges`."""
    edges = [-1, *(edge for low, high in ranges for edge in (low, high)), LAST + 1]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return tuple((before + 1, after - 1) for before, after in gaps if before + 1 < after)


def intersection(one: Ranges, other: Ranges) -> Ranges:
    """The characters that both sets have."""
    return complement(union([*complement(one), *complement(other)]))


def contains(ranges: Ranges, char: str) -> bool:
    """Whether `char` is in the set."""
    return any(low <= ord(char) <= high for low, high in ranges)


def as_class(ranges: Ranges) -> str:
    """The set as a pattern of `re`: a class, or for the empty set what matches nowhere."""
    if not ranges:
        return "(?!)"
    shown = (
        f"\\U{low:08x}-\\U{high:08x}" if low < high else f"\\U{low:08x}" for low, high in ranges
    )
    return f"[{''.join(shown)}]"
