"""One row a sentence: the `explodeSentences` param that both sentence detectors have."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from annotators._stage import KernelStage
from annotators.params import flag_param
from annotators.schema import column_metadata, quoted


class HasExplodeSentences(KernelStage):
    """`explodeSentences`: whether each sentence becomes a row of its own."""

    explodeSentences = flag_param("explodeSentences", "whether each sentence becomes a row")
    keepEmptyRows = flag_param(
        "keepEmptyRows",
        "whether rows without a sentence survive explodeSentences (Spark NLP drops them)",
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(explodeSentences=False, keepEmptyRows=False)

    def setExplodeSentences(self, value: bool) -> Any:
        """Set whether each sentence becomes a row of its own."""
        return self.setParams(explodeSentences=value)

    def setKeepEmptyRows(self, value: bool) -> Any:
        """Set whether rows without a sentence survive explodeSentences."""
        return self.setParams(keepEmptyRows=value)

    def explodes(self) -> bool:
        """Whether rows are multiplied, so that no later stage can share this one's UDF."""
        return bool(self.getOrDefault(self.explodeSentences))

    def _transform(self, dataset: DataFrame) -> DataFrame:
        annotated = super()._transform(dataset)
        if not self.explodes():
            return annotated
        column = self.getOutputCol()
        kept = self.getOrDefault(self.keepEmptyRows)
        one = (F.explode_outer if kept else F.explode)(F.col(quoted(column)))
        exploded = annotated.withColumn(column, one)
        single = F.array(F.col(quoted(column)))
        none = F.filter(single, lambda sentence: sentence.isNotNull())
        return exploded.withColumn(
            column, none.alias(column, metadata=column_metadata(self.outputAnnotatorType))
        )
