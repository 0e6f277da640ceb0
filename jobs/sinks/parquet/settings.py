"""The keys of a Parquet sink."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import field_validator
from pyspark.sql import SparkSession

from jobs.sinks.parquet.sink import ParquetSink
from jobs.sinks.parquet.versions import STAGING, VERSIONS
from jobs.sinks.sink import Sink, SinkSettings
from jobs.sinks.tables import ENTITIES, NOTE_NLP, NOTES, REJECTS, RUNS
from jobs.sources.guard import local

CHECKPOINTS = "_checkpoints"


class ParquetSettings(SinkSettings):
    """A folder of this machine. Its tables are `path/entities`, `path/notes` and so on."""

    format: Literal["parquet"] = "parquet"
    path: str

    @field_validator("path")
    @classmethod
    def _of_this_machine(cls, path: str) -> str:
        if not path.strip():
            raise ValueError("is empty: name a folder to write to")
        if local(path) is None:
            raise ValueError(
                "is of another file system, where Parquet has no commit that readers see at once: "
                "name a folder of this machine, or set sink.format to postgresql"
            )
        return path

    @property
    def folder(self) -> Path:
        """The folder, absolute."""
        return (local(self.path) or Path(self.path)).absolute()

    def open(self, spark: SparkSession) -> Sink:
        """The sink over the folder."""
        return ParquetSink(spark, self.folder)

    def shown(self) -> str:
        """The folder."""
        return f"{self.folder} (parquet)"

    def targets(self) -> list[str]:
        """All that the sink writes in the folder."""
        tables = (ENTITIES, NOTES, NOTE_NLP, REJECTS, RUNS)
        return [str(self.folder / name) for name in (*tables, VERSIONS, STAGING, CHECKPOINTS)]

    def checkpoint(self) -> str | None:
        """A folder of its own within, which readers of tables do not see."""
        return str(self.folder / CHECKPOINTS)
