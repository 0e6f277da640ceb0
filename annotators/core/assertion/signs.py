"""What stands in a batch's sentences and says something: triggers, and headings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotators.core.assertion.heading_lines import Headings
from annotators.core.assertion.sheets.characters import Ints
from annotators.core.assertion.sheets.sheet import Sheet
from annotators.core.assertion.triggers import HIDES, STOPS, Found, Triggers


class Signs(NamedTuple):
    """Triggers and headings, in order.

    begin, end: half-open spans in the sheet. kind: the number of each one's kind, STOPS where
    scopes end. heading: which of them each heading is.
    """

    begin: Ints
    end: Ints
    sentence: Ints
    kind: Ints
    heading: Ints


def signs_of(sheet: Sheet, sentences: Ints, triggers: Triggers, headings: Headings) -> Signs:
    """The triggers of some sentences and all headings in one order.

    Scopes end at a heading, and no trigger is in one.
    """
    part = sheet.part(sentences)
    found = triggers.in_sheet(part)
    shift = (sheet.begin[sentences] - part.begin)[part.sentence_of(found.begin)]
    found = Found(found.begin + shift, found.end + shift, found.rule)
    kind = triggers.kind_of_rule[found.rule]
    outside = (kind != HIDES) & ~_touching(found, headings)
    begin = np.concatenate([found.begin[outside], headings.begin])
    end = np.concatenate([found.end[outside], headings.end])
    kind = np.concatenate([kind[outside], np.full(len(headings.begin), STOPS)])
    order = np.argsort(begin, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    begin = begin[order]
    of_headings = place[len(order) - len(headings.begin) :]
    return Signs(begin, end[order], sheet.sentence_of(begin), kind[order], of_headings)


def _touching(found: Found, headings: Headings) -> NDArray[np.bool_]:
    """Whether each trigger has a place in common with a heading."""
    furthest = np.concatenate([[0], np.maximum.accumulate(headings.end)])
    return furthest[np.searchsorted(headings.begin, found.end)] > found.begin
