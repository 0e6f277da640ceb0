"""What a user asks of `notemill annotate`, and what the job calls its columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypedDict

ID, TEXT = "id", "text"
"""What notes are called within the job: whatever the input's columns are, none clashes with these,
nor they with a column of a pipeline."""


class Reading(TypedDict, total=False):
    """How files are read, as keywords of `read_notes`."""

    encoding: str | None
    sep: str | None
    quote: str | None
    escape: str | None


@dataclass(frozen=True)
class Asked:
    """The options."""

    input: str
    output: str
    format: str | None
    id_col: str
    text_col: str
    partitions: int | None
    reading: Reading = field(default_factory=Reading)
