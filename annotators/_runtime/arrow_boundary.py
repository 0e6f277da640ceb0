"""The boundary to Spark by Arrow UDFs: annotation columns in as they are, flat arrays out.

An input column is named once in the query, so that Spark's optimizer has nothing to copy: from 4.1
on it merges projections below UDFs, and flat arrays taken out of one column by several expressions
would make it compute that column again for each of them, stage upon stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from annotators._runtime.program import ERROR, Program, Sink, Source, flat_name, slices
from annotators.core.annotations import Annotations, FieldValues, row_offsets
from annotators.core.plan import Outcome, Texts, run_plan

NO_NUMBER = -1
_NOT_SCORES = pa.array(["sentence", "word"])


def annotate_arrays(program: Program, batches: Iterator[pa.Array]) -> Iterator[pa.Array]:
    """Annotate each batch (a struct of the input columns), a slice of its rows at a time."""
    for batch in batches:
        columns = batch.flatten()
        for first, last in slices(_characters(columns[0])):
            inputs = {
                source.column: _read(column.slice(first, last - first), source)
                for source, column in zip(program.sources, columns, strict=True)
            }
            yield _write(program.sinks, run_plan(program.steps, inputs))


def _characters(column: pa.Array) -> list[int]:
    """Characters (or, near enough, bytes) of each row's texts."""
    if not pa.types.is_list(column.type):
        return pc.fill_null(pc.utf8_length(column), 0).to_pylist()
    parts = column.flatten()
    texts = parts.field("result") if pa.types.is_struct(parts.type) else parts
    sizes = pc.fill_null(pc.utf8_length(texts), 0).to_numpy(zero_copy_only=False)
    totals = np.concatenate([[0], np.cumsum(sizes)])[_offsets(column)]
    return np.diff(totals).tolist()


def _read(column: pa.Array, source: Source) -> Annotations | Texts:
    if source.fields is None:
        texts: Texts = column.to_pylist()
        return texts
    flat = column.flatten()
    parts = dict(zip([field.name for field in flat.type], flat.flatten(), strict=True))
    readers = {"sentence": _sentence_numbers, "confidence": _confidences}
    return Annotations(
        offsets=_offsets(column),
        begin=_int32(parts["begin"]),
        end=_int32(parts["end"]) + np.int32(1),
        result=parts["result"].to_pylist(),
        fields={name: readers[name](parts["metadata"]) for name in source.fields},
    )


def _offsets(column: pa.Array) -> NDArray[np.int64]:
    """Row offsets into column.flatten(); a null row has no annotations."""
    counts = pc.fill_null(pc.list_value_length(column), 0)
    return row_offsets(counts.to_numpy(zero_copy_only=False))


def _int32(values: pa.Array) -> NDArray[np.int32]:
    return values.to_numpy(zero_copy_only=False).astype(np.int32)


def _sentence_numbers(metadata: pa.Array) -> NDArray[np.int32]:
    """The `sentence` of each annotation's metadata; -1 where it is missing or no number."""
    found = pc.map_lookup(metadata, "sentence", "first")
    digits = pc.fill_null(pc.match_substring_regex(found, "^[0-9]{1,9}$"), False)
    return _int32(pc.if_else(digits, found, str(NO_NUMBER)).cast(pa.int32()))


def _confidences(metadata: pa.Array) -> NDArray[np.float32]:
    """The highest number among the scores in each annotation's metadata; NaN where there is none."""
    counts = pc.fill_null(pc.list_value_length(metadata.cast(_PAIRS)), 0)
    owner = np.repeat(np.arange(len(metadata)), counts.to_numpy(zero_copy_only=False))
    pairs = metadata.cast(_PAIRS).flatten()
    keys, values = pairs.field(0), pairs.field(1)
    numeric = pc.match_substring_regex(values, r"^[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?$")
    scores = pc.and_(pc.fill_null(numeric, False), pc.invert(pc.is_in(keys, _NOT_SCORES)))
    kept = owner[scores.to_numpy(zero_copy_only=False)]
    highest = np.full(len(metadata), -np.inf, np.float32)
    np.maximum.at(highest, kept, values.filter(scores).cast(pa.float32()).to_numpy())
    highest[np.isinf(highest)] = np.nan
    return highest


_PAIRS = pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())]))


def _write(sinks: Sequence[Sink], outcome: Outcome) -> pa.Array:
    arrays: dict[str, pa.Array] = {}
    for i, sink in enumerate(sinks):
        made = outcome.columns[sink.column]
        offsets = pa.array(made.offsets, pa.int32())
        for name, values in sink.flat_arrays(made).items():
            flat = _flat(values, name)
            arrays[flat_name(i, name)] = pa.ListArray.from_arrays(offsets, flat)
    arrays[ERROR] = pa.array(outcome.errors, pa.string())
    return pa.StructArray.from_arrays(list(arrays.values()), list(arrays))


def _flat(values: FieldValues, name: str) -> pa.Array:
    """One flat array; an array that stands in for the missing strings of no annotations is empty."""
    if isinstance(values, list):
        return pa.array(values, pa.string())
    contiguous: Any = np.ascontiguousarray(values)
    return pa.array(contiguous)
