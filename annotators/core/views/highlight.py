"""A text as HTML in which its spans are marked: nested, crossing and adjacent ones right.

Everything that comes from a note or a model is escaped here, and nowhere is a part of the result
put together from unescaped text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape

COLOURS = 8
"""Pairs of hues of the style sheet; a label says its name too, so colours may repeat."""


@dataclass(frozen=True)
class Span:
    """A stretch of a text, begin to end (exclusive), in characters.

    tag: what stands behind it, its label first. details: what a pointer or the keyboard brings up.
    classes: of the style sheet, for what is more than a colour ("nm-no" for a negated entity).
    data: values for scripts, as data-NAME attributes.
    """

    begin: int
    end: int
    tag: str
    colour: int = 0
    details: str = ""
    classes: tuple[str, ...] = ()
    data: tuple[tuple[str, str], ...] = ()


def highlighted(text: str, spans: Iterable[Span], details: str = "data-d") -> str:
    """The text as HTML with a <mark> around each span; where two cross, the later is cut in two.

    details: the attribute for the details of a span: `title` where no script shows them.
    Spans without a character inside the text are left out.
    """
    pieces: list[str] = []
    waiting = _in_order(_inside(text, spans))
    open_: list[Span] = []
    at = 0
    while waiting or open_:
        if open_ and (not waiting or waiting[-1].begin >= open_[-1].end):
            closed = open_.pop()
            pieces.append(escape(text[at : closed.end]) + "</mark>")
            at = closed.end
            continue
        span = waiting.pop()
        if open_ and span.end > open_[-1].end:
            cut = open_[-1].end
            _put_back(waiting, replace(span, begin=cut, classes=(*span.classes, "nm-rest")))
            span = replace(span, end=cut, classes=(*span.classes, "nm-cut"))
        pieces.append(escape(text[at : span.begin]) + _opening(span, details))
        at = span.begin
        open_.append(span)
    pieces.append(escape(text[at:]))
    return "".join(pieces)


def colours(labels: Iterable[str]) -> dict[str, int]:
    """A colour for each label, in the order given."""
    return {label: number % COLOURS for number, label in enumerate(dict.fromkeys(labels))}


def _inside(text: str, spans: Iterable[Span]) -> Iterable[Span]:
    for span in spans:
        begin, end = max(0, span.begin), min(len(text), span.end)
        if begin < end:
            whole = (begin, end) == (span.begin, span.end)
            yield span if whole else replace(span, begin=begin, end=end)


def _in_order(spans: Iterable[Span]) -> list[Span]:
    """The next span last: by begin, of equal ones the longest first."""
    return sorted(spans, key=_rank, reverse=True)


def _rank(span: Span) -> tuple[int, int]:
    return span.begin, -span.end


def _put_back(waiting: list[Span], span: Span) -> None:
    place = len(waiting)
    while place and _rank(waiting[place - 1]) < _rank(span):
        place -= 1
    waiting.insert(place, span)


def _opening(span: Span, details: str) -> str:
    classes = ("nm-e", f"nm-c{span.colour % COLOURS}", *span.classes)
    attributes: Sequence[tuple[str, str]] = [
        ("class", " ".join(classes)),
        ("tabindex", "0"),
        ("data-l", span.tag),
        (details, span.details),
        *((f"data-{name}", value) for name, value in span.data),
    ]
    return "<mark " + " ".join(f'{n}="{_value(v)}"' for n, v in attributes if v) + ">"


def _value(value: str) -> str:
    """An attribute's value; line breaks are kept as such."""
    return escape(value).replace("\n", "&#10;")
