"""The boundary to Spark by pandas UDFs: frames of flat arrays in, frames of flat arrays out.

An annotation column arrives as several columns `N.begin`, `N.end`, `N.result`, …, where N is the
number of the input; a text column arrives as `N.text`. See annotators/schema.py for the other side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from annotators._runtime.program import ERROR, Layout, Program, Sink, Source, slices
from annotators.core.annotations import Annotations, FieldValues, row_offsets
from annotators.core.plan import Outcome, Texts, run_plan


def annotate_frames(program: Program, frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Annotate each frame, a slice of its rows at a time. As many rows come out as went in."""
    for frame in frames:
        texts = frame["0.text"] if "0.text" in frame else frame["0.result"]
        for first, last in slices([_characters(value) for value in texts]):
            part = frame.iloc[first:last]
            columns = {
                source.column: _read(part, i, source) for i, source in enumerate(program.sources)
            }
            yield _write(program.sinks, run_plan(program.steps, columns), len(part))


def prefix(source_index: int) -> str:
    """What the flat columns of one input are prefixed with."""
    return f"{source_index}."


def flat_name(sink_index: int, name: str) -> str:
    """The name of one flat array of one output among the columns that a pandas UDF returns."""
    return f"{sink_index}_{name}"


def score_field(label_index: int) -> str:
    """Name of the flat array that holds the scores of one label."""
    return f"score_{label_index}"


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
    return Annotations(
        offsets=row_offsets([len(row) for row in rows]),
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
        for name, values in _flat_arrays(made, sink.layout).items():
            column = np.empty(rows, object)
            column[:] = [values[lo:hi] for lo, hi in bounds]
            columns[flat_name(i, name)] = column
    frame: pd.DataFrame = pd.DataFrame({**columns, ERROR: outcome.errors})
    return frame


def _flat_arrays(made: Annotations, layout: Layout) -> dict[str, FieldValues]:
    """The flat arrays of the annotations, by name; all empty where there are none."""
    arrays: dict[str, FieldValues] = {"begin": made.begin, "end": made.end, "result": made.result}
    for name in layout.fields:
        arrays[name] = made.fields[name] if len(made) else made.begin
    for k in range(len(layout.labels)):
        arrays[score_field(k)] = made.scores[:, k] if made.scores is not None else made.begin
    return arrays
