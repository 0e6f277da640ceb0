"""The pipeline made ready on the driver, which takes no session: Java starts meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from pyspark.ml import PipelineModel, Transformer

from annotators import LightPipeline, fuse
from jobs._annotate.asked import TEXT
from jobs._run.annotating import ASSERTED, TRIAL, pipeline_named
from jobs._run.spark import absolute_model
from jobs.sources.files import ERROR
from pipelines import NamedPipeline

ENTITY = ("begin", "end", "text", "label", "score", "sentence", "assertion", *ASSERTED)
"""The columns of `entities` beside the note's id."""

SPARE_ID = "note_id"
"""What ids are called in the output where it has another column of the input's name."""


@dataclass(frozen=True)
class Ready:
    """A pipeline by its name, and its stages as one."""

    named: NamedPipeline
    fitted: PipelineModel

    def try_out(self) -> None:
        """Annotate a text. Raises ModelError where the model cannot run."""
        LightPipeline(self.fitted).annotate(TRIAL)

    def id_name(self, id_col: str) -> str:
        """What ids are called: as in the input, unless the output has such a column."""
        taken = {*self.named.columns, ERROR, *(ENTITY if self.named.chunks else ())}
        return SPARE_ID if id_col.casefold() in taken else id_col


def made_ready(pipeline: str, model: str | None) -> Ready:
    """The pipeline of this name over a model. Raises ParamError and ModelError."""
    named = pipeline_named(pipeline)
    stages = named.build(TEXT, model and absolute_model(model), ERROR).getStages()
    fitted = PipelineModel(cast("list[Transformer]", stages))
    return Ready(named, fuse(fitted, outputCols=named.columns))
