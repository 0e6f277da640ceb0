"""Rows of executors to Parquet files, which are no part of a table until they are committed."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from jobs._run.arrow import arrow_schema

_REPORT = "name string, bytes long, rows long"


@dataclass(frozen=True)
class Written:
    """A file that a task wrote, by its name, and how many rows it holds."""

    name: str
    size: int
    rows: int

    @property
    def stats(self) -> str:
        """What Delta's log says of it."""
        return json.dumps({"numRecords": self.rows})


def write_files(rows: DataFrame, schema: StructType, folder: Path) -> list[Written]:
    """Write the rows into the folder, a file per task; the files that count.

    A task that is tried again writes another file: only what the attempt that succeeded tells is
    taken.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write = _writing(str(folder), arrow_schema(schema))
    told = rows.select(*schema.names).mapInArrow(write, _REPORT).collect()
    return [Written(row["name"], row["bytes"], row["rows"]) for row in told]


def write_table(rows: pa.Table, folder: Path) -> Written:
    """Write a small table as one file."""
    name = _name()
    pq.write_table(rows, folder / name)
    return Written(name, (folder / name).stat().st_size, rows.num_rows)


def milliseconds() -> int:
    """Now, as Delta's log counts time."""
    return int(time.time() * 1000)


def _writing(
    folder: str, schema: pa.Schema
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        first = next((batch for batch in batches if batch.num_rows), None)
        if first is None:
            return
        place = Path(folder) / _name()
        rows = 0
        with pq.ParquetWriter(place, schema) as writer:
            batch: pa.RecordBatch | None = first
            while batch is not None:
                writer.write_table(pa.Table.from_batches([batch]).cast(schema))
                rows += batch.num_rows
                batch = next(batches, None)
        yield pa.RecordBatch.from_pydict(
            {"name": [place.name], "bytes": [place.stat().st_size], "rows": [rows]}
        )

    return write


def _name() -> str:
    return f"part-{uuid.uuid4()}.parquet"
