"""Helpers to map, filter and explode annotation columns: Spark NLP's, by their names and arguments.

    from annotators.functions import filter_by_annotations_col, map_annotations_col

What they take and give is as in Spark NLP, but that a null column stays null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, BooleanType, DataType

from annotators.annotation import Annotation

__all__ = [
    "explode_annotations_col",
    "filter_by_annotations_col",
    "map_annotations",
    "map_annotations_array",
    "map_annotations_col",
    "map_annotations_cols",
    "map_annotations_strict",
]

Mapped = Callable[[list[Annotation]], Iterable[Any]]
"""A function from annotations to annotations, or to other values of the output's type."""
ANNOTATIONS = Annotation.arrayType()


def map_annotations(f: Mapped, output_type: DataType) -> Callable[..., Column]:
    """A UDF that maps a column of annotations. output_type: as `Annotation.arrayType()`."""

    def run(content: Sequence[Any] | None) -> list[Any] | None:
        return None if content is None else _rows(f(_annotations(content)))

    return F.udf(run, output_type, useArrow=False)


def map_annotations_array(f: Mapped, output_type: DataType) -> Callable[..., Column]:
    """A UDF that maps an array of annotation columns, their annotations one after the other."""

    def run(columns: Sequence[Sequence[Any] | None] | None) -> list[Any] | None:
        if columns is None:
            return None
        return _rows(f([a for content in columns for a in _annotations(content or ())]))

    return F.udf(run, output_type, useArrow=False)


def map_annotations_strict(f: Mapped) -> Callable[..., Column]:
    """A UDF that maps a column of annotations to annotations."""
    return map_annotations(f, ArrayType(Annotation.dataType()))


def map_annotations_col(
    dataframe: DataFrame,
    f: Mapped,
    column: str,
    output_column: str,
    annotatyon_type: str,
    output_type: DataType = ANNOTATIONS,
) -> DataFrame:
    """The frame with a mapped column, whose metadata name the annotator type given."""
    mapped = map_annotations(f, output_type)(column)
    return _with_type(dataframe, output_column, mapped, annotatyon_type)


def map_annotations_cols(
    dataframe: DataFrame,
    f: Mapped,
    columns: list[str],
    output_column: str,
    annotatyon_type: str,
    output_type: DataType = ANNOTATIONS,
) -> DataFrame:
    """The frame with a column mapped from several, whose metadata name the annotator type given."""
    mapped = map_annotations_array(f, output_type)(F.array(*columns))
    return _with_type(dataframe, output_column, mapped, annotatyon_type)


def filter_by_annotations_col(
    dataframe: DataFrame, f: Callable[[Any], bool], column: str
) -> DataFrame:
    """The rows for which `f` is true of the column's value: a row, or a list of rows."""

    def run(content: Any) -> bool:
        return bool(f(content))

    return dataframe.filter(F.udf(run, BooleanType(), useArrow=False)(column))


def explode_annotations_col(dataframe: DataFrame, column: str, output_column: str) -> DataFrame:
    """A row for each annotation of a column."""
    return dataframe.withColumn(output_column, F.explode(column))


def _annotations(rows: Iterable[Any]) -> list[Annotation]:
    return [Annotation.fromRow(row) for row in rows]


def _rows(mapped: Iterable[Any]) -> list[Any]:
    return [Annotation.toRow(one) if isinstance(one, Annotation) else one for one in mapped]


def _with_type(frame: DataFrame, name: str, column: Column, kind: str) -> DataFrame:
    return frame.withColumn(name, column.alias(name, metadata={"annotatorType": kind}))
