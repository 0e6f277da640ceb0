"""Stages over a DataFrame: their kernels become one UDF, its fields the public columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    DataType,
    StringType,
    StructField,
    StructType,
)

from annotators._runtime.arrow_boundary import annotate_arrays
from annotators._runtime.pandas_boundary import annotate_frames, prefix
from annotators._runtime.program import ERROR, InputColumn, OutputColumn, Program, public_name
from annotators._spark.flat_columns import flat_columns
from annotators._spark.frame_columns import FrameColumns, frame_columns
from annotators.core.plan import Step
from annotators.schema import (
    ANNOTATIONS,
    NON_NULL_ANNOTATIONS,
    AnnotationLayout,
    column_metadata,
)

_MADE = "_notemill_made"
ARROW_UDFS = hasattr(F, "arrow_udf")
"""Whether this Spark has Arrow UDFs (4.1 on); elsewhere annotations cross by pandas UDFs."""
_COLUMN_TYPE = ANNOTATIONS if ARROW_UDFS else NON_NULL_ANNOTATIONS


@dataclass(frozen=True)
class Input:
    """A column that stages read from outside: annotations with `fields`, or text (None)."""

    column: str
    fields: tuple[str, ...] | None


@dataclass(frozen=True)
class Output:
    """An annotation column to write.

    more: makes a map of more metadata for all of a row's annotations, of the frame's columns.
    recorded: what the column's own metadata says beside its annotator type.
    """

    column: str
    layout: AnnotationLayout
    more: Callable[[FrameColumns], Column] | None = None
    recorded: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StagePlan:
    """Stages as one plan: its steps, the columns it needs from outside, the columns it makes."""

    steps: tuple[Step, ...]
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]


def annotate(frame: DataFrame, plan: StagePlan, error_columns: Sequence[str]) -> DataFrame:
    """Add (or replace) the columns that the plan makes, all in one pass through Python.

    error_columns: where a row's error goes; one that a column holds already is kept.
    The UDF's result is one struct in a column of its own, referred to several times: Spark does not
    evaluate it again for each (tests/stages/test_query_plan.py holds it to that).
    """
    known = frame_columns(frame)
    name_of_all = known.free_name(_MADE)
    made = known.frame.withColumn(name_of_all, _udf(plan)(_udf_input(plan.inputs, known)))
    everything = F.col(name_of_all)
    columns = {
        output.column: _public(everything[public_name(i)], output, known).alias(
            output.column,
            metadata={**column_metadata(output.layout.annotator_type), **output.recorded},
        )
        for i, output in enumerate(plan.outputs)
    }
    for name in error_columns:
        earlier = [known.column(name)] if name in known.outer else []
        columns[name] = F.coalesce(*earlier, everything[ERROR]).alias(name)
    return known.with_columns(made, columns)


def program_of(plan: StagePlan) -> Program:
    """What workers need of a plan."""
    return Program(
        inputs=tuple(InputColumn(i.column, i.fields) for i in plan.inputs),
        steps=plan.steps,
        outputs=tuple(OutputColumn(output.column, output.layout) for output in plan.outputs),
    )


def _udf(plan: StagePlan) -> Callable[..., Column]:
    """The UDF that runs the plan: a closure that holds data only, as Spark's UDFs want it.

    It has the stages' names, which is how `explain` shows what is fused.
    """
    program = program_of(plan)

    def run_arrow(batches: Iterator[pa.Array]) -> Iterator[pa.Array]:
        return annotate_arrays(program, batches)

    def run_pandas(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        return annotate_frames(program, frames)

    run, wrap = (run_arrow, F.arrow_udf) if ARROW_UDFS else (run_pandas, F.pandas_udf)  # type: ignore[attr-defined]
    run.__name__ = "_".join(step.stage for step in plan.steps)
    udf: Callable[..., Column] = wrap(run, returnType=_return_type(plan.outputs))
    return udf


def _udf_input(inputs: Sequence[Input], known: FrameColumns) -> Column:
    """One struct of all input columns: as they are for Arrow, taken apart for pandas.

    Texts go to pandas as bytes, since those that are not UTF-8 would end the job on their way.
    """
    columns: list[Column] = []
    for i, read in enumerate(inputs):
        if read.fields is None:
            text = _plain(known.column(read.column), known.type_of(read.column))
            columns.append(text.alias(f"{prefix(i)}text"))
        elif ARROW_UDFS:
            columns.append(known.column(read.column).alias(prefix(i)))
        else:
            columns += flat_columns(known.sql(read.column), read.fields, prefix(i))
    return F.struct(*columns)


def _plain(text: Column, kind: DataType | None) -> Column:
    """Texts without collation or length; as bytes for pandas."""
    wanted: DataType = StringType() if ARROW_UDFS else BinaryType()
    if isinstance(kind, ArrayType):
        wanted = ArrayType(wanted)
        return text if kind.elementType == wanted.elementType else text.cast(wanted)
    return text if kind == wanted else text.cast(wanted)


def _return_type(outputs: Sequence[Output]) -> StructType:
    """One struct of all output columns and the error."""
    made = [StructField(public_name(i), _COLUMN_TYPE) for i in range(len(outputs))]
    return StructType([*made, StructField(ERROR, StringType())])


def _public(public: Column, output: Output, known: FrameColumns) -> Column:
    """One annotation column out of the UDF's result."""
    if output.more is not None:
        more = output.more(known)
        public = F.transform(
            public, lambda a: a.withField("metadata", F.map_concat(more, a["metadata"]))
        )
    return public
