"""Notes of a Delta table: its log is read by delta-rs, its files by Spark, and no JAR is needed.

A session that has Spark's own Delta reads by that, which knows every feature of the format.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from annotators.core.errors import InputColumnError
from jobs._run.exit_codes import InputError
from jobs.sources.guard import local
from jobs.sources.listing import literal
from jobs.sources.parquet import field, notes_of_frame
from jobs.sources.source import NOTE_ID, Source

if TYPE_CHECKING:
    from deltalake import DeltaTable

_KNOWN = frozenset({"timestampNtz", "v2Checkpoint", "vacuumProtocolCheck"})
"""Features of tables that do not change how a row is read."""
_SPARK_DELTA = (
    "Spark's own Delta reads it: delta-spark 3.3.2 under Spark 3.5, 4.1.0 under 4.0, 4.3.0 under "
    "4.1, 4.4.0 under 4.2; there is none for Spark 4.3"
)


class Delta(Source):
    """A Delta table at a path. version: of its history; None: the latest."""

    format: Literal["delta"]
    path: str
    version: int | None = None

    def read(self, spark: SparkSession) -> DataFrame:
        """All notes of one version, which later commits do not change."""
        frame = self._by_spark(spark) if _has_delta(spark) else self._by_delta_rs(spark)
        for name in (self.id, self.text):
            if field(frame, name) is None:
                raise InputColumnError(
                    f"source: there is no column '{name}'. Columns that exist: "
                    f"{', '.join(sorted(frame.columns))}. Name yours with source.id and "
                    "source.text."
                )
        notes = notes_of_frame(frame, self.id, self.text, "utf-8")
        return notes.withColumnRenamed("id", NOTE_ID)

    def shown(self) -> str:
        """The path, and the version where one is asked for."""
        return f"{self.path} (delta{'' if self.version is None else f', version {self.version}'})"

    def places(self, spark: SparkSession) -> list[str]:  # noqa: ARG002 (as that of files)
        """The table's folder."""
        return [self.path]

    def _by_spark(self, spark: SparkSession) -> DataFrame:
        reader = spark.read.format("delta")
        if self.version is not None:
            reader = reader.option("versionAsOf", self.version)
        try:
            frame = reader.load(self.path)
            frame.schema  # noqa: B018 (asked now, so that a place without a table is told here)
        except PySparkException as failure:
            raise InputError(
                f"cannot read {self.path} as a Delta table: "
                f"{failure.getCondition() or type(failure).__name__}."
            ) from None
        return frame

    def _by_delta_rs(self, spark: SparkSession) -> DataFrame:
        table = self._table()
        protocol, partitions = table.protocol(), table.metadata().partition_columns
        mapped = table.metadata().configuration.get("delta.columnMapping.mode", "none") != "none"
        odd = sorted(set(protocol.reader_features or ()) - _KNOWN - {"columnMapping"})
        odd += ["columnMapping"] if mapped else []
        if odd:
            raise InputError(f"the Delta table {self.path} uses {', '.join(odd)}: {_SPARK_DELTA}.")
        within = sorted({self.id, self.text} & set(partitions))
        if within:
            raise InputError(
                f"column '{within[0]}' of the Delta table {self.path} is in the names of its "
                f"folders only: {_SPARK_DELTA}."
            )
        schema = StructType.fromJson(json.loads(table.schema().to_json()))
        known = StructType([f for f in schema.fields if f.name not in partitions])
        files = _files(self.path, table)
        if not files:
            return spark.createDataFrame([], known)
        return spark.read.schema(known).option("basePath", self.path).parquet(*files)

    def _table(self) -> DeltaTable:
        if find_spec("deltalake") is None:
            raise InputError("deltalake is not installed: pip install 'notemill[delta]'.")
        from deltalake import DeltaTable  # noqa: PLC0415 (extra [delta])
        from deltalake.exceptions import DeltaError, TableNotFoundError  # noqa: PLC0415

        try:
            return DeltaTable(self.path, version=self.version)
        except TableNotFoundError:
            raise InputError(f"there is no Delta table at {self.path}.") from None
        except (DeltaError, OSError, ValueError) as failure:
            version = "" if self.version is None else f", version {self.version}"
            raise InputError(
                f"cannot read the Delta table {self.path}{version}: {type(failure).__name__}."
            ) from None


def _files(path: str, table: DeltaTable) -> list[str]:
    """The files of a version, as Spark wants to have them named: the log writes them as URLs."""
    here = local(path)
    root = str(here.absolute()) if here else path.rstrip("/")
    named = [unquote(name) for name in pa.table(table.get_add_actions())["path"].to_pylist()]
    files = [name if "://" in name else f"{root}/{name}" for name in named]
    return [literal(file) if here else file for file in files]


def _has_delta(spark: SparkSession) -> bool:
    return "io.delta" in str(spark.conf.get("spark.sql.extensions", ""))
