"""Words as numbers, and phrases of them looked up for all words of a text at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotators.core.assertion.sheets.characters import Ints, Number

Numbers = NDArray[np.uint64]

NONE = 0
"""The number of no word: of one that is too long to be sought."""

_LETTER, _WORD, _BITS = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 2**64 - 1
"""Odd factors. Two words of a vocabulary and a text have one number by a chance of 1 to 10^15."""

_BUCKETS = 14
"""Bits of a bucket: words in one where no phrase begins need not be looked up."""


def numbers_of(letters: NDArray[Number], begin: Ints, end: Ints, longest: int) -> Numbers:
    """A number for each word (a half-open span), the same for the same letters.

    longest: words of more letters are not read; their number is NONE.
    """
    size = np.where(end - begin > longest, 0, end - begin)
    by_size = np.argsort(size.astype(np.uint16), kind="stable")
    at, number = begin[by_size], np.zeros(len(begin), np.uint64)
    for read, shortest in enumerate(np.searchsorted(size[by_size], np.arange(longest), "right")):
        left = number[shortest:]
        left *= np.uint64(_LETTER)
        left += letters[at[shortest:] + read]
    numbers = np.empty_like(number)
    numbers[by_size] = number
    return numbers


def number_of(word: str) -> int:
    """The number of one word, as `numbers_of` has it."""
    return reduce(lambda number, letter: (number * _LETTER + ord(letter)) & _BITS, word, 0)


def places_in(known: Numbers, numbers: Numbers) -> Ints:
    """Where each number is among the known ones, which are in order, or -1."""
    if not len(known):
        return np.full(len(numbers), -1)
    at = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
    return np.where(known[at] == numbers, at, -1)


class Hits(NamedTuple):
    """Phrases found: their first and last word, and what the phrase stands for."""

    first: Ints
    last: Ints
    meaning: Ints


class Phrases:
    """Phrases and the number that each stands for, ready to be sought.

    A phrase's beginnings, of one word, of two and so on, are numbers too, and lie in order.
    """

    def __init__(self, meanings: Mapping[tuple[str, ...], int]) -> None:
        self.longest = max((len(w) for phrase in meanings for w in phrase), default=0)
        known: dict[int, int] = {}
        for phrase, meaning in meanings.items():
            *beginnings, whole = _beginnings(phrase)
            for beginning in beginnings:
                known.setdefault(beginning, -1)
            known[whole] = meaning
        self._known = np.array(sorted(known), np.uint64)
        self._meaning = np.array([known[number] for number in sorted(known)], np.int64)
        firsts = np.array([number_of(phrase[0]) for phrase in meanings], np.uint64)
        self._may_begin = np.zeros(1 << _BUCKETS, bool)
        self._may_begin[_bucket(firsts)] = True

    def in_words(self, numbers: Numbers) -> Hits:
        """The longest phrase that begins at each word, where one does."""
        first = np.flatnonzero(self._may_begin[_bucket(numbers)])
        node, number = places_in(self._known, numbers[first]), numbers[first]
        known = node >= 0
        first, node, number = first[known], node[known], number[known]
        last, meaning = first.copy(), np.full(len(first), -1)
        open_, at = np.arange(len(first)), first
        while len(open_):
            whole = self._meaning[node] >= 0
            last[open_[whole]] = at[whole]
            meaning[open_[whole]] = self._meaning[node[whole]]
            going = np.flatnonzero(at + 1 < len(numbers))
            open_, at = open_[going], at[going] + 1
            number = number[going] * np.uint64(_WORD) + numbers[at]
            node = places_in(self._known, number)
            known = node >= 0
            open_, at, number, node = open_[known], at[known], number[known], node[known]
        found = meaning >= 0
        return Hits(first[found], last[found], meaning[found])


def _bucket(numbers: Numbers) -> Ints:
    buckets: Ints = (numbers * np.uint64(_WORD) >> np.uint64(64 - _BUCKETS)).astype(np.int64)
    return buckets


def _beginnings(phrase: Sequence[str]) -> Iterable[int]:
    number = 0
    for word in phrase:
        number = (number * _WORD + number_of(word)) & _BITS
        yield number
