"""The keys of a sink whose tables lie in a folder of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import field_validator

from jobs.sinks.parquet.versions import STAGING, VERSIONS
from jobs.sinks.sink import SinkSettings
from jobs.sinks.tables import ENTITIES, NOTE_NLP, NOTES, REJECTS, RUNS
from jobs.sources.guard import local

CHECKPOINTS = "_checkpoints"


class FolderSettings(SinkSettings):
    """The folder. elsewhere: why it cannot be of another file system, and what to do."""

    path: str
    elsewhere: ClassVar[str]

    @field_validator("path")
    @classmethod
    def _of_this_machine(cls, path: str) -> str:
        if not path.strip():
            raise ValueError("is empty: name a folder to write to")
        if local(path) is None:
            raise ValueError(f"is of another file system, {cls.elsewhere}")
        return path

    @property
    def folder(self) -> Path:
        """The folder, absolute; `~` is the user's home."""
        return (local(self.path) or Path(self.path)).expanduser().absolute()

    def shown(self) -> str:
        """The folder, and its format."""
        return f"{self.folder} ({self.format})"

    def targets(self) -> list[str]:
        """All that the sink writes in the folder."""
        tables = (ENTITIES, NOTES, NOTE_NLP, REJECTS, RUNS)
        return [str(self.folder / name) for name in (*tables, VERSIONS, STAGING, CHECKPOINTS)]

    def checkpoint(self) -> str | None:
        """A folder of its own within, which readers of tables do not see."""
        return str(self.folder / CHECKPOINTS)
