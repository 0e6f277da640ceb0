"""The public annotation column: its type and its metadata.

It is Spark NLP's array<struct<annotatorType, begin, end, result, metadata, embeddings>> with
{"annotatorType": ...} in the column's metadata; `begin` and `end` count characters, `end` is
inclusive.
"""

from __future__ import annotations

from pyspark.sql.types import (
    ArrayType,
    FloatType,
    IntegerType,
    MapType,
    StringType,
    StructField,
    StructType,
)

from annotators._runtime.program import AnnotationLayout

__all__ = [
    "ANNOTATION",
    "ANNOTATIONS",
    "ASSERTION",
    "CATEGORY",
    "CHUNK",
    "DOCUMENT",
    "NAMED_ENTITY",
    "NON_NULL_ANNOTATIONS",
    "TOKEN",
    "AnnotationLayout",
    "annotator_type_of",
    "column_metadata",
    "holds_annotations",
    "quoted",
]

ANNOTATION = StructType(
    [
        StructField("annotatorType", StringType()),
        StructField("begin", IntegerType()),
        StructField("end", IntegerType()),
        StructField("result", StringType()),
        StructField("metadata", MapType(StringType(), StringType())),
        StructField("embeddings", ArrayType(FloatType())),
    ]
)
ANNOTATIONS = ArrayType(ANNOTATION)
# Spark NLP's exact type. Its Finisher takes for annotation columns those of this type only; Arrow
# UDFs know no fields without nulls, but they are of a Spark that Spark NLP does not run on.
NON_NULL_ANNOTATIONS = ArrayType(
    StructType(
        [
            StructField("annotatorType", StringType()),
            StructField("begin", IntegerType(), nullable=False),
            StructField("end", IntegerType(), nullable=False),
            StructField("result", StringType()),
            StructField("metadata", MapType(StringType(), StringType())),
            StructField("embeddings", ArrayType(FloatType(), containsNull=False)),
        ]
    )
)

DOCUMENT, TOKEN, NAMED_ENTITY, CHUNK, CATEGORY, ASSERTION = (
    "document",
    "token",
    "named_entity",
    "chunk",
    "category",
    "assertion",
)


def column_metadata(annotator_type: str) -> dict[str, str]:
    """The column metadata that Spark NLP's stages look for."""
    return {"annotatorType": annotator_type}


def holds_annotations(field: StructField) -> bool:
    """Whether a column is of the type of annotations, whatever its metadata says."""
    kind = field.dataType
    return (
        isinstance(kind, ArrayType)
        and isinstance(kind.elementType, StructType)
        and kind.elementType.names == ANNOTATION.names
    )


def annotator_type_of(field: StructField) -> str | None:
    """The annotator type that a column's metadata names, or None."""
    found = (field.metadata or {}).get("annotatorType")
    return str(found) if found is not None else None


def quoted(column: str) -> str:
    """A column's name as Spark SQL takes it literally, dots and backticks included."""
    return "`" + column.replace("`", "``") + "`"
