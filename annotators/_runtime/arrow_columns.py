"""Annotations as Arrow: the public column, built from flat buffers, with no object an annotation.

See annotators/schema.py for the column's type on Spark's side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from annotators._runtime.program import AnnotationLayout, metadata_columns
from annotators.core.annotations import Annotations, Ints, row_offsets


def annotation_column(made: Annotations, layout: AnnotationLayout, *, nullable: bool) -> pa.Array:
    """A list of structs a row; `end` turns inclusive.

    nullable: whether the type says that numbers may be null; it is a part of the type, though
    there never is a null.
    """
    parts = {
        "annotatorType": pa.repeat(layout.annotator_type, len(made)),
        "begin": pa.array(made.begin),
        "end": pa.array(made.end - np.int32(1)),
        "result": pa.array(made.result, pa.string()),
        "metadata": _metadata(made, layout),
        "embeddings": _no_embeddings(len(made), nullable=nullable),
    }
    fields = [
        pa.field(name, part.type, nullable=nullable or name not in ("begin", "end"))
        for name, part in parts.items()
    ]
    structs = pa.StructArray.from_arrays(list(parts.values()), fields=fields)
    return _lists(made.offsets, structs, nullable=True)


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
    return _lists(np.zeros(count + 1, np.int32), pa.array([], pa.float32()), nullable=nullable)


def _lists(offsets: NDArray[np.integer[Any]], elements: pa.Array, *, nullable: bool) -> pa.Array:
    of_elements = pa.list_(pa.field("element", elements.type, nullable=nullable))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), elements, type=of_elements)


def _metadata(made: Annotations, layout: AnnotationLayout) -> pa.Array:
    """One map an annotation, its keys in the layout's order; optional ones left out where NaN."""
    columns = {k: _texts(values) for k, values in metadata_columns(made, layout).items()}
    count, width = len(made), len(columns)
    if not count or not width:
        nothing = pa.array([], pa.string())
        return pa.MapArray.from_arrays(pa.array(np.zeros(count + 1, np.int32)), nothing, nothing)
    # The columns lie one after the other; entry k of annotation i is value i of column k.
    places = np.arange(count * width, dtype=np.int32).reshape(width, count).T.ravel()
    names = pa.array(list(columns)).take(pa.array(places // np.int32(count)))
    values = pa.concat_arrays(list(columns.values())).take(pa.array(places))
    kept = np.ones(count * width, bool)
    for name in layout.optional:
        missing = pc.and_(pc.equal(names, name), pc.equal(values, "NaN"))
        kept &= ~missing.to_numpy(zero_copy_only=False)
    offsets = row_offsets(kept.reshape(count, width).sum(axis=1))
    mask = pa.array(kept)
    return pa.MapArray.from_arrays(
        pa.array(offsets, pa.int32()), names.filter(mask), values.filter(mask)
    )


def _texts(values: list[str] | Ints) -> pa.Array:
    """The values as the public column writes them."""
    if isinstance(values, list):
        return pa.array(values, pa.string())
    return pa.array(values).cast(pa.string())
