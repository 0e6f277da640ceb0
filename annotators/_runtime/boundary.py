"""The boundary to Spark: pandas frames of flat arrays in, pandas frames of flat arrays out.

An annotation column arrives as several columns `N.begin`, `N.end`, `N.result`, …, where N is the
number of the input; a text column arrives as `N.text`. See annotators/schema.py for the other side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from annotators.core.annotations import Annotations, FieldValues, row_offsets
from annotators.core.plan import Outcome, Step, Texts, run_plan

CHARACTERS_AT_ONCE = 1_000_000
"""Rows are annotated in slices of about so many characters, which bounds a worker's memory."""

ERROR = "error"


@dataclass(frozen=True)
class Source:
    """An input column: its name, and the metadata fields that travel; None for a text column."""

    column: str
    fields: tuple[str, ...] | None


@dataclass(frozen=True)
class Sink:
    """An output column that is asked for: its name and the names of its flat arrays."""

    column: str
    fields: tuple[str, ...]
    scores: tuple[str, ...]


@dataclass(frozen=True)
class Program:
    """All that a worker needs to annotate rows. It crosses to the workers, so it holds data only."""

    sources: tuple[Source, ...]
    steps: tuple[Step, ...]
    sinks: tuple[Sink, ...]


def annotate_frames(program: Program, frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Annotate each frame, a slice of its rows at a time. As many rows come out as went in."""
    for frame in frames:
        for part in _slices(frame):
            columns = {
                source.column: _read(part, i, source) for i, source in enumerate(program.sources)
            }
            yield _write(program.sinks, run_plan(program.steps, columns), len(part))


def prefix(source_index: int) -> str:
    """What the flat columns of one input are prefixed with."""
    return f"{source_index}."


def flat_name(sink_index: int, name: str) -> str:
    """The name of one flat array of one output among the columns that a UDF returns."""
    return f"{sink_index}_{name}"


def _slices(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    texts = frame["0.text"] if "0.text" in frame else frame["0.result"]
    sizes = [_characters(value) for value in texts]
    slice_of = np.cumsum(sizes) // CHARACTERS_AT_ONCE
    starts = [0, *(np.flatnonzero(np.diff(slice_of)) + 1).tolist(), len(frame)]
    for first, last in zip(starts[:-1], starts[1:], strict=True):
        yield frame.iloc[first:last]


def _characters(value: Any) -> int:
    if value is None or isinstance(value, str):
        return len(value or "")
    return sum(len(part) for part in value if part is not None)


def _read(frame: pd.DataFrame, index: int, source: Source) -> Annotations | Texts:
    start = prefix(index)
    if source.fields is None:
        return [
            value if value is None or isinstance(value, str) else list(value)
            for value in frame[f"{start}text"]
        ]
    rows = [() if row is None else row for row in frame[f"{start}result"]]
    offsets = row_offsets([len(row) for row in rows])
    return Annotations(
        offsets=offsets,
        begin=_numbers(frame[f"{start}begin"], np.int32),
        end=_numbers(frame[f"{start}end"], np.int32) + np.int32(1),
        result=list(chain.from_iterable(rows)),
        fields={
            name: _numbers(
                frame[f"{start}{name}"], np.float32 if name == "confidence" else np.int32
            )
            for name in source.fields
        },
    )


def _numbers(column: pd.Series[Any], dtype: type[Any]) -> Any:
    arrays = [row for row in column if row is not None]
    return np.concatenate(arrays).astype(dtype) if arrays else np.empty(0, dtype)


def _write(sinks: Sequence[Sink], outcome: Outcome, rows: int) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for i, sink in enumerate(sinks):
        made = outcome.columns[sink.column]
        bounds = list(made.row_bounds())
        for name, values in _flat_arrays(made, sink).items():
            column = np.empty(rows, object)
            column[:] = [values[lo:hi] for lo, hi in bounds]
            columns[flat_name(i, name)] = column
    return pd.DataFrame({**columns, ERROR: outcome.errors})


def _flat_arrays(made: Annotations, sink: Sink) -> dict[str, FieldValues]:
    arrays: dict[str, FieldValues] = {"begin": made.begin, "end": made.end, "result": made.result}
    for name in sink.fields:
        arrays[name] = made.fields[name] if len(made) else made.begin
    for k, name in enumerate(sink.scores):
        arrays[name] = made.scores[:, k] if made.scores is not None else made.begin
    return arrays
