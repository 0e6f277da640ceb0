"""The sink: every table a Delta table, all of them committed together by the rename of one link.

Delta makes a commit to one table atomic, and has none to several. So the tables lie in versions, as
those of a Parquet sink do (jobs/sinks/parquet/versions.py): a commit links the files and the logs
of the last version into the next, commits to each table there, and then renames the link. Files
and logs of Delta never change, so a reader of the old version keeps all that it saw, and a version
that was not put in place is never seen.

delta-rs commits, not Spark's Delta: it needs no JAR, so that one way serves every Spark from 3.5 to
4.3 (for which there is no Delta), and executors write the files either way.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction
from pyspark.sql import DataFrame, SparkSession

from jobs._run.arrow import arrow_schema
from jobs._run.exit_codes import InputError
from jobs.sinks.delta.writing import Written, milliseconds, write_files, write_table
from jobs.sinks.disk import refusal_in
from jobs.sinks.parquet.sink import ParquetSink
from jobs.sinks.tables import NOTE_ID, RUNS, Run, with_run
from jobs.sources.listing import literal

MOST_FILES = 64
"""Live files of a table beyond which small ones are joined."""


class DeltaSink(ParquetSink):
    """A folder of this machine, which executors reach by the same path."""

    of_delta = True

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        super().__init__(spark, folder)
        self._written: dict[str, list[Written]] = {}

    def read(self, table: str) -> DataFrame | None:
        """A table of the version that counts now, also when later ones are committed."""
        number, known = self._versions.number(), self._versions.schemas()
        if number is None or table not in known:
            return None
        self._read.add(number)
        files = [literal(str(file)) for file in live_files(self._versions.at(number) / table)]
        if not files:
            return self._spark.createDataFrame([], known[table])
        return self._spark.read.schema(known[table]).parquet(*files)

    def _write(self, staged: Path, tables: Mapping[str, DataFrame]) -> None:
        self._written = {
            table: write_files(rows, self._schemas[table], staged / table)
            for table, rows in tables.items()
        }

    def _new_files(self, staged: Path, table: str) -> list[Path]:
        return [staged / table / file.name for file in self._written.get(table, [])]

    def _put(self, staged: Path, gone: pa.Array | None, run: Run) -> None:
        schemas = {**self._versions.schemas(), **self._schemas}
        before, folder = self._versions.current(), self._versions.begin()
        with _refusals_told(self._folder):
            for table, schema in schemas.items():
                place, columns = folder / table, arrow_schema(schema)
                _carried(before and before / table, place, columns)
                if table == RUNS:
                    old = [r for f in live_files(place) for r in pq.read_table(f).to_pylist()]
                    rows = pa.Table.from_pylist(with_run(old, run), columns)
                    file = write_table(rows, place)
                    _add(place, [file], columns, "overwrite")
                    continue
                if gone is not None:
                    _remove(place, gone.cast(columns.field(NOTE_ID).type))
                written = self._written.get(table, [])
                for file in written:
                    (staged / table / file.name).rename(place / file.name)
                _add(place, written, columns, "append")
                if len(live_files(place)) > MOST_FILES:
                    _tidied(place)
        self._versions.commit(folder, schemas)


def live_files(place: Path) -> list[Path]:
    """The files that a table consists of now. Its names need no escapes: they are UUIDs."""
    return sorted(place / uri.rsplit("/", 1)[-1] for uri in DeltaTable(str(place)).file_uris())


def _carried(before: Path | None, place: Path, columns: pa.Schema) -> None:
    """The table as it was, its files shared by links; an empty one where there was none."""
    if before is not None and before.is_dir():
        shutil.copytree(before, place, copy_function=os.link)
    else:
        place.mkdir(mode=0o700)
        DeltaTable.create(str(place), Schema.from_arrow(columns))


def _add(place: Path, files: Sequence[Written], columns: pa.Schema, mode: str) -> None:
    if files:
        now = milliseconds()
        actions: list[Any] = [
            AddAction(file.name, file.size, {}, now, True, file.stats) for file in files
        ]
        table = DeltaTable(str(place))
        table.create_write_transaction(actions, mode, Schema.from_arrow(columns))


def _remove(place: Path, gone: pa.Array) -> None:
    """Take the rows of these ids out, by MERGE: a join, however many they are."""
    table = DeltaTable(str(place))
    if gone.null_count:
        table.delete(f"{NOTE_ID} is null")
    known = gone.drop_null()
    if len(known):
        table.merge(
            pa.table({NOTE_ID: known}), f"t.{NOTE_ID} = s.{NOTE_ID}",
            source_alias="s", target_alias="t",
        ).when_matched_delete().execute()  # fmt: skip


def _tidied(place: Path) -> None:
    """Join small files; what no version of the last week needs is removed, old log, too."""
    table = DeltaTable(str(place))
    table.optimize.compact()
    table.create_checkpoint()
    table.cleanup_metadata()
    table.vacuum(dry_run=False)


@contextmanager
def _refusals_told(folder: Path) -> Iterator[None]:
    try:
        yield
    except DeltaError as failure:
        told = refusal_in(str(failure), folder) or InputError(
            f"cannot commit to {folder}: delta-rs says {type(failure).__name__}. What was "
            "committed stays: run the same command again."
        )
        raise told from None
