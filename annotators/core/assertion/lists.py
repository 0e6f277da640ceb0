"""Lists that a line opens: what `Denies:` says goes on in the lines below it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from annotators.core.assertion.sheets.characters import Ints
from annotators.core.assertion.sheets.sheet import APART, Sheet
from annotators.core.assertion.signs import Signs
from annotators.core.assertion.triggers import STOPS, Kind

_BULLET = re.compile(r"\s*(?:[-*\u2022+]|\(?\d{1,2}[.)])\s")


def opening(sheet: Sheet) -> NDArray[np.bool_]:
    """Which sentences end in a colon."""
    words = sheet.words
    last = np.append(sheet.first_words, len(words.begin))[1:] - len(APART) - 1
    is_colon = sheet.characters.bytes[words.begin[last]] == ord(":")
    return np.asarray(is_colon & (last >= sheet.first_words), bool)


def going_on(
    sheet: Sheet, rows: Ints, signs: Signs, kinds: Sequence[Kind], opens: NDArray[np.bool_]
) -> Mapping[int, list[int]]:
    """For each sentence the signs of sentences before it that go on there.

    A line that `opens` a list has the next sentence in it, and then those with a bullet, as far as
    the next heading or the end of the row. rows: of each sentence. kinds: those of signs.
    """
    found: dict[int, list[int]] = {}
    headed = set(signs.sentence[signs.heading].tolist())
    kind = signs.kind.tolist()
    openers = np.flatnonzero(opens)
    first, last = (np.searchsorted(signs.sentence, openers, side=s) for s in ("left", "right"))
    row_ends = np.searchsorted(rows, rows[openers], side="right").tolist()
    bounds = zip(openers.tolist(), first.tolist(), last.tolist(), row_ends, strict=True)
    for opener, lo, hi, row_end in bounds:
        kept = _kept([*found.get(opener, []), *range(lo, hi)], kind, kinds)
        for sentence in range(opener + 1, row_end if kept else opener):
            listed = sentence == opener + 1 or _BULLET.match(sheet.sentence(sentence))
            if sentence in headed or not listed:
                break
            found[sentence] = kept
            if opens[sentence]:
                break
    return found


def _kept(signs: Sequence[int], kind: Sequence[int], kinds: Sequence[Kind]) -> list[int]:
    """The last sign of each kind that says something of what stands behind all of them."""
    kept: dict[int, int] = {}
    for sign in signs:
        if kind[sign] == STOPS:
            kept.clear()
        elif kinds[kind[sign]].side == "before":
            kept[kind[sign]] = sign
    return list(kept.values())
