"""Annotation: one annotation as a Python value, as LightPipeline gives it and rows hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
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

    @staticmethod
    def fromRow(row: Sequence[Any]) -> Annotation:
        """The annotation in one struct of an annotation column."""
        annotator_type, begin, end, result, metadata, embeddings = row
        return Annotation(
            annotator_type, begin, end, result, dict(metadata or {}), list(embeddings or ())
        )
