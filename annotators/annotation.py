"""Annotation: one annotation as a Python value, as LightPipeline gives it and rows hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pyspark.sql import Row
from pyspark.sql.types import ArrayType, StructField, StructType

from annotators.schema import ANNOTATION


@dataclass(repr=False)
class Annotation:
    """What was found where. Same fields, in the same order, as Spark NLP's Annotation.

    begin, end: the first and the last character, counted in the text; end is inclusive.
    """

    annotatorType: str
    begin: int
    end: int
    result: str
    metadata: dict[str, str] = field(default_factory=dict)
    embeddings: list[float] = field(default_factory=list)

    def __repr__(self) -> str:
        """The text that Spark NLP's has."""
        shown = (self.annotatorType, self.begin, self.end, self.result, self.metadata)
        return f"Annotation({', '.join(map(str, [*shown, self.embeddings]))})"

    def copy(self, result: str) -> Annotation:
        """The same annotation with another result."""
        return replace(self, result=result)

    @staticmethod
    def dataType() -> StructType:
        """The type of one annotation in a column, with no field null."""
        return StructType([StructField(f.name, f.dataType, nullable=False) for f in ANNOTATION])

    @staticmethod
    def arrayType() -> ArrayType:
        """The type of an annotation column."""
        return ArrayType(Annotation.dataType())

    @staticmethod
    def toRow(annotation: Annotation) -> Row:
        """The annotation as a row of six values, without names as Spark NLP's."""
        return Row(*(getattr(annotation, f.name) for f in ANNOTATION))

    @staticmethod
    def fromRow(row: Sequence[Any]) -> Annotation:
        """The annotation in one struct of an annotation column."""
        annotator_type, begin, end, result, metadata, embeddings = row
        return Annotation(
            annotator_type, begin, end, result, dict(metadata or {}), list(embeddings or ())
        )
