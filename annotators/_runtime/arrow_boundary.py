"""The boundary to Spark by Arrow UDFs: annotation columns in and out as they are.

Nothing is computed in the query itself, so that Spark's optimizer has nothing to copy: from 4.1 on
it merges projections below UDFs, and an annotation column that were built or taken apart by
expressions would be computed again for each that reads it, stage after stage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from annotators._runtime.arrow_columns import annotation_column, text_array, with_usual_types
from annotators._runtime.program import (
    ERROR,
    InputColumn,
    OutputColumn,
    Program,
    annotate_rows,
    public_name,
    slices,
)
from annotators.core.annotations import UNREADABLE, Annotations, FieldValues, row_offsets
from annotators.core.java.number_format import number_read
from annotators.core.plan import Outcome, Texts

NO_NUMBER = -1


def annotate_arrays(program: Program, batches: Iterator[pa.Array]) -> Iterator[pa.Array]:
    """Annotate each batch (a struct of the input columns), a slice of its rows at a time."""
    for batch in batches:
        columns = batch.flatten()
        read = partial(_inputs, program, columns)
        for first, last in slices(_characters(columns[0])):
            yield _write(program.outputs, annotate_rows(program, first, last, read))


def _inputs(
    program: Program, columns: Sequence[pa.Array], first: int, last: int
) -> dict[str, Annotations | Texts]:
    return {
        read.column: _read(with_usual_types(column.slice(first, last - first)), read)
        for read, column in zip(program.inputs, columns, strict=True)
    }


def _characters(column: pa.Array) -> list[int]:
    """The bytes of each row's texts, which are near enough to their characters."""
    if not pa.types.is_list(column.type):
        lengths: list[int] = _known(pc.binary_length(column)).tolist()
        return lengths
    parts = column.flatten()
    texts = parts.field("result") if pa.types.is_struct(parts.type) else parts
    sizes = _known(pc.binary_length(texts))
    totals = np.concatenate([[0], np.cumsum(sizes)])[_offsets(column)]
    characters: list[int] = np.diff(totals).tolist()
    return characters


def _read(column: pa.Array, input_column: InputColumn) -> Annotations | Texts:
    if input_column.fields is None:
        texts: Texts = column.to_pylist()
        return texts
    flat = column.flatten()
    parts = dict(zip([field.name for field in flat.type], flat.flatten(), strict=True))
    return Annotations(
        offsets=_offsets(column),
        begin=_int32(parts["begin"]),
        end=_int32(parts["end"]) + np.int32(1),
        result=parts["result"].to_pylist(),
        fields={name: _READERS[name](parts) for name in input_column.fields},
    )


def _offsets(column: pa.Array) -> NDArray[np.int64]:
    """Row offsets into column.flatten(); a null row has no annotations."""
    return row_offsets(_known(pc.list_value_length(column)))


def _known(numbers: pa.Array) -> NDArray[np.int64]:
    """The numbers, 0 for null."""
    known: NDArray[np.int64] = np.nan_to_num(numbers.to_numpy(zero_copy_only=False)).astype(
        np.int64
    )
    return known


def _int32(values: pa.Array) -> NDArray[np.int32]:
    numbers: NDArray[np.int32] = values.to_numpy(zero_copy_only=False).astype(np.int32)
    return numbers


def _entities(parts: Mapping[str, pa.Array]) -> list[str]:
    """The `entity` of each annotation's metadata; empty where it is missing."""
    found = pc.map_lookup(parts["metadata"], "entity", "first")
    texts: list[str] = pc.fill_null(found, "").to_pylist()
    return texts


def _whole_numbers(key: str, parts: Mapping[str, pa.Array]) -> NDArray[np.int32]:
    """The number under `key` in each annotation's metadata; -1 where it is missing or none."""
    found = pc.map_lookup(parts["metadata"], key, "first")
    digits = pc.fill_null(pc.match_substring_regex(found, "^[0-9]{1,9}$"), False)
    return _int32(pc.if_else(digits, found, str(NO_NUMBER)).cast(pa.int32()))


def _confidences(parts: Mapping[str, pa.Array]) -> NDArray[np.float32]:
    """The number under `confidence`, else under the result (a label's score).

    NaN where there is none, UNREADABLE where it is none.
    """
    metadata, results = parts["metadata"].cast(_PAIRS), parts["result"]
    owner = np.repeat(np.arange(len(metadata)), np.diff(_offsets(metadata)))
    pairs = metadata.flatten()
    keys, values = pairs.field(0), pairs.field(1)
    scored = pc.equal(keys, results.take(pa.array(owner)))
    confidences = np.full(len(metadata), np.nan, np.float32)
    for wanted in (scored, pc.equal(keys, "confidence")):
        mask = pc.fill_null(pc.and_(wanted, values.is_valid()), False)
        confidences[owner[mask.to_numpy(zero_copy_only=False)]] = _numbers(values.filter(mask))
    return confidences


def _numbers(texts: pa.Array) -> NDArray[np.float32]:
    """The number in each text; UNREADABLE where there is none."""
    usual = pc.match_substring_regex(texts, _NUMBER)
    numbers: NDArray[np.float32] = np.empty(len(texts), np.float32)
    is_usual = usual.to_numpy(zero_copy_only=False).astype(bool)
    numbers[is_usual] = texts.filter(usual).cast(pa.float32()).to_numpy(zero_copy_only=False)
    if not is_usual.all():
        found = map(number_read, texts.filter(pc.invert(usual)).to_pylist())
        with np.errstate(over="ignore"):
            numbers[~is_usual] = [UNREADABLE if number is None else number for number in found]
    return numbers


_NUMBER = r"^[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?$"
_PAIRS = pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())]))
_READERS: dict[str, Callable[[Mapping[str, pa.Array]], FieldValues]] = {
    "sentence": partial(_whole_numbers, "sentence"),
    "chunk": partial(_whole_numbers, "chunk"),
    "entity": _entities,
    "confidence": _confidences,
}


def _write(outputs: Sequence[OutputColumn], outcome: Outcome) -> pa.Array:
    arrays = [
        annotation_column(outcome.columns[made.column], made.layout, nullable=True)
        for made in outputs
    ]
    names = [*(public_name(i) for i in range(len(outputs))), ERROR]
    return pa.StructArray.from_arrays([*arrays, text_array(outcome.errors)], names)
