"""A run of `notemill annotate` or `etl`, as its Parquet tables hold it: read without Spark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

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


@dataclass
class Run:
    """A run. facts: what is known of how it was made. whole_texts: texts are the input's own."""

    name: str
    notes: list[Note]
    facts: Mapping[str, str]
    whole_texts: bool = False

    @property
    def entities(self) -> int:
        """How many entities there are in all notes."""
        return sum(len(note.entities) for note in self.notes)
