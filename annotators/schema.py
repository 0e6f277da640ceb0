"""The public annotation column: its type, its metadata, and the flat arrays that cross to Python.

Publicly an annotation column is Spark NLP's array<struct<annotatorType, begin, end, result, metadata,
embeddings>> with {"annotatorType": ...} in the column's metadata; `end` is inclusive. Between the JVM
and Python only flat arrays travel (a third of the cost of structs with maps): this module takes the
struct apart and builds it again with Spark SQL, and nothing else in the project knows its form.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    DataType,
    FloatType,
    IntegerType,
    MapType,
    StringType,
    StructField,
    StructType,
)

ANNOTATION = StructType(
    [
        StructField("annotatorType", StringType()),
        StructField("begin", IntegerType(), nullable=False),
        StructField("end", IntegerType(), nullable=False),
        StructField("result", StringType()),
        StructField("metadata", MapType(StringType(), StringType())),
        StructField("embeddings", ArrayType(FloatType(), containsNull=False)),
    ]
)
ANNOTATIONS = ArrayType(ANNOTATION)

DOCUMENT, TOKEN, NAMED_ENTITY, CHUNK, CATEGORY = (
    "document",
    "token",
    "named_entity",
    "chunk",
    "category",
)

_NUMBERS: dict[str, DataType] = {
    "sentence": IntegerType(),
    "chunk": IntegerType(),
    "confidence": FloatType(),
}


@dataclass(frozen=True)
class Layout:
    """What the annotations of one output column look like.

    fields: the metadata keys that the kernel fills, in order; a key in `optional` is left out of an
    annotation's metadata where its value is NaN. labels: one more key each, with its score.
    """

    annotator_type: str
    fields: tuple[str, ...]
    labels: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    def flat_type(self) -> StructType:
        """The struct of flat arrays that a UDF returns for this column."""
        spans = [("begin", IntegerType()), ("end", IntegerType()), ("result", StringType())]
        named = [(name, _NUMBERS.get(name, StringType())) for name in self.fields]
        scores = [(score_field(i), FloatType()) for i in range(len(self.labels))]
        return StructType([StructField(n, ArrayType(t)) for n, t in [*spans, *named, *scores]])

    def public_column(self, flat: Column) -> Column:
        """The public annotation column made from the flat arrays. Turns `end` inclusive."""

        def annotation(begin: Column, i: Column) -> Column:
            return F.struct(
                F.lit(self.annotator_type).alias("annotatorType"),
                begin.alias("begin"),
                (flat["end"][i] - 1).alias("end"),
                flat["result"][i].alias("result"),
                self._metadata(flat, i).alias("metadata"),
                F.array().cast(ArrayType(FloatType())).alias("embeddings"),
            )

        return F.transform(flat["begin"], annotation)

    def _metadata(self, flat: Column, i: Column) -> Column:
        entries = [(name, self._value(name, flat[name][i])) for name in self.fields]
        entries += [(name, flat[score_field(k)][i]) for k, name in enumerate(self.labels)]
        pairs = [part for name, value in entries for part in (F.lit(name), value.cast("string"))]
        metadata = F.create_map(*pairs)
        if not self.optional:
            return metadata
        return F.map_filter(metadata, lambda name, value: value.isNotNull())

    def _value(self, name: str, value: Column) -> Column:
        return F.when(~F.isnan(value), value) if name in self.optional else value


def score_field(label_index: int) -> str:
    """Name of the flat array that holds the scores of one label."""
    return f"score_{label_index}"


def column_metadata(annotator_type: str) -> dict[str, str]:
    """The column metadata that Spark NLP's stages look for."""
    return {"annotatorType": annotator_type}


def annotator_type_of(field: StructField) -> str | None:
    """The annotator type that a column's metadata names, or None."""
    found = (field.metadata or {}).get("annotatorType")
    return str(found) if found is not None else None


def quoted(column: str) -> str:
    """A column's name as Spark SQL takes it literally, dots and backticks included."""
    return "`" + column.replace("`", "``") + "`"


def flat_columns(column: str, fields: Iterable[str], prefix: str) -> list[Column]:
    """The flat arrays of an annotation column: spans, results and the metadata `fields` asked for.

    `sentence` is an int (-1 where it is missing or no number), `confidence` the highest number among
    the scores in the metadata (NaN where there is none). A null column gives null arrays.
    """
    name = quoted(column)
    parts = {
        "begin": F.expr(f"{name}.begin"),
        "end": F.expr(f"{name}.end"),
        "result": F.expr(f"{name}.result"),
    }
    parts.update({wanted: F.expr(_METADATA_READERS[wanted].format(name)) for wanted in fields})
    return [part.alias(f"{prefix}{wanted}") for wanted, part in parts.items()]


_METADATA_READERS = {
    "sentence": "transform({}, a -> coalesce(try_cast(a.metadata['sentence'] as int), -1))",
    "confidence": (
        "transform({}, a -> coalesce(array_max(transform(map_values("
        "map_filter(a.metadata, (k, v) -> k not in ('sentence', 'word'))),"
        " v -> try_cast(v as float))), float('nan')))"
    ),
}
