"""What holds for chunks, as their chief status and as the axes of their metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from annotators.core.annotations import FieldValues
from annotators.core.assertion.sheets.characters import Ints

PRESENT = "present"
CHIEF = ("someone_else", "hypothetical", "absent", "possible", "historical")
"""Of several statuses that hold the first is the chief one."""

FIELDS = (
    "negation",
    "certainty",
    "temporality",
    "experiencer",
    "trigger",
    "trigger_begin",
    "trigger_end",
    "section",
)
OPTIONAL = ("trigger", "trigger_begin", "trigger_end", "section")
NOTHING = "NaN"
"""What leaves an optional field out of the metadata (see AnnotationLayout)."""


def chief(causes: Mapping[str, Ints], own: Sequence[str], count: int) -> tuple[list[str], Ints]:
    """The chief status of each of `count` chunks, and what causes it.

    causes: for each status a number per chunk, -1 where it does not hold. own: the statuses that
    the user named, which go first.
    """
    order = [status for status in (*own, *CHIEF) if status in causes]
    which, cause = np.full(count, len(order)), np.full(count, -1)
    for number in reversed(range(len(order))):
        holds = causes[order[number]] >= 0
        which[holds], cause[holds] = number, causes[order[number]][holds]
    return pick([*order, PRESENT], which), cause


def axes(causes: Mapping[str, Ints], count: int) -> Mapping[str, FieldValues]:
    """The axes of `count` chunks; causes as for `chief`."""

    def holds(status: str) -> NDArray[np.int64]:
        return (causes[status] >= 0).astype(np.int64) if status in causes else np.zeros(count, int)

    hypothetical = holds("hypothetical")
    temporality = 2 * hypothetical + (1 - hypothetical) * holds("historical")
    return {
        "negation": pick(["affirmed", "negated"], holds("absent")),
        "certainty": pick(["certain", "possible"], holds("possible")),
        "temporality": pick(["recent", "historical", "hypothetical"], temporality),
        "experiencer": pick(["patient", "other"], holds("someone_else")),
    }


def pick(names: Sequence[str], which: Ints) -> list[str]:
    """The name by each number; all that are equal are one string."""
    picked: list[str] = np.array(names, object)[which].tolist()
    return picked
