"""The pipeline of a configuration made ready on the driver, which takes no session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.ml import PipelineModel

from annotators import fuse
from annotators.core.errors import ParamError
from jobs._etl.config import Config
from jobs._etl.fingerprint import Pedigree, check_same, pedigree
from jobs._run.annotating import pipeline_named, stages_of, try_out
from jobs.sources.files import ERROR
from jobs.sources.source import TEXT
from pipelines import NamedPipeline


@dataclass(frozen=True)
class Ready:
    """A pipeline by its name, its stages, these as one, and where annotations by it come from.

    extra: options beside the pipeline that change what rows hold.
    """

    named: NamedPipeline
    stages: PipelineModel
    model: PipelineModel
    pedigree: Pedigree
    extra: Mapping[str, Any]

    def try_out(self) -> None:
        """Annotate a text. Raises ModelError where the model cannot run."""
        try_out(self.model)

    def check_same(self) -> None:
        """Raise ModelError where a model is not on the disk as it was."""
        check_same(self.stages, self.extra, self.pedigree)


def made_ready(config: Config) -> Ready:
    """The pipeline that a configuration names. Raises ParamError and ModelError."""
    job = config.job
    named = pipeline_named(job.pipeline)
    unknown = sorted(set(job.annotations) - set(named.columns))
    if unknown:
        raise ParamError(
            f"annotations: {job.pipeline} makes no {', '.join(unknown)}; it makes "
            f"{', '.join(named.columns)}."
        )
    stages = stages_of(named, TEXT, job.model, ERROR)
    if job.precision is not None:
        for stage in stages.stages:
            if hasattr(stage, "setPrecision"):
                stage.setPrecision(job.precision)
    extra: dict[str, Any] = {
        name: True for name in ("omop", "snippets") if getattr(config.sink, name)
    }
    if job.annotations:
        extra["annotations"] = list(job.annotations)
    columns = [c for c in (named.chunks, named.assertions, *job.annotations) if c]
    fused = fuse(stages, outputCols=list(dict.fromkeys(columns)))
    return Ready(named, stages, fused, pedigree(stages, extra), extra)
