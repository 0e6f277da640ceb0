"""Annotations as Arrow: the public column, built from flat buffers, with no object an annotation.

See annotators/schema.py for the column's type on Spark's side. Arrays are made without `pa.array`
and `pa.scalar`, which import pandas first, to see whether they were given a Series: that takes a
worker longer than a few notes do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from annotators._runtime.program import AnnotationLayout, metadata_columns
from annotators.core.annotations import Annotations, Ints, row_offsets


def annotation_column(made: Annotations, layout: AnnotationLayout, *, nullable: bool) -> pa.Array:
    """A list of structs a row; `end` turns inclusive.

    nullable: whether the type says that numbers may be null; it is a part of the type, though
    there never is a null.
    """
    once = text_array([layout.annotator_type])
    parts = {
        "annotatorType": once.take(number_array(np.zeros(len(made), np.int32))),
        "begin": number_array(made.begin),
        "end": number_array(made.end - np.int32(1)),
        "result": text_array(made.result),
        "metadata": _metadata(made, layout),
        "embeddings": _no_embeddings(len(made), nullable=nullable),
    }
    fields = [
        pa.field(name, part.type, nullable=nullable or name not in ("begin", "end"))
        for name, part in parts.items()
    ]
    structs = pa.StructArray.from_arrays(list(parts.values()), fields=fields)
    return _lists(made.offsets, structs, nullable=True)


def number_array(values: NDArray[Any]) -> pa.Array:
    """Numbers as they are, none of them null."""
    held = np.ascontiguousarray(values)
    kind = pa.from_numpy_dtype(held.dtype)
    return pa.Array.from_buffers(kind, len(held), [None, pa.py_buffer(held)])


def text_array(values: Sequence[str | None]) -> pa.Array:
    """Strings; None is null."""
    encoded = [b"" if value is None else value.encode() for value in values]
    offsets = row_offsets([len(text) for text in encoded]).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    known = [value is not None for value in values]
    if not all(known):
        buffers[0] = pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)


def with_usual_types(column: pa.Array) -> pa.Array:
    """The column with offsets of 32 bits, which Spark makes 64 where useLargeVarTypes is set."""
    usual = _usual(column.type)
    return column if usual == column.type else column.cast(usual)


def _usual(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_large_string(kind):
        return pa.string()
    if pa.types.is_map(kind):
        return pa.map_(_usual(kind.key_type), kind.item_field.with_type(_usual(kind.item_type)))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(kind.value_field.with_type(_usual(kind.value_type)))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_usual(field.type)) for field in kind])
    return kind


def _no_embeddings(count: int, *, nullable: bool) -> pa.Array:
    nothing = number_array(np.zeros(0, np.float32))
    return _lists(np.zeros(count + 1, np.int32), nothing, nullable=nullable)


def _lists(offsets: NDArray[np.integer[Any]], elements: pa.Array, *, nullable: bool) -> pa.Array:
    of_elements = pa.list_(pa.field("element", elements.type, nullable=nullable))
    starts = number_array(offsets.astype(np.int32))
    return pa.ListArray.from_arrays(starts, elements, type=of_elements)


def _metadata(made: Annotations, layout: AnnotationLayout) -> pa.Array:
    """One map an annotation, its keys in the layout's order; optional ones left out where NaN."""
    columns = metadata_columns(made, layout)
    count, width = len(made), len(columns)
    if not count or not width:
        nothing = text_array([])
        return pa.MapArray.from_arrays(
            number_array(np.zeros(count + 1, np.int32)), nothing, nothing
        )
    # The columns lie one after the other; entry k of annotation i is value i of column k.
    places = np.arange(count * width, dtype=np.int32).reshape(width, count).T
    kept = np.ones((count, width), bool)
    for k, (name, values) in enumerate(columns.items()):
        if name in layout.optional:
            kept[:, k] = [value != "NaN" for value in values]
    chosen = places[kept]
    offsets = row_offsets(kept.sum(axis=1)).astype(np.int32)
    keys = text_array(list(columns)).take(number_array(chosen // np.int32(count)))
    found = pa.concat_arrays([_texts(values) for values in columns.values()])
    return pa.MapArray.from_arrays(number_array(offsets), keys, found.take(number_array(chosen)))


def _texts(values: list[str] | Ints) -> pa.Array:
    """The values as the public column writes them."""
    if isinstance(values, list):
        return text_array(values)
    return number_array(values).cast(pa.string())
