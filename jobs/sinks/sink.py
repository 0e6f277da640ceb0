"""What `notemill etl` writes to: the interface of sinks.

Another sink is a file with its settings (a subclass of SinkSettings) and its Sink, and a line of
SINKS in jobs/_etl/config.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from pyspark.sql import DataFrame, SparkSession

from jobs._run.settings import Settings
from jobs.sinks.tables import Run, Tables


class Sink(Protocol):
    """A place with the tables of jobs/sinks/tables.py. A reader sees committed rows only."""

    def check(self, tables: Tables) -> None:
        """Raise InputError, in one line, unless the tables can be written here.

        Called before any work, also by --dry-run: it changes nothing. The place is reachable and
        writable, and tables that exist have these columns.
        """
        ...

    def lock(self) -> AbstractContextManager[None]:
        """Hold the place for this run alone. Raises LockedError where another run holds it.

        The lock of a process that died does not last.
        """
        ...

    def recover(self) -> None:
        """Remove what a killed run left, under the lock. What it committed stays."""
        ...

    def done(self) -> DataFrame | None:
        """The committed `note_id, text_sha256, fingerprint` of `notes`, None before any commit."""
        ...

    def commit(
        self, replaced: DataFrame | None, tables: Mapping[str, DataFrame], run: Run,
        rows: Mapping[str, int] | None = None,
    ) -> None:  # fmt: skip
        """All or nothing, and seen at once: old rows go, new rows come, the run's row is put.

        replaced: a frame with `note_id`; every table but `runs` loses the rows of these ids (a null
        among them means the rows whose id is null). tables: new rows by table; a table may be
        left out. Both are cached by the caller, so may be evaluated more than once. run: replaces
        the row of its run_id; rows of other runs that are still `running` become `interrupted`.
        rows: how many there are by table, as far as it is known: InputError where others arrive.
        """
        ...

    def read(self, table: str) -> DataFrame | None:
        """A table as it is committed, None where it is not there."""
        ...


class SinkSettings(Settings):
    """The keys that `sink:` may have, whatever its format.

    omop: also write `note_nlp`. snippets: fill its snippet, which is text of the note.
    """

    format: Any
    omop: bool = False
    snippets: bool = False

    def open(self, spark: SparkSession) -> Sink:
        """The sink. Nothing is written or connected to before `check`."""
        raise NotImplementedError

    def shown(self) -> str:
        """The place in words for plans and logs, without secrets."""
        raise NotImplementedError

    def targets(self) -> list[str]:
        """Paths that are written, which must not hold the source."""
        return []

    def checkpoint(self) -> str | None:
        """A folder for the checkpoint of `mode: stream`; None where the job must name one."""
        return None

    def spark_conf(self) -> Mapping[str, str]:
        """What a session needs to write here, as `spark.jars.packages`."""
        return {}
