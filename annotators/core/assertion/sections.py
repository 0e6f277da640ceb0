"""The section that each chunk is in, and what that says of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotators.core.assertion.heading_lines import Headings
from annotators.core.assertion.scopes import NO_SIGN, Chunks
from annotators.core.assertion.sheets.characters import Ints
from annotators.core.assertion.signs import Signs
from annotators.core.assertion.statuses import NOTHING, pick

_ELSEWHERE = {"historical": ("historical", "hypothetical")}
"""What must not hold for a section's status to hold, if it is more than the status itself."""


class Sections(NamedTuple):
    """For each chunk the heading that it is below, -1 for none, and whether it is in a heading."""

    heading: Ints
    in_heading: NDArray[np.bool_]


def sections_of(chunks: Chunks, headings: Headings, rows: Ints) -> Sections:
    """The sections of chunks; they go on to the next heading or the end of the row.

    rows: of each sentence.
    """
    row = np.append(rows, -1)
    named = np.flatnonzero([section.name is not None for section in headings.sections])
    heading = _last_before(chunks, headings.begin[named], named)
    alike = row[np.append(headings.sentence, -1)[heading]] == row[chunks.sentence]
    last = _last_before(chunks, headings.begin, np.arange(len(headings.begin)))
    within = chunks.end <= np.append(headings.end, -1)[last]
    beside = np.append(headings.sentence, -1)[last] == chunks.sentence
    return Sections(np.where(alike, heading, -1), within & beside)


def add_said(causes: dict[str, Ints], sections: Sections, headings: Headings, signs: Signs) -> None:
    """Add to the causes what sections say of chunks of which no trigger says otherwise."""
    says = np.array([*(section.says for section in headings.sections), ""], object)
    said = says[sections.heading]
    sign = np.append(signs.heading, NO_SIGN)[sections.heading]
    for status in {section.says for section in headings.sections} - {""}:
        holds = (said == status) & ~sections.in_heading
        for other in _ELSEWHERE.get(status, (status,)):
            if other in causes:
                holds &= causes[other] == NO_SIGN
        known = causes.get(status, np.full(len(holds), NO_SIGN))
        causes[status] = np.where(holds, sign, known)


def names_of(sections: Sections, headings: Headings) -> list[str]:
    """The name of each chunk's section, NOTHING where it has none."""
    names = [section.name or NOTHING for section in headings.sections]
    return pick([*names, NOTHING], sections.heading)


def _last_before(chunks: Chunks, begin: Ints, number: Ints) -> Ints:
    """The number of the last of some headings that begins where each chunk does, or before it."""
    return np.append(number, -1)[np.searchsorted(begin, chunks.begin, side="right") - 1]
