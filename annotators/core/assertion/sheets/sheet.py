"""The sentences of a batch as one text, so that what is sought is sought once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotators.core.assertion.sheets.characters import (
    BLANK,
    MARK,
    ODD,
    WORD,
    Characters,
    Ints,
    Kinds,
    Letters,
    characters_of,
)
from annotators.core.seen import seen_whole

APART = "\0\0"
"""Between sentences: a mark that is part of no phrase, and a place that is in neither of both."""


class Words(NamedTuple):
    """Each word and each mark of a sheet, in order: half-open spans; whether it is a word."""

    begin: Ints
    end: Ints
    is_word: NDArray[np.bool_]


@dataclass(frozen=True)
class Sheet:
    """Sentences one after the other, with APART around each.

    text, characters: of all of them. begin, end: the half-open span of each sentence in the text.
    """

    text: str
    characters: Characters
    begin: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.begin)

    @cached_property
    def is_plain(self) -> bool:
        """Whether no sentence has a NUL of its own."""
        return self.text.count("\0") == len(APART) * (len(self) + 1)

    def sentence_of(self, places: Ints) -> Ints:
        """The number of the sentence that each place is in."""
        return np.searchsorted(self.begin, places, side="right") - 1

    def sentence(self, number: int) -> str:
        """One sentence's text."""
        return self.text[self.begin[number] : self.end[number]]

    def part(self, sentences: Ints) -> Sheet:
        """A sheet of some of the sentences."""
        spans = zip(self.begin[sentences].tolist(), self.end[sentences].tolist(), strict=True)
        return _joined([self.text[begin:end] for begin, end in spans])

    @cached_property
    def kinds(self) -> Kinds:
        """The kind of each character."""
        return self.characters.kinds()

    @cached_property
    def small(self) -> Letters:
        """The small letter of each character."""
        return self.characters.small()

    @cached_property
    def words(self) -> Words:
        r"""What `\w+|[^\w\s]` finds in the text."""
        word = (self.kinds & WORD) > 0
        first = (self.kinds & (WORD | BLANK)) == MARK
        last = first.copy()
        first[1:] |= word[1:] & ~word[:-1]
        last[:-1] |= word[:-1] & ~word[1:]
        begin = np.flatnonzero(first)
        return Words(begin, np.flatnonzero(last) + 1, word[begin])

    @cached_property
    def first_words(self) -> Ints:
        """The number of each sentence's first word; of APART's where it has none."""
        return np.searchsorted(self.words.begin, self.begin)


def sheet_of(texts: Sequence[str]) -> Sheet:
    """The sheet of sentences, each as its reader sees it."""
    sheet = _joined(texts)
    odd = np.flatnonzero(sheet.kinds & ODD)
    if not len(odd):
        return sheet
    seen = list(texts)
    for number in np.unique(sheet.sentence_of(odd)).tolist():
        seen[number] = seen_whole(seen[number])
    text = APART.join(["", *seen, ""])
    return replace(sheet, text=text, characters=characters_of(text))


def _joined(texts: Sequence[str]) -> Sheet:
    size = np.fromiter(map(len, texts), np.int64, len(texts))
    end = np.cumsum(size + len(APART))
    text = APART.join(["", *texts, ""])
    return Sheet(text, characters_of(text), end - size, end)
