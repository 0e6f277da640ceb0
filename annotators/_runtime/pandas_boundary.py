"""The boundary to Spark by pandas UDFs: frames of flat arrays in, frames of Arrow columns out.

An annotation column arrives as several columns `N.begin`, `N.end`, `N.result`, …, where N is the
number of the input; a text column arrives as `N.text`, in bytes. See
annotators/_spark/flat_columns.py for the other side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from annotators._runtime.arrow_columns import annotation_column
from annotators._runtime.program import (
    ERROR,
    InputColumn,
    OutputColumn,
    Program,
    annotate_rows,
    public_name,
    slices,
)
from annotators.core.annotations import Annotations, FieldValues, row_offsets
from annotators.core.plan import Outcome, Texts


def annotate_frames(program: Program, frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Annotate each frame, a slice of its rows at a time. As many rows come out as went in."""
    for frame in frames:
        texts = frame["0.text"] if "0.text" in frame else frame["0.result"]
        read = partial(_inputs, program, frame)
        for first, last in slices([_characters(value) for value in texts]):
            yield _write(program.outputs, annotate_rows(program, first, last, read))


def _inputs(
    program: Program, frame: pd.DataFrame, first: int, last: int
) -> dict[str, Annotations | Texts]:
    part = frame.iloc[first:last]
    return {read.column: _read(part, i, read) for i, read in enumerate(program.inputs)}


def prefix(source_index: int) -> str:
    """What the flat columns of one input are prefixed with."""
    return f"{source_index}."


def _characters(value: Any) -> int:
    if value is None or isinstance(value, str | bytes):
        return len(value or "")
    return sum(len(part) for part in value if part is not None)


def _read(frame: pd.DataFrame, index: int, input_column: InputColumn) -> Annotations | Texts:
    start = prefix(index)
    if input_column.fields is None:
        return [_text(value) for value in frame[f"{start}text"]]
    rows = [() if row is None else row for row in frame[f"{start}result"]]
    return Annotations(
        offsets=row_offsets([len(row) for row in rows]),
        begin=_numbers(frame[f"{start}begin"], np.int32),
        end=_numbers(frame[f"{start}end"], np.int32) + np.int32(1),
        result=list(chain.from_iterable(rows)),
        fields={name: _field(frame[f"{start}{name}"], name) for name in input_column.fields},
    )


def _text(value: Any) -> str | list[str | None] | None:
    """A text, or those of an array, from their bytes."""
    if value is None or isinstance(value, bytes | bytearray):
        return None if value is None else value.decode()
    return [None if part is None else bytes(part).decode() for part in value]


def _field(column: pd.Series[Any], name: str) -> FieldValues:
    if name == "entity":
        return list(chain.from_iterable(row for row in column if row is not None))
    numbers: FieldValues = _numbers(column, np.float32 if name == "confidence" else np.int32)
    return numbers


def _numbers(column: pd.Series[Any], dtype: type[Any]) -> Any:
    arrays = [row for row in column if row is not None]
    return np.concatenate(arrays).astype(dtype) if arrays else np.empty(0, dtype)


def _write(outputs: Sequence[OutputColumn], outcome: Outcome) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for i, made in enumerate(outputs):
        written = annotation_column(outcome.columns[made.column], made.layout, nullable=False)
        columns[public_name(i)] = ArrowColumn(written)
    frame: pd.DataFrame = pd.DataFrame({**columns, ERROR: outcome.errors})
    return frame


class ArrowColumn(pd.arrays.ArrowExtensionArray):
    """A pandas column that is Arrow already, of the very type that Spark wants.

    Spark's worker maps a converter over the rows of an array column, which makes a Python object of
    each annotation and of each part of it: several times the cost of finding tokens. Here is
    nothing to convert, so mapping leaves the column as it is.
    """

    def map(self, mapper: Any, na_action: Any = None) -> ArrowColumn:
        return self
