"""A run of `notemill annotate` or `etl`, as its Parquet tables hold it: read without Spark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from annotators.core.views.notes import Note


@dataclass
class Run:
    """A run. facts: what is known of how it was made. whole_texts: texts are the input's own.

    sha256: by note id the hash of its text, where the tables hold that in place of the text.
    """

    name: str
    notes: list[Note]
    facts: Mapping[str, str]
    whole_texts: bool = False
    sha256: Mapping[str, str | None] | None = None

    @property
    def entities(self) -> int:
        """How many entities there are in all notes."""
        return sum(len(note.entities) for note in self.notes)
