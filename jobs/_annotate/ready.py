"""The pipeline made ready on the driver, which takes no session: Java starts meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.ml import PipelineModel

from annotators import fuse
from jobs._annotate.asked import TEXT
from jobs._run.annotating import ASSERTED, pipeline_named, stages_of, try_out
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
        try_out(self.fitted)

    def id_name(self, id_col: str) -> str:
        """What ids are called: as in the input, unless the output has such a column."""
        taken = {*self.named.columns, ERROR, *(ENTITY if self.named.chunks else ())}
        return SPARE_ID if id_col.casefold() in taken else id_col


def made_ready(pipeline: str, model: str | None) -> Ready:
    """The pipeline of this name over a model. Raises ParamError and ModelError."""
    named = pipeline_named(pipeline)
    stages = stages_of(named, TEXT, model, ERROR)
    return Ready(named, fuse(stages, outputCols=named.columns))
