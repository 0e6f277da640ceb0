"""LightPipeline: a fitted pipeline over a few texts, with no Spark job.

    LightPipeline(model).annotate("Metformin for diabetes.")["ner_chunk"]
    LightPipeline(model).fullAnnotate("Metformin for diabetes.")[0]["ner_chunk"][0].begin

It runs the same kernels as `model.transform`, and gives the same annotations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql.types import StringType, StructField, StructType

from annotators._runtime.program import metadata_texts
from annotators._spark.planning import plan_stages
from annotators._spark.stage import KernelStage
from annotators._spark.transform import StagePlan
from annotators.annotation import Annotation
from annotators.core.annotations import Annotations
from annotators.core.errors import ParamError, TextError
from annotators.core.plan import run_plan
from annotators.document_assembler import DocumentAssembler
from annotators.finisher import Finisher
from annotators.fusion import FusedStages
from annotators.notebook import FullAnnotations
from annotators.schema import AnnotationLayout


class LightPipeline:
    """Runs the Notemill stages of a fitted pipeline on the driver; other stages are left out."""

    def __init__(self, pipelineModel: PipelineModel, parse_embeddings: bool = False) -> None:
        self.pipeline_model = pipelineModel
        self.parse_embeddings = parse_embeddings
        self._ignores_unsupported = False

    def annotate(self, target: str | list[str], optional_target: str | list[str] = "") -> Any:
        """The results of each annotation column: a dict for one text, a list of dicts for a list.

        Raises TypeError for anything but a string or a list of strings, and ParamError for a second
        text beside it (Spark NLP's question and context).
        """
        _no_second_text("annotate", optional_target)
        annotated = [
            {column: [a.result for a in annotations] for column, annotations in row.items()}
            for row in self.fullAnnotate(target)
        ]
        return annotated[0] if isinstance(target, str) else annotated

    def fullAnnotate(
        self, target: str | list[str], optional_target: str | list[str] = ""
    ) -> list[dict[str, list[Annotation]]]:
        """Each annotation column of each text, as a list of dicts even for one text.

        A notebook shows it as text with its entities marked, as `display` does.

        Raises TypeError for anything but a string or a list of strings, and TextError, which names
        stage and exception class, for a text that cannot be annotated.
        """
        _no_second_text("fullAnnotate", optional_target)
        texts = _texts(target)
        plan = self._plan()
        if not texts:
            return FullAnnotations()
        isolating = [replace(step, isolates=True) for step in plan.steps]
        outcome = run_plan(isolating, {plan.inputs[0].column: texts})
        for i, error in enumerate(outcome.errors):
            if error is not None:
                raise TextError.failed(i + 1, len(texts), error)
        shown = _shown(self.pipeline_model)
        annotated: list[dict[str, list[Annotation]]] = [{} for _ in texts]
        for output in plan.outputs:
            if output.column in shown:
                rows = _rows(outcome.columns[output.column], output.layout)
                for columns, row in zip(annotated, rows, strict=True):
                    columns[output.column] = row
        return FullAnnotations(annotated, texts)

    def transform(self, dataframe: DataFrame) -> DataFrame:
        """The pipeline's own transform."""
        return self.pipeline_model.transform(dataframe)

    def fullAnnotateImage(self, path_to_image: Any, text: Any = None) -> Any:
        """Raise ParamError: no stage here reads images."""
        raise ParamError.unsupported("LightPipeline", "fullAnnotateImage", "no stage reads images.")

    def setIgnoreUnsupported(self, value: bool) -> LightPipeline:
        """Set Spark NLP's flag. Stages that are not Notemill's are left out whatever it says."""
        self._ignores_unsupported = value
        return self

    def getIgnoreUnsupported(self) -> bool:
        """Spark NLP's flag, False unless it was set."""
        return self._ignores_unsupported

    def _plan(self) -> StagePlan:
        stages = list(_kernel_stages(self.pipeline_model))
        if not stages or not isinstance(stages[0], DocumentAssembler):
            raise ParamError(
                "LightPipeline needs a pipeline whose first annotating stage is DocumentAssembler."
            )
        columns = [stages[0]._required("inputCol"), *stages[0]._metadata_columns()]
        return plan_stages(
            stages, StructType([StructField(column, StringType()) for column in columns])
        )


def _stages(model: PipelineModel) -> Iterator[KernelStage | Finisher]:
    """The stages that count here, in order: annotating ones and Finishers."""
    for stage in model.stages:
        if isinstance(stage, FusedStages):
            yield from stage.stages
        elif isinstance(stage, PipelineModel):
            yield from _stages(stage)
        elif isinstance(stage, KernelStage | Finisher):
            yield stage


def _kernel_stages(model: PipelineModel) -> Iterator[KernelStage]:
    return (stage for stage in _stages(model) if isinstance(stage, KernelStage))


def _shown(model: PipelineModel) -> set[str]:
    """The columns that are given: as in Spark NLP, a Finisher leaves but those that it reads."""
    shown: set[str] = set()
    for stage in _stages(model):
        if isinstance(stage, Finisher):
            shown &= set(stage.getInputCols())
        else:
            shown.add(stage.getOutputCol())
    return shown


def _no_second_text(method: str, text: str | list[str]) -> None:
    if text != "":
        raise ParamError.unsupported(
            "LightPipeline", f"{method} with an optional_target", "no stage answers questions."
        )


def _texts(target: Any) -> list[str]:
    texts = [target] if isinstance(target, str) else target
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        found = type(target).__name__ if not isinstance(target, list) else "a list of other things"
        raise TypeError(f"LightPipeline takes a string or a list of strings, found {found}.")
    return texts


def _rows(made: Annotations, layout: AnnotationLayout) -> list[list[Annotation]]:
    metadata = _metadata(made, layout)
    everything = [
        Annotation(layout.annotator_type, begin, end - 1, result, entries)
        for begin, end, result, entries in zip(
            made.begin.tolist(), made.end.tolist(), made.result, metadata, strict=True
        )
    ]
    return [everything[lo:hi] for lo, hi in made.row_bounds()]


def _metadata(made: Annotations, layout: AnnotationLayout) -> list[dict[str, str]]:
    """The metadata of each annotation, in text, as the public column has it."""
    columns = metadata_texts(made, layout)
    entries = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    for name in layout.optional:
        for entry in entries:
            if entry[name] == "NaN":
                del entry[name]
    return entries
