"""The keys of a Delta sink."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from pydantic import field_validator
from pyspark.sql import SparkSession

from jobs._run.exit_codes import InputError
from jobs.sinks.sink import Sink, SinkSettings
from jobs.sources.guard import local

MISSING = (
    "deltalake is not installed: pip install 'notemill[delta]' (no JAR is needed, under any Spark "
    "from 3.5 to 4.3)."
)


class DeltaSettings(SinkSettings):
    """A folder of this machine, or one that all machines share. Its tables are `path/entities`,
    `path/notes` and so on.
    """

    format: Literal["delta"]
    path: str

    @field_validator("path")
    @classmethod
    def _of_this_machine(cls, path: str) -> str:
        if not path.strip():
            raise ValueError("is empty: name a folder to write to")
        if local(path) is None:
            raise ValueError(
                "is of another file system, where no rename commits all tables together: name a "
                "folder of this machine, or one that all machines share by the same path"
            )
        return path

    @property
    def folder(self) -> Path:
        """The folder, absolute."""
        return (local(self.path) or Path(self.path)).absolute()

    def open(self, spark: SparkSession) -> Sink:
        """The sink. Raises InputError where deltalake is not installed."""
        if find_spec("deltalake") is None:
            raise InputError(MISSING)
        from jobs.sinks.delta.sink import DeltaSink  # noqa: PLC0415 (extra [delta])

        return DeltaSink(spark, self.folder)

    def shown(self) -> str:
        """The folder."""
        return f"{self.folder} (delta)"

    def targets(self) -> list[str]:
        """The folder."""
        return [str(self.folder)]

    def checkpoint(self) -> str | None:
        """A folder of its own within, which readers of tables do not see."""
        return str(self.folder / "_checkpoints")
