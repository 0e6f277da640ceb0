"""The keys of a Parquet sink."""

from __future__ import annotations

from typing import ClassVar, Literal

from pyspark.sql import SparkSession

from jobs.sinks.folder import FolderSettings
from jobs.sinks.parquet.sink import ParquetSink
from jobs.sinks.sink import Sink


class ParquetSettings(FolderSettings):
    """A folder of this machine. Its tables are `path/entities`, `path/notes` and so on."""

    format: Literal["parquet"] = "parquet"
    elsewhere: ClassVar[str] = (
        "where Parquet has no commit that readers see at once: name a folder of this machine, or "
        "set sink.format to postgresql"
    )

    def open(self, spark: SparkSession) -> Sink:
        """The sink over the folder."""
        return ParquetSink(spark, self.folder)
