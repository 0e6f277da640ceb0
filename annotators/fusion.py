"""fuse(model): adjacent stages of a pipeline in one UDF, so that notes cross into Python once.

    fast = fuse(pipeline.fit(frame), outputCols=["ner_chunk"])
    fast.transform(frame)

The annotations are those of the pipeline stage by stage. Columns that are not asked for are not
built, and each model is open once a worker instead of once a stage and worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import pyarrow as pa
from pyspark.ml import PipelineModel, Transformer
from pyspark.sql import DataFrame
from pyspark.sql.types import StringType, StructField, StructType

from annotators._runtime.arrow_boundary import annotate_arrays
from annotators._runtime.arrow_columns import text_array
from annotators._runtime.program import ERROR
from annotators._spark.advice import advise_threads
from annotators._spark.frame_columns import check_frame
from annotators._spark.planning import plan_stages
from annotators._spark.saving import SavedGroup
from annotators._spark.sentence_params import HasSentenceParams
from annotators._spark.stage import KernelStage
from annotators._spark.transform import StagePlan, annotate, program_of
from annotators.core.errors import ParamError


class FusedStages(Transformer, SavedGroup):
    """Adjacent Notemill stages run as one, made by `fuse`; saved with the stages that it runs."""

    def __init__(
        self, stages: Sequence[KernelStage], outputCols: Iterable[str] | None = None
    ) -> None:
        super().__init__()
        self.stages = list(stages)
        self.outputCols = None if outputCols is None else list(outputCols)

    def transformSchema(self, schema: StructType) -> StructType:
        """The schema after these stages, with the columns that are asked for."""
        made = {stage.getOutputCol(): stage for stage in self.stages}
        full = schema
        for stage in self.stages:
            full = stage.transformSchema(full)
        wanted = made if self.outputCols is None else self.outputCols
        return StructType([f for f in full.fields if f.name not in made or f.name in wanted])

    def _settings(self) -> dict[str, Any]:
        return {"outputCols": self.outputCols}

    def _transform(self, dataset: DataFrame) -> DataFrame:
        check_frame("fuse", dataset)
        advise_threads(dataset.sparkSession, self.stages)
        plan = plan_stages(self.stages, dataset.schema)
        errors = dict.fromkeys(stage.getErrorCol() for stage in self.stages)
        return annotate(dataset, self._asked_for(plan), [e for e in errors if e is not None])

    def texts_annotated(self, column: str, texts: Sequence[str | None]) -> pa.RecordBatch:
        """What `transform` makes of a frame with these texts in a column, on the driver.

        A column for each output and one, ERROR, for what failed; for stages that read texts only.
        """
        schema = StructType([StructField(column, StringType())])
        program = program_of(self._asked_for(plan_stages(self.stages, schema)))
        read = pa.StructArray.from_arrays([text_array(texts)], [column])
        parts = list(annotate_arrays(program, iter([read])))
        made = [
            pa.concat_arrays(columns) for columns in zip(*(p.flatten() for p in parts), strict=True)
        ]
        return pa.RecordBatch.from_arrays(made, [*(o.column for o in program.outputs), ERROR])

    def _asked_for(self, plan: StagePlan) -> StagePlan:
        if self.outputCols is None:
            return plan
        outputs = tuple(o for o in plan.outputs if o.column in self.outputCols)
        return StagePlan(plan.steps, plan.inputs, outputs)


def fuse(model: PipelineModel, outputCols: Iterable[str] | None = None) -> PipelineModel:
    """The pipeline with each run of adjacent Notemill stages made one; other stages stay.

    outputCols: the annotation columns to keep (default: all). A stage that explodes sentences
    stands alone, since it changes the number of rows. Raises ParamError for a column no stage
    makes.
    """
    stages = list(_flat(model))
    wanted = None if outputCols is None else list(outputCols)
    made = {stage.getOutputCol() for stage in stages if isinstance(stage, KernelStage)}
    unknown = sorted(set(wanted or ()) - made)
    if unknown:
        known = ", ".join(sorted(made)) or "nothing"
        raise ParamError(f"fuse: no stage makes {', '.join(unknown)}; they make {known}.")
    fused: list[Transformer] = []
    for together, group in groupby(stages, _fusible):
        if not together:
            fused += group
        else:
            run = [stage for stage in group if isinstance(stage, KernelStage)]
            fused.append(FusedStages(run, _needed(run, stages, wanted)))
    return PipelineModel(fused)


def _flat(model: PipelineModel) -> Iterator[Transformer]:
    """The stages of a pipeline in order, those of pipelines within it too."""
    for stage in model.stages:
        if isinstance(stage, PipelineModel):
            yield from _flat(stage)
        else:
            yield stage


def _fusible(stage: Transformer) -> bool:
    exploding = isinstance(stage, HasSentenceParams) and stage.explodes()
    return isinstance(stage, KernelStage) and not exploding


def _needed(
    run: Sequence[KernelStage], stages: Sequence[Transformer], wanted: list[str] | None
) -> list[str] | None:
    """The run's columns that are asked for, or that a stage outside the run reads."""
    if wanted is None:
        return None
    read = {column for stage in stages if stage not in run for column in _input_columns(stage)}
    return [s.getOutputCol() for s in run if s.getOutputCol() in {*wanted, *read}]


def _input_columns(stage: Transformer) -> list[str]:
    """What a stage says that it reads: its `inputCols` or `inputCol`, which most stages have."""
    named = [p for p in ("inputCols", "inputCol") if stage.hasParam(p) and stage.isDefined(p)]
    values = [stage.getOrDefault(param) for param in named]
    return [column for v in values for column in ([v] if isinstance(v, str) else v)]
