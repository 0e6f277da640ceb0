"""A note with what was found in it, and the note as HTML: the same in reports and notebooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import NamedTuple

from annotators.core.views.highlight import Span, highlighted

NEGATED = frozenset({"absent", "negated", "negative", "negation"})
YES = frozenset({"true", "yes", "1"})


class Entity(NamedTuple):
    """An entity: begin to end (exclusive), in characters. facts: what other columns say of it."""

    begin: int
    end: int
    label: str
    text: str
    score: float | None = None
    sentence: int | None = None
    facts: tuple[tuple[str, str], ...] = ()

    def fact(self, name: str) -> str:
        """What a column says of the entity, "" where it says nothing."""
        return next((value for known, value in self.facts if known == name), "")

    @property
    def negated(self) -> bool:
        """The note says that it is not there."""
        return any(
            value.lower() in NEGATED or (name.lower() in NEGATED and value.lower() in YES)
            for name, value in self.facts
        )


class SentenceLabel(NamedTuple):
    """A label of a sentence, or of a whole note, by a sequence classifier."""

    column: str
    begin: int
    end: int
    label: str
    score: float | None


@dataclass
class Note:
    """A note: its text as far as it is known, what was found in it, and what went wrong."""

    id: str
    text: str
    entities: list[Entity] = field(default_factory=list)
    sentences: list[SentenceLabel] = field(default_factory=list)
    error: str | None = None


Data = Callable[[Entity], tuple[tuple[str, str], ...]]
"""What scripts read of an entity, as (name, value) of data- attributes."""


def nothing(_: Entity) -> tuple[tuple[str, str], ...]:
    """No data for scripts, where a page has none."""
    return ()


def note_html(
    note: Note, colours: Mapping[str, int], data: Data = nothing, details: str = "title"
) -> str:
    """A note's text with its entities marked, and the labels of its sentences.

    details: the attribute for the details of an entity: `title` where no script shows them.
    """
    spans = [entity_span(entity, colours, data) for entity in note.entities]
    marked = highlighted(note.text, spans, details)
    return f'<div class="nm-text" dir="auto">{marked}</div>{_sentences(note)}'


def entity_span(entity: Entity, colours: Mapping[str, int], data: Data = nothing) -> Span:
    """How an entity is shown: its label and assertion behind it, all else in the details."""
    assertion = entity.fact("assertion")
    told = assertion if assertion != "present" else ""
    if entity.negated and not told:
        told = "negated"
    score = [f"score: {entity.score:.3f}"] if entity.score is not None else []
    details = [f"label: {entity.label}", *score, f"characters: {entity.begin}-{entity.end - 1}"]
    details += [f"{name}: {value}" for name, value in entity.facts]
    return Span(
        entity.begin,
        entity.end,
        f"{entity.label} \u00b7 {told}" if told else entity.label,
        colours.get(entity.label, 0),
        "\n".join(details),
        ("nm-no",) if entity.negated else (),
        data(entity),
    )


def _sentences(note: Note) -> str:
    if not note.sentences:
        return ""
    rows = "".join(
        f"<tr><td>{escape(s.column)}</td><td>{escape(s.label)}</td>"
        f"<td>{'' if s.score is None else f'{s.score:.3f}'}</td>"
        f'<td dir="auto">{escape(note.text[s.begin : s.end])}</td></tr>'
        for s in note.sentences
    )
    heads = "".join(f'<th scope="col">{h}</th>' for h in ("Column", "Label", "Score", "Sentence"))
    return (
        '<details class="sentences" open><summary>Sentence labels</summary>'
        '<div class="wide" tabindex="0" role="region" aria-label="Sentence labels">'
        f"<table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div></details>"
    )
