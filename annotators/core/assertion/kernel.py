"""The kernel of ContextualAssertion: sentences and chunks to one status per chunk.

All sentences of a batch are read as one text (sheets). There headings and triggers are found
(heading_lines.py, triggers.py), put in order (signs.py), and for all chunks at once it is told
which of them are in whose scope (scopes.py) and what their section says (sections.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotators.core.annotations import Annotations, FieldValues, numbering
from annotators.core.assertion.heading_lines import headings_in
from annotators.core.assertion.headings import parse_headings
from annotators.core.assertion.lists import going_on, opening
from annotators.core.assertion.rules import HIDE, STATUSES, STOP, Rule
from annotators.core.assertion.scopes import Chunks, Near, Scopes
from annotators.core.assertion.sections import add_said, names_of, sections_of
from annotators.core.assertion.sheets.characters import Ints
from annotators.core.assertion.sheets.sheet import Sheet, sheet_of
from annotators.core.assertion.signs import Signs, signs_of
from annotators.core.assertion.statuses import NOTHING, axes, chief
from annotators.core.assertion.triggers import Triggers
from annotators.core.containment import ROW, containing, keys_of, rows_of


@dataclass(frozen=True)
class AssertionRules:
    """The params of ContextualAssertion.

    rules: see rules.py. headings: lines of a table, see headings.py. both: a status that takes a
    trigger on each side. within: triggers inside a chunk count, too. window: how many tokens before
    and after a chunk a trigger may be; no limit where negative.
    """

    rules: tuple[Rule, ...] = ()
    headings: tuple[str, ...] = ()
    case_sensitive: bool = False
    both: str | None = None
    within: bool = False
    window: tuple[int, int] = (-1, -1)

    def __post_init__(self) -> None:
        """Raise ParamError for rules and headings that cannot be used."""
        for rule in self.rules:
            rule.checked(f"a rule for '{rule.status}'")
        parse_headings(self.headings, "headings")


@lru_cache(maxsize=8)
def _compiled(rules: tuple[Rule, ...], case_sensitive: bool) -> Triggers:
    return Triggers(rules, case_sensitive=case_sensitive)


class _Spans(NamedTuple):
    """Half-open spans in the text of each one's row."""

    begin: Ints
    end: Ints


@dataclass(frozen=True)
class AssertChunks:
    """One annotation per chunk, in the order and with the span of the chunks."""

    rules: AssertionRules = AssertionRules()

    def __call__(
        self, sentences: Annotations, tokens: Annotations, chunks: Annotations
    ) -> Annotations:
        """The statuses of the chunks of R rows; a chunk in no sentence is present."""
        rules, rows = self.rules, rows_of(sentences)
        triggers = _compiled(rules.rules, rules.case_sensitive)
        home = containing(sentences, chunks)
        sheet = sheet_of(sentences.result)
        placed = _placed(sheet, sentences, chunks, home)
        opens = opening(sheet)
        wanted = opens.copy()
        wanted[home[home >= 0]] = True

        headings = headings_in(sheet, rules.headings)
        signs = signs_of(sheet, np.flatnonzero(wanted), triggers, headings)
        shift = (sentences.begin - sheet.begin)[signs.sentence]
        spans = _Spans(signs.begin + shift, signs.end + shift)
        causes = Scopes(
            sheet=sheet,
            signs=signs,
            kinds=triggers.kinds,
            distance=lambda sign, which: _distance(spans, chunks, sign, which),
            within=rules.within,
            both=rules.both,
            near=_near(rules.window, tokens, chunks, spans),
        ).causes(placed, going_on(sheet, rows, signs, triggers.kinds, opens))
        sections = sections_of(placed, headings, rows)
        add_said(causes, sections, headings, signs)

        own = sorted({rule.status for rule in rules.rules} - {*STATUSES, HIDE, STOP})
        result, cause = chief(causes, own, len(chunks))
        return Annotations(
            offsets=chunks.offsets,
            begin=chunks.begin,
            end=chunks.end,
            result=result,
            fields={
                **axes(causes, len(chunks)),
                **_told(sheet, signs, spans, cause),
                "section": names_of(sections, headings),
                "chunk": numbering(np.diff(chunks.offsets)),
                "sentence": chunks.fields["sentence"],
            },
        )


def _placed(sheet: Sheet, sentences: Annotations, chunks: Annotations, home: Ints) -> Chunks:
    """The chunks in the sheet; those in no sentence are at place 0."""
    begin, end = np.append(sheet.begin, 0)[home], np.append(sheet.end, 0)[home]
    shift = begin - np.append(sentences.begin, 0)[home]
    return Chunks(
        np.clip(chunks.begin + shift, begin, end), np.clip(chunks.end + shift, begin, end), home
    )


def _told(sheet: Sheet, signs: Signs, spans: _Spans, cause: Ints) -> dict[str, FieldValues]:
    """What says the status of each chunk; `trigger_end` is inclusive, as all ends outside."""
    which = np.flatnonzero(cause >= 0)
    sign = cause[which]
    text: list[str] = [NOTHING] * len(cause)
    begin, end = list(text), list(text)
    columns = (which, signs.begin[sign], signs.end[sign], spans.begin[sign], spans.end[sign] - 1)
    for i, lo, hi, first, last in zip(*(column.tolist() for column in columns), strict=True):
        text[i], begin[i], end[i] = sheet.text[lo:hi], str(first), str(last)
    return {"trigger": text, "trigger_begin": begin, "trigger_end": end}


def _distance(spans: _Spans, chunks: Annotations, sign: Ints, which: Ints) -> Ints:
    """How many characters are between signs and chunks."""
    behind: Ints = chunks.begin[which] - spans.end[sign]
    before: Ints = spans.begin[sign] - chunks.end[which]
    return np.maximum(np.maximum(behind, before), 0)


def _near(
    window: tuple[int, int], tokens: Annotations, chunks: Annotations, spans: _Spans
) -> Near | None:
    """Whether signs are in the windows of chunks, by tokens; None where all are."""
    before, after = window
    if before < 0 and after < 0:
        return None
    begins = np.sort(keys_of(tokens, tokens.begin))
    row = rows_of(chunks) << ROW

    def between(lo: Ints, hi: Ints, which: Ints) -> Ints:
        return np.searchsorted(begins, row[which] + hi) - np.searchsorted(begins, row[which] + lo)

    def near(sign: Ints, which: Ints) -> NDArray[np.bool_]:
        begin, end = (some[which].astype(np.int64) for some in (chunks.begin, chunks.end))
        left = between(spans.end[sign], begin, which) < before
        right = between(end, spans.begin[sign], which) < after
        is_left = spans.end[sign] <= begin
        return np.where(is_left, left | (before < 0), right | (after < 0))

    return near
