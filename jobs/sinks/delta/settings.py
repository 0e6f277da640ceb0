"""The keys of a Delta sink."""

from __future__ import annotations

from importlib.util import find_spec
from typing import ClassVar, Literal

from pyspark.sql import SparkSession

from jobs._run.exit_codes import InputError
from jobs.sinks.folder import FolderSettings
from jobs.sinks.sink import Sink

MISSING = (
    "deltalake is not installed: pip install 'notemill[delta]' (no JAR is needed, under any Spark "
    "from 3.5 to 4.3)."
)


class DeltaSettings(FolderSettings):
    """A folder of this machine, or one that all machines share. Its tables are `path/entities`,
    `path/notes` and so on.
    """

    format: Literal["delta"]
    elsewhere: ClassVar[str] = (
        "where no rename commits all tables together: name a folder of this machine, or one that "
        "all machines share by the same path"
    )

    def open(self, spark: SparkSession) -> Sink:
        """The sink. Raises InputError where deltalake is not installed."""
        if find_spec("deltalake") is None:
            raise InputError(MISSING)
        from jobs.sinks.delta.sink import DeltaSink  # noqa: PLC0415 (extra [delta])

        return DeltaSink(spark, self.folder)
