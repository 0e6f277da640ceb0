"""Tables as Parquet in a folder of this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from jobs._run.arrow import arrow_schema
from jobs._run.exit_codes import InputError
from jobs.sinks.disk import disk_told
from jobs.sinks.file_lock import folder_lock, make_private
from jobs.sinks.parquet import rewriting
from jobs.sinks.parquet.verifying import check_seen, check_written
from jobs.sinks.parquet.versions import Versions
from jobs.sinks.tables import FINGERPRINT, NOTE_ID, NOTES, RUNS, SHA256, Run, Tables, with_run
from jobs.sources.listing import literal


class ParquetSink:
    """A folder of this machine, which executors reach by the same path.

    A commit writes what is new aside, makes a version of it and of the files that stay, and
    renames one link (versions.py). Its cost goes with what is new and with the files that hold
    replaced notes.
    """

    of_delta = False

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self._spark = spark
        self._folder = folder
        self._versions = Versions(folder)
        self._read: set[int] = set()
        self._schemas: Tables = {}

    def check(self, tables: Tables) -> None:
        """Raise InputError unless the folder can be written and its tables have these columns."""
        self._schemas = tables
        with disk_told(self._folder):
            self._check_place(tables)
            self._versions.check()
            self._check_format()
            known = self._versions.schemas()
        for table in tables.keys() & known.keys():
            _check_columns(f"{self._folder}/{table}", known[table], tables[table])

    def _check_place(self, tables: Tables) -> None:
        place = next(p for p in (self._folder, *self._folder.parents) if p.exists())
        if not place.is_dir():
            raise InputError(f"{place} is a file; expected a folder to write tables to.")
        if not os.access(place, os.W_OK | os.X_OK):
            raise InputError(
                f"cannot write to {self._folder}: permission is denied, or the file system is "
                "read-only. Let this user write there, or name another folder."
            )
        for table in tables:
            target = self._folder / table
            if not target.is_symlink() and target.exists():
                raise InputError(
                    f"{target} was not written by `notemill etl`: name another folder."
                )

    def _check_format(self) -> None:
        current = self._versions.current()
        if current is not None and (current / NOTES / "_delta_log").is_dir() != self.of_delta:
            other = "parquet" if self.of_delta else "delta"
            raise InputError(
                f"{self._folder} holds tables of another format: set sink.format to {other}, or "
                "name another folder."
            )

    def lock(self) -> AbstractContextManager[None]:
        """Hold the folder; the kernel lets go of it when this process ends."""
        return folder_lock(self._folder)

    def recover(self) -> None:
        """Remove what was written and not committed."""
        with disk_told(self._folder):
            self._versions.recover()
            check_seen(self._spark, self._folder, self._versions.staging)

    def done(self) -> DataFrame | None:
        """The committed notes by id, hash and fingerprint."""
        notes = self.read(NOTES)
        return None if notes is None else notes.select(NOTE_ID, SHA256, FINGERPRINT)

    def read(self, table: str) -> DataFrame | None:
        """A table of the version that counts now, also when later ones are committed."""
        number, known = self._versions.number(), self._versions.schemas()
        if number is None or table not in known:
            return None
        self._read.add(number)
        place = self._versions.at(number) / table
        return self._spark.read.schema(known[table]).parquet(literal(str(place)))

    def commit(
        self, replaced: DataFrame | None, tables: Mapping[str, DataFrame], run: Run,
        rows: Mapping[str, int] | None = None,
    ) -> None:  # fmt: skip
        """One version more, put in place by one rename."""
        with disk_told(self._folder):
            staged = self._versions.staging / str(uuid4())
            try:
                self._write(staged, tables)
                for table in tables:
                    known = (rows or {}).get(table)
                    check_written(self._folder, table, self._new_files(staged, table), known)
                self._put(staged, _ids(replaced), run)
            finally:
                shutil.rmtree(staged, ignore_errors=True)
            self._versions.prune(self._read)

    def _write(self, staged: Path, tables: Mapping[str, DataFrame]) -> None:
        make_private(staged)
        known = self._versions.schemas()
        for table, schema in self._schemas.items():
            if table in tables:
                tables[table].write.parquet(literal(str(staged / table)))
            elif table not in known and table != RUNS:
                empty = self._spark.createDataFrame([], schema).coalesce(1)
                empty.write.parquet(literal(str(staged / table)))

    def _new_files(self, staged: Path, table: str) -> list[Path]:
        """What was written of a table, by name."""
        return sorted((staged / table).glob("*.parquet"))

    def _put(self, staged: Path, gone: pa.Array | None, run: Run) -> None:
        schemas = {**self._versions.schemas(), **self._schemas}
        folder = self._versions.begin()
        for table in schemas:
            place = folder / table
            place.mkdir(mode=0o700)
            if table == RUNS:
                old = [r for f in self._versions.files(RUNS) for r in pq.read_table(f).to_pylist()]
                columns = arrow_schema(schemas[RUNS])
                rewriting.write_rows(with_run(old, run), columns, place / rewriting.name())
                continue
            rewriting.carried(self._versions.files(table), place, gone)
            for file in self._new_files(staged, table):
                file.rename(place / file.name)
            self._never_empty(place, table)
            rewriting.tidied(place)
        self._versions.commit(folder, schemas)

    def _never_empty(self, place: Path, table: str) -> None:
        """Where no row of a table is left, a file without rows tells its columns."""
        if not any(place.glob("*.parquet")):
            like = pq.ParquetFile(self._versions.files(table)[0]).schema_arrow
            pq.write_table(like.empty_table(), place / rewriting.name())


def _check_columns(place: str, found: StructType, wanted: StructType) -> None:
    """Raise InputError, naming the first column that differs."""
    ours = {field.name: field.dataType.simpleString() for field in wanted}
    theirs = {field.name: field.dataType.simpleString() for field in found}
    for column in [*ours, *theirs]:
        if ours.get(column) != theirs.get(column):
            raise InputError(
                f"{place} has column {column} of type {theirs.get(column, 'none')}, but this run "
                f"writes {ours.get(column, 'none')}: name another folder, or set source and "
                "pipeline as they were."
            )


def _ids(replaced: DataFrame | None) -> pa.Array | None:
    if replaced is None:
        return None
    return pa.array([row[0] for row in replaced.select(NOTE_ID).collect()])
