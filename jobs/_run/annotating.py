"""What the commands that annotate share: the pipeline by its name, entities as rows."""

from __future__ import annotations

from typing import cast

from pyspark.ml import PipelineModel, Transformer
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from annotators import LightPipeline
from annotators.core.errors import ParamError
from annotators.schema import quoted
from jobs._run.slots import task_slots
from jobs._run.spark import absolute_model
from pipelines import PIPELINES, NamedPipeline

TRIAL = "No fever."
"""Annotated on the driver first, so that a model that cannot run is told before any job starts."""

ASSERTED = ("section", "negation", "certainty", "temporality", "experiencer")
"""What `entities` takes from an assertion beside its status."""

CHARACTERS_A_PARTITION = 4_000_000
"""About a minute of int8 inference; small enough that the last tasks end together."""


def pipeline_named(name: str) -> NamedPipeline:
    """The pipeline of this name. Raises ParamError where there is none."""
    if name not in PIPELINES:
        raise ParamError(f"there is no pipeline '{name}'; there are {', '.join(PIPELINES)}.")
    return PIPELINES[name]


def stages_of(named: NamedPipeline, text: str, model: str | None, error: str) -> PipelineModel:
    """The stages of a pipeline over a column of texts, which need no fitting and no session.

    Raises ParamError and ModelError.
    """
    made = named.build(text, model and absolute_model(model), error).getStages()
    return PipelineModel(cast("list[Transformer]", made))


def try_out(model: PipelineModel) -> None:
    """Annotate a text on the driver. Raises ModelError where the model cannot run."""
    LightPipeline(model).annotate(TRIAL)


def entities(
    notes: DataFrame, id_col: str, chunks: str, assertions: str | None = None
) -> DataFrame:
    """The flat table: one row per chunk, with the note's id; begin and end as in the annotation.

    assertions: the column with an annotation per chunk, in the same order; null where it has none.
    """
    structs = entity_structs(chunks, assertions)
    return notes.select(F.col(quoted(id_col)), F.inline(structs))


def entity_structs(chunks: str, assertions: str | None = None, digits: int | None = None) -> Column:
    """An array with a struct a chunk, whose fields are the columns of `entities`.

    digits: to which the score is rounded; None leaves it as the model gave it.
    """
    both = F.arrays_zip(
        F.col(quoted(chunks)).alias("chunk"),
        F.col(quoted(assertions or chunks)).alias("assertion"),
    )

    def struct(entity: Column) -> Column:
        chunk, said = entity["chunk"], entity["assertion"]
        score = chunk["metadata"]["confidence"].cast("float")
        if digits is not None:
            score = F.round(score.cast("double"), digits).cast("float")
        columns = [
            chunk["begin"].alias("begin"),
            chunk["end"].alias("end"),
            chunk["result"].alias("text"),
            chunk["metadata"]["entity"].alias("label"),
            score.alias("score"),
            chunk["metadata"]["sentence"].cast("int").alias("sentence"),
        ]
        if assertions:
            columns.append(said["result"].alias("assertion"))
            columns += [said["metadata"][name].alias(name) for name in ASSERTED]
        return F.struct(*columns)

    return F.transform(both, struct)


def partitions_for(spark: SparkSession, characters: int, each: int = CHARACTERS_A_PARTITION) -> int:
    """As many partitions as so much text is work for, a multiple of the task slots."""
    slots = task_slots(spark)
    rounds = -(-characters // (each * slots))
    return slots * max(1, int(rounds))
