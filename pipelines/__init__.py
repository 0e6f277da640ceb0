"""Ready pipelines: pure functions from settings to a pyspark.ml Pipeline, found by name.

A pipeline takes the text column, the model (a name, a path, or None for its own) and the column for
errors, and gives the stages. `PIPELINES` is what `notemill annotate --pipeline NAME` looks in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.ml import Pipeline

from pipelines.clinical_ner import clinical_ner


@dataclass(frozen=True)
class NamedPipeline:
    """A pipeline that jobs can be asked for by name.

    build: (text column, model or None, error column) to stages. chunks: the column with entities.
    assertions: the column with what is said of each, one annotation per chunk.
    """

    build: Callable[[str, str | None, str], Pipeline]
    columns: tuple[str, ...]
    chunks: str | None
    assertions: str | None = None


PIPELINES: dict[str, NamedPipeline] = {
    "clinical_ner": NamedPipeline(
        clinical_ner, ("sentence", "ner_chunk", "assertion"), "ner_chunk", "assertion"
    ),
}
