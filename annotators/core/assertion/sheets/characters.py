"""The characters of a text as numbers, and what is known of each, in arrays.

Most characters of a note are of Latin-1, where bytes are looked up; the others are set after these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from annotators.core.seen import UNUSUAL

Ints = NDArray[np.int64]
Letters = NDArray[np.uint32]
Kinds = NDArray[np.uint8]
Number = TypeVar("Number", np.uint8, np.uint32)

MARK, BLANK, WORD = 0, 1, 2
ODD = 4
"""Added to the kind of a character of which a reader may see something else."""

_LATIN, _TABLED = 0x100, 0x10000
_APOSTROPHE = ord("\N{RIGHT SINGLE QUOTATION MARK}")
_SIGMA, _FINAL_SIGMA = 0x3C3, 0x3C2
_DOTTED_I = 0x130
"""The one letter that is two in small letters; it stays as it is."""


@dataclass(frozen=True)
class Characters:
    """The characters of a text.

    latin: as Latin-1 has them, `?` for the others. places, others: where these are, and which.
    """

    latin: bytes
    places: Ints
    others: Letters

    @property
    def bytes(self) -> NDArray[np.uint8]:
        """The characters of Latin-1."""
        return np.frombuffer(self.latin, np.uint8)

    def kinds(self) -> Kinds:
        """Whether each is a mark, a blank or part of a word; ODD beside it."""
        return self._looked_up(_tables().kinds, lambda letter: WORD * letter.isalnum())

    def small(self) -> Letters:
        """The small letters, one for one, with typewriters' apostrophes."""
        return self._looked_up(_tables().small, lambda letter: ord(letter.lower()))

    def small_latin(self) -> NDArray[np.uint8]:
        """The small letters, but `?` for those that Latin-1 does not have."""
        return np.frombuffer(self.latin.translate(_latin(_tables().small)), np.uint8)

    def as_written(self) -> Letters:
        """The characters themselves, but with typewriters' apostrophes."""
        return self._looked_up(_tables().written, ord)

    def _looked_up(self, table: NDArray[Number], beyond: Callable[[str], int]) -> NDArray[Number]:
        """What a table has for each character; what `beyond` says of those that it has not."""
        found = np.frombuffer(self.latin.translate(_latin(table)), np.uint8).astype(table.dtype)
        values = table[np.minimum(self.others, _TABLED - 1)]
        untold = np.flatnonzero(self.others >= _TABLED)
        values[untold] = [beyond(chr(letter)) for letter in self.others[untold].tolist()]
        found[self.places] = values
        return found


def characters_of(text: str) -> Characters:
    """The characters of a text."""
    latin = text.encode("latin-1", "replace")
    if text.isascii():
        return Characters(latin, np.empty(0, np.int64), np.empty(0, np.uint32))
    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    places = np.flatnonzero(letters >= _LATIN)
    return Characters(latin, places, letters[places])


@lru_cache(maxsize=4096)
def in_small_letters(word: str) -> str:
    """A word in the letters of `Characters.small`."""
    return "".join(map(chr, characters_of(word).small().tolist()))


def _latin(table: NDArray[Number]) -> bytes:
    return table[:_LATIN].astype(np.uint8).tobytes()


class _Tables(NamedTuple):
    """For each character below _TABLED its kind, its small letter, and itself."""

    kinds: Kinds
    small: Letters
    written: Letters


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    written = np.arange(_TABLED, dtype=np.uint32)
    characters = written.view("U1")
    word = np.char.isalnum(characters) | (written == ord("_"))
    kinds = np.where(word, WORD, np.where(np.char.isspace(characters), BLANK, MARK))
    odd = [ord(found[0]) for found in UNUSUAL.finditer("".join(map(chr, range(_TABLED))))]
    kinds[odd] |= ODD
    small = np.char.lower(characters).astype("U1").view(np.uint32)
    small[_DOTTED_I], small[_FINAL_SIGMA] = _DOTTED_I, _SIGMA
    small[_APOSTROPHE] = written[_APOSTROPHE] = ord("'")
    return _Tables(kinds.astype(np.uint8), small, written)
