"""The base of the annotating stages: input checks on the driver, then the kernel over the frame."""

from __future__ import annotations

from typing import Any, TypeVar

from pyspark.ml import Transformer
from pyspark.sql import DataFrame
from pyspark.sql.types import StringType, StructField, StructType

from annotators._spark.frame_columns import check_frame, input_column, replaced
from annotators._spark.planning import plan_stages
from annotators._spark.saving import Saved
from annotators._spark.transform import Input, Output, annotate
from annotators.core.errors import LOST, InputColumnError, ParamError
from annotators.core.plan import Kernel, Step
from annotators.params import (
    HasErrorCol,
    HasGetters,
    HasInputCols,
    HasLazyAnnotator,
    HasOutputCol,
)
from annotators.schema import (
    ANNOTATIONS,
    AnnotationLayout,
    annotator_type_of,
    column_metadata,
    holds_annotations,
)

Self = TypeVar("Self", bound="KernelStage")


class KernelStage(
    Transformer,
    HasOutputCol,
    HasErrorCol,
    HasLazyAnnotator,
    HasGetters,
    Saved,
):
    """A stage whose work is one kernel, and whose output is one annotation column.

    A subclass gives `_kernel()`, the function that workers run, `_layout()`, what its annotations
    look like, `_input_columns()`, the checked names of its input columns, and `_inputs()`, what of
    them travels to the workers.
    """

    outputAnnotatorType: str
    _input_kwargs: dict[str, Any]  # set by keyword_only

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(lazyAnnotator=False, outputCol=f"{self.uid}_output")

    def setParams(self: Self, **params: Any) -> Self:
        """Set params by keyword; None leaves a param as it is."""
        self._set(**{name: value for name, value in params.items() if value is not None})
        return self

    def transformSchema(self, schema: StructType) -> StructType:
        """The schema after this stage. Raises what `transform` would raise for this schema."""
        self._input_columns(schema)
        metadata = {**column_metadata(self.outputAnnotatorType), **self._recorded()}
        made = {
            self.getOutputCol(): StructField(self.getOutputCol(), ANNOTATIONS, metadata=metadata)
        }
        error = self.getErrorCol()
        if error is not None:
            made[error] = StructField(error, StringType())
            self._check_error_column(schema, error)
        return replaced(schema, made)

    def _check_error_column(self, schema: StructType, error: str) -> None:
        kind = schema[error].dataType if error in schema.names else StringType()
        if not isinstance(kind, StringType) and kind.typeName() not in ("varchar", "char"):
            raise InputColumnError(
                f"{type(self).__name__}: column '{error}' is {kind.simpleString()}, and errorCol "
                "must be a string column or a new one: name another with setErrorCol."
            )

    def _transform(self, dataset: DataFrame) -> DataFrame:
        check_frame(type(self).__name__, dataset)
        error = self.getErrorCol()
        errors = [] if error is None else [error]
        return annotate(dataset, plan_stages([self], dataset.schema), errors)

    def _kernel(self) -> Kernel:
        raise NotImplementedError

    def _layout(self) -> AnnotationLayout:
        raise NotImplementedError

    def _input_columns(self, schema: StructType) -> list[str]:
        raise NotImplementedError

    def _inputs(self, columns: list[str]) -> list[Input]:
        raise NotImplementedError

    def _step(self, columns: list[str]) -> Step:
        """This stage as a step of a plan that reads `columns`."""
        return Step(
            type(self).__name__,
            self._kernel(),
            tuple(columns),
            self.getOutputCol(),
            isolates=self.getErrorCol() is not None,
        )

    def _output(self) -> Output:
        return Output(self.getOutputCol(), self._layout(), recorded=self._recorded())

    def _recorded(self) -> dict[str, str]:
        """What the output column's metadata says beside its annotator type."""
        return {}

    def _required(self, param: str) -> Any:
        """The value of a param that must be set. Raises ParamError where it is not."""
        if not self.isDefined(param):
            raise ParamError.unset(type(self).__name__, param)
        return self.getOrDefault(param)


class AnnotatorStage(KernelStage, HasInputCols):
    """A stage that reads annotation columns.

    A subclass also names the annotator types that it needs, and in `_reads` the metadata fields
    that it reads of each, in the same order.
    """

    _reads: tuple[tuple[str, ...], ...]

    def _inputs(self, columns: list[str]) -> list[Input]:
        return [Input(c, fields) for c, fields in zip(columns, self._reads, strict=True)]

    def _input_columns(self, schema: StructType) -> list[str]:
        """The input column of each needed annotator type, found by the columns' metadata."""
        found: list[tuple[str, str]] = []
        for column in self._required("inputCols"):
            name = input_column(type(self).__name__, schema, column)
            lost = LOST if holds_annotations(schema[name]) else "not an annotation column"
            found.append((name, annotator_type_of(schema[name]) or lost))
        return self._by_type(found)

    def _by_type(self, found: list[tuple[str, str]]) -> list[str]:
        by_type = {kind: column for column, kind in reversed(found)}
        if any(needed not in by_type for needed in self.inputAnnotatorTypes):
            raise InputColumnError.wrong_types(type(self).__name__, self.inputAnnotatorTypes, found)
        return [by_type[needed] for needed in self.inputAnnotatorTypes]
