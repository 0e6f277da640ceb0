"""What crosses to the workers, and how they run it: a plan, a slice of the rows at a time.

Two boundaries read rows for it and write what it makes: arrow_boundary.py where Spark has Arrow UDFs
(4.1 on), pandas_boundary.py elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from annotators.core.annotations import Annotations, FieldValues
from annotators.core.plan import Step

CHARACTERS_AT_ONCE = 1_000_000
"""Rows are annotated in slices of about so many characters, which bounds a worker's memory."""

ERROR = "error"


@dataclass(frozen=True)
class Source:
    """An input column: its name, and the metadata fields that are read; None for a text column."""

    column: str
    fields: tuple[str, ...] | None


@dataclass(frozen=True)
class Sink:
    """An output column that is asked for: its name and the names of its flat arrays."""

    column: str
    fields: tuple[str, ...]
    scores: tuple[str, ...]

    def flat_arrays(self, made: Annotations) -> dict[str, FieldValues]:
        """The flat arrays of the annotations, by name; all empty where there are none."""
        arrays: dict[str, FieldValues] = {
            "begin": made.begin,
            "end": made.end,
            "result": made.result,
        }
        for name in self.fields:
            arrays[name] = made.fields[name] if len(made) else made.begin
        for k, name in enumerate(self.scores):
            arrays[name] = made.scores[:, k] if made.scores is not None else made.begin
        return arrays


@dataclass(frozen=True)
class Program:
    """All that a worker needs to annotate rows. It crosses to the workers, so it holds data only."""

    sources: tuple[Source, ...]
    steps: tuple[Step, ...]
    sinks: tuple[Sink, ...]


def flat_name(sink_index: int, name: str) -> str:
    """The name of one flat array of one output among the columns that a UDF returns."""
    return f"{sink_index}_{name}"


def slices(characters: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Half-open ranges of rows of about CHARACTERS_AT_ONCE each; no rows are one empty range."""
    which = np.cumsum(characters) // CHARACTERS_AT_ONCE
    starts = [0, *(np.flatnonzero(np.diff(which)) + 1).tolist(), len(characters)]
    return zip(starts[:-1], starts[1:], strict=True)
