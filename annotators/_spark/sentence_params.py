"""What both sentence detectors share: custom bounds, lengths, and one row per sentence."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from annotators._spark.frame_columns import frame_columns
from annotators._spark.stage import AnnotatorStage
from annotators.params import count_param, flag_param, setter, texts_param
from annotators.schema import column_metadata

UNBOUNDED = 99_999
"""Spark NLP's Python default of maxLength, which its JVM side takes as no limit; so do we."""


class HasSentenceParams(AnnotatorStage):
    """The params of Spark NLP's sentence detectors, with their setters and defaults."""

    customBounds = texts_param("customBounds", "regular expressions that end sentences")
    useCustomBoundsOnly = flag_param("useCustomBoundsOnly", "whether only customBounds end any")
    splitLength = count_param("splitLength", "characters after which a sentence is cut at a blank")
    minLength = count_param("minLength", "fewest characters; shorter sentences are dropped")
    maxLength = count_param("maxLength", "most characters; longer sentences are dropped")
    explodeSentences = flag_param("explodeSentences", "whether each sentence becomes a row")
    keepEmptyRows = flag_param(
        "keepEmptyRows",
        "whether rows without a sentence survive explodeSentences (Spark NLP drops them)",
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(
            customBounds=[],
            useCustomBoundsOnly=False,
            minLength=0,
            maxLength=UNBOUNDED,
            explodeSentences=False,
            keepEmptyRows=False,
        )

    setCustomBounds = setter(customBounds, "Set regular expressions (Java's) that end sentences.")
    setUseCustomBoundsOnly = setter(
        useCustomBoundsOnly, "Set whether only customBounds end sentences."
    )
    setSplitLength = setter(
        splitLength, "Set the characters after which a sentence is cut at a blank."
    )
    setMinLength = setter(minLength, "Set the fewest characters of a sentence.")
    setMaxLength = setter(maxLength, "Set the most characters of a sentence.")
    setExplodeSentences = setter(
        explodeSentences, "Set whether each sentence becomes a row of its own."
    )
    setKeepEmptyRows = setter(
        keepEmptyRows, "Set whether rows without a sentence survive explodeSentences."
    )

    def _limits(self) -> dict[str, Any]:
        """The shared params by the names that both kinds of rules give them."""
        longest = self.getOrDefault(self.maxLength)
        cut = self.getOrDefault(self.splitLength) if self.isDefined(self.splitLength) else None
        return {
            "custom_bounds": tuple(self.getOrDefault("customBounds")),
            "use_custom_bounds_only": self.getOrDefault(self.useCustomBoundsOnly),
            "min_length": self.getOrDefault(self.minLength),
            "max_length": None if longest == UNBOUNDED else longest,
            "split_length": cut,
        }

    def explodes(self) -> bool:
        """Whether rows are multiplied, so that no later stage can share this one's UDF."""
        return bool(self.getOrDefault(self.explodeSentences))

    def _transform(self, dataset: DataFrame) -> DataFrame:
        annotated = super()._transform(dataset)
        if not self.explodes():
            return annotated
        column = self.getOutputCol()
        kept = self.getOrDefault(self.keepEmptyRows)
        known = frame_columns(annotated)
        inner = known.inner[known.outer.index(column)]
        one = (F.explode_outer if kept else F.explode)(known.column(column))
        exploded = known.frame.withColumn(inner, one)
        none = F.filter(F.array(known.column(column)), lambda sentence: sentence.isNotNull())
        single = none.alias(column, metadata=column_metadata(self.outputAnnotatorType))
        return known.with_columns(exploded, {column: single})
