"""Finisher: annotation columns to plain strings or arrays of strings.

in:  any annotation columns
out: `finished_<column>` each: array<string> of the results, or one string of them

    Finisher().setInputCols(["ner_chunk"]).setOutputCols(["entities"])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pyspark import keyword_only
from pyspark.ml import Transformer
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, StringType, StructField, StructType

from annotators._spark.frame_columns import check_frame, frame_columns, input_column
from annotators._spark.saving import Saved
from annotators.core.errors import InputColumnError, ParamError, give_back
from annotators.core.finishing import (
    Finishable,
    FinishRules,
    finished_array,
    finished_columns,
    finished_metadata,
    finished_text,
    metadata_column,
)
from annotators.params import HasGetters, HasInputCols, flag_param, text_param, texts_param
from annotators.schema import annotator_type_of, holds_annotations

_PAIRS = ArrayType(StructType([StructField("_1", StringType()), StructField("_2", StringType())]))


class Finisher(Transformer, HasInputCols, HasGetters, Saved):
    """Gives the results of annotations in a form that needs no knowledge of annotations.

    With `cleanAnnotations` (the default) every annotation column is dropped, finished or not.
    """

    _input_kwargs: dict[str, Any]  # set by keyword_only

    outputCols = texts_param(
        "outputCols", "names of the output columns; finished_<column> if unset"
    )
    valueSplitSymbol = text_param("valueSplitSymbol", "what separates values within an annotation")
    annotationSplitSymbol = text_param("annotationSplitSymbol", "what separates annotations")
    cleanAnnotations = flag_param("cleanAnnotations", "whether annotation columns are dropped")
    includeMetadata = flag_param("includeMetadata", "whether metadata are given too")
    outputAsArray = flag_param("outputAsArray", "whether outputs are arrays rather than strings")
    parseEmbeddingsVectors = flag_param("parseEmbeddingsVectors", "whether vectors are given too")

    @keyword_only
    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCols: list[str] | None = None,
        valueSplitSymbol: str | None = None,
        annotationSplitSymbol: str | None = None,
        cleanAnnotations: bool | None = None,
        includeMetadata: bool | None = None,
        outputAsArray: bool | None = None,
        parseEmbeddingsVectors: bool | None = None,
    ) -> None:
        params: dict[str, Any] = self._input_kwargs
        super().__init__()
        self._setDefault(
            outputCols=[],
            valueSplitSymbol="#",
            annotationSplitSymbol="@",
            cleanAnnotations=True,
            includeMetadata=False,
            outputAsArray=True,
            parseEmbeddingsVectors=False,
        )
        self.setParams(**params)

    def setParams(self, **params: Any) -> Finisher:
        """Set params by keyword; None leaves a param as it is."""
        self._set(**{name: value for name, value in params.items() if value is not None})
        return self

    def setOutputCols(self, *value: str | list[str]) -> Finisher:
        """Set the names of the output columns, one for each input column."""
        names = value[0] if len(value) == 1 and isinstance(value[0], list) else list(value)
        return self.setParams(outputCols=names)

    def getOutputCols(self) -> list[str]:
        """The names of the output columns."""
        names: list[str] = self.getOrDefault(self.outputCols)
        return finished_columns(self.getInputCols(), names)

    def setValueSplitSymbol(self, value: str) -> Finisher:
        """Set what separates values within an annotation."""
        return self.setParams(valueSplitSymbol=value)

    def setAnnotationSplitSymbol(self, value: str) -> Finisher:
        """Set what separates annotations."""
        return self.setParams(annotationSplitSymbol=value)

    def setCleanAnnotations(self, value: bool) -> Finisher:
        """Set whether annotation columns are dropped."""
        return self.setParams(cleanAnnotations=value)

    def setIncludeMetadata(self, value: bool) -> Finisher:
        """Set whether metadata are given too."""
        return self.setParams(includeMetadata=value)

    def setOutputAsArray(self, value: bool) -> Finisher:
        """Set whether outputs are arrays rather than strings."""
        return self.setParams(outputAsArray=value)

    def setParseEmbeddingsVectors(self, value: bool) -> Finisher:
        """Set whether vectors are given too."""
        return self.setParams(parseEmbeddingsVectors=value)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        check_frame(type(self).__name__, dataset)
        known = frame_columns(dataset)
        columns = [known.column(name) for name in self._checked_columns(dataset.schema)]
        rules = self._rules()
        finished = dict(zip(self.getOutputCols(), columns, strict=True))
        made = {name: _finished(column, rules) for name, column in finished.items()}
        if rules.output_as_array and rules.include_metadata:
            made |= {metadata_column(name): _metadata(column) for name, column in finished.items()}
        made = {name: column.alias(name) for name, column in made.items()}
        cleaned = [f.name for f in dataset.schema.fields if annotator_type_of(f)]
        dropped = set(cleaned) - made.keys() if rules.clean_annotations else ()
        return known.with_columns(known.frame, made, dropped)

    def _checked_columns(self, schema: StructType) -> list[str]:
        stage = type(self).__name__
        if not self.isDefined(self.inputCols):
            raise ParamError.unset(stage, "inputCols")
        columns = [input_column(stage, schema, column) for column in self.getInputCols()]
        for column in columns:
            if annotator_type_of(schema[column]) is None:
                lost = holds_annotations(schema[column])
                told = give_back(column) if lost else f"column '{column}' holds no annotations."
                raise InputColumnError(f"{stage}: {told}")
        return columns

    def _rules(self) -> FinishRules:
        return FinishRules(
            output_as_array=self.getOrDefault(self.outputAsArray),
            include_metadata=self.getOrDefault(self.includeMetadata),
            clean_annotations=self.getOrDefault(self.cleanAnnotations),
            value_split_symbol=self.getOrDefault(self.valueSplitSymbol),
            annotation_split_symbol=self.getOrDefault(self.annotationSplitSymbol),
            parse_embeddings_vectors=self.getOrDefault(self.parseEmbeddingsVectors),
        )


def _finished(column: Column, rules: FinishRules) -> Column:
    """The finished column. Results alone need no Python: Spark SQL takes them from the structs."""
    if rules.output_as_array and not rules.parse_embeddings_vectors:
        return column["result"]
    if rules.output_as_array:
        return _by_python(column, lambda rows: finished_array(rows, rules), ArrayType(StringType()))
    return _by_python(column, lambda rows: finished_text(rows, rules), StringType())


def _metadata(column: Column) -> Column:
    return _by_python(column, finished_metadata, _PAIRS)


def _by_python(
    column: Column, finish: Callable[[list[Finishable] | None], Any], returns: DataType
) -> Column:
    """What `finish` makes of an annotation column.

    Metadata cross as pairs: as maps they would lose the order of their keys on the way to Python.
    """

    def run(annotations: Sequence[Any] | None) -> Any:
        return finish(None if annotations is None else [_finishable(a) for a in annotations])

    crossing = F.transform(column, lambda a: a.withField("metadata", F.map_entries(a["metadata"])))
    # Not left to Spark 4, which would warn that it cannot tell from the hints of a nested function.
    return F.udf(run, returns, useArrow=False)(crossing)


def _finishable(row: Any) -> Finishable:
    pairs = row["metadata"]
    metadata = None if pairs is None else dict(pairs)
    return Finishable(row["annotatorType"], row["result"], metadata, row["embeddings"])
