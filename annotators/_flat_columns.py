"""Annotation columns taken apart into flat arrays and built again, with Spark SQL, for pandas UDFs.

Structs with maps cost a pandas UDF a Python object each; arrays of numbers cost a third of that.
Only Spark before 4.1 needs this: from there on annotations cross as they are, by Arrow UDFs.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    DataType,
    FloatType,
    IntegerType,
    StringType,
    StructField,
    StructType,
)

from annotators._runtime.pandas_boundary import score_field
from annotators._runtime.program import Layout
from annotators.core.annotations import UNREADABLE
from annotators.schema import quoted

_NUMBERS: dict[str, DataType] = {
    "sentence": IntegerType(),
    "chunk": IntegerType(),
    "confidence": FloatType(),
}
_METADATA_READERS = {
    "sentence": "transform({}, a -> coalesce(try_cast(a.metadata['sentence'] as int), -1))",
    "confidence": (
        "transform({}, a -> coalesce(try_cast("
        "coalesce(a.metadata['confidence'], a.metadata[a.result], 'NaN') as float), "
        f"float('{UNREADABLE}')))"
    ),
}


def flat_type(layout: Layout) -> StructType:
    """The flat arrays that a UDF returns for one annotation column."""
    spans = [("begin", IntegerType()), ("end", IntegerType()), ("result", StringType())]
    named = [(name, _NUMBERS.get(name, StringType())) for name in layout.fields]
    scores = [(score_field(i), FloatType()) for i in range(len(layout.labels))]
    return StructType([StructField(n, ArrayType(t)) for n, t in [*spans, *named, *scores]])


def flat_columns(column: str, fields: Iterable[str], prefix: str) -> list[Column]:
    """The flat arrays of an annotation column: spans, results and the metadata `fields` asked for.

    `sentence` is an int (-1 where it is missing or no number), `confidence` the number under that
    key or under the result itself, as Spark NLP reads it (NaN where there is none, UNREADABLE where
    it is none). A null column gives null arrays.
    """
    name = quoted(column)
    parts = {part: F.expr(f"{name}.{part}") for part in ("begin", "end", "result")}
    parts.update({wanted: F.expr(_METADATA_READERS[wanted].format(name)) for wanted in fields})
    return [part.alias(f"{prefix}{wanted}") for wanted, part in parts.items()]


def public_column(flat: Column, layout: Layout) -> Column:
    """The public annotation column made from the flat arrays. Turns `end` inclusive.

    There are no nulls in it; the fallbacks tell Spark so (see schema.NON_NULL_ANNOTATIONS).
    """
    nought = F.lit(0)

    def annotation(begin: Column, i: Column) -> Column:
        return F.struct(
            F.lit(layout.annotator_type).alias("annotatorType"),
            F.coalesce(begin, nought).alias("begin"),
            F.coalesce(flat["end"][i] - 1, nought).alias("end"),
            flat["result"][i].alias("result"),
            _metadata(flat, layout, i).alias("metadata"),
            F.expr("array_repeat(float(0), 0)").alias("embeddings"),
        )

    return F.transform(flat["begin"], annotation)


def _metadata(flat: Column, layout: Layout, i: Column) -> Column:
    entries = [(name, _value(layout, name, flat[name][i])) for name in layout.fields]
    entries += [(name, flat[score_field(k)][i]) for k, name in enumerate(layout.labels)]
    pairs = [part for name, value in entries for part in (F.lit(name), value.cast("string"))]
    metadata = F.create_map(*pairs)
    if not layout.optional:
        return metadata
    return F.map_filter(metadata, lambda _name, value: value.isNotNull())


def _value(layout: Layout, name: str, value: Column) -> Column:
    return F.when(~F.isnan(value), value) if name in layout.optional else value
