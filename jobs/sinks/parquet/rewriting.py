"""Parquet files without the rows of some notes, and many small files as one.

A file goes through this process in pieces; no Spark job is started for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs.sinks.tables import NOTE_ID

ROWS = 65_536
SMALL = 4_000_000
"""Bytes below which a file is small."""
MANY = 64
"""Small files of a table that are made one."""


def carried(files: Sequence[Path], folder: Path, gone: pa.Array | None) -> None:
    """The files in another folder, without the rows whose id is in `gone`, a null included.

    A file without such rows is there by a hard link, under its name.
    """
    for file in files:
        left = None if gone is None else _rows_left(file, gone)
        if left is None:
            os.link(file, folder / file.name)
        elif any(pc.any(mask).as_py() for mask in left):
            _write(folder / name(), file, _filtered(file, left))


def tidied(folder: Path) -> None:
    """Files without rows gone beside others; small files made one where there are many."""
    files = sorted(folder.glob("*.parquet"))
    small = [file for file in files if file.stat().st_size < SMALL]
    empty = [file for file in small if pq.read_metadata(file).num_rows == 0]
    for file in empty[: len(files) - 1]:
        file.unlink()
    small = [file for file in small if file not in empty]
    if len(small) < MANY:
        return
    batches = (batch for file in small for batch in pq.ParquetFile(file).iter_batches(ROWS))
    _write(folder / name(), small[0], batches)
    for file in small:
        file.unlink()


def name() -> str:
    """A name for a new file."""
    return f"part-{uuid4()}.parquet"


def write_rows(rows: list[dict[str, object]], schema: pa.Schema, file: Path) -> None:
    """A file of a few rows."""
    pq.write_table(pa.Table.from_pylist(rows, schema), file)


def _rows_left(file: Path, gone: pa.Array) -> list[pa.Array] | None:
    """For each batch a mask of the rows that stay; None where all do."""
    masks = []
    for batch in pq.ParquetFile(file).iter_batches(ROWS, columns=[NOTE_ID]):
        ids = batch.column(0)
        masks.append(pc.invert(pc.is_in(ids, value_set=gone.cast(ids.type))))
    return None if all(pc.all(mask).as_py() is not False for mask in masks) else masks


def _filtered(file: Path, masks: list[pa.Array]) -> Iterator[pa.RecordBatch]:
    batches = pq.ParquetFile(file).iter_batches(ROWS)
    for batch, mask in zip(batches, masks, strict=True):
        yield batch.filter(mask)


def _write(target: Path, like: Path, batches: Iterator[pa.RecordBatch]) -> None:
    schema = _times_in_utc(pq.ParquetFile(like).schema_arrow)
    with pq.ParquetWriter(target, schema, compression="snappy") as writer:
        for batch in batches:
            table = pa.Table.from_batches([batch])
            writer.write_table(table.cast(schema), row_group_size=ROWS)


def _times_in_utc(schema: pa.Schema) -> pa.Schema:
    """The schema with Spark's old 96-bit times as the microseconds in UTC that they mean."""
    for i, column in enumerate(schema):
        if pa.types.is_timestamp(column.type) and column.type.tz is None:
            utc = column.with_type(pa.timestamp("us", "UTC"))
            schema = schema.set(i, utc)
    return schema
