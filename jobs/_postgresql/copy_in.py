"""Rows of executors to PostgreSQL: each task copies its partition into a staging table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql
from pyspark import TaskContext
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs._postgresql.address import Address, connected, refused
from jobs._run.spark import model_errors_of_workers

PART = "_part"
"""A staging table's column with the number of the partition that a row came by."""
_ESCAPES = (("\\", "\\\\"), ("\x00", "\ufffd"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
"""As COPY's text format wants them. No text of PostgreSQL holds NUL; U+FFFD keeps its place."""
_ESCAPED = np.zeros(256, bool)
_ESCAPED[[ord(found) for found, _ in _ESCAPES]] = True


def copied(
    place: Address, schema: str, token: str, frames: Mapping[str, DataFrame], name: str
) -> dict[str, int]:
    """Copy the rows of each frame into the table TOKEN + its name; how many there are, by name.

    The columns of a table are those of its frame, and PART. The frames are copied at the same time,
    since one of them seldom has tasks enough for a whole machine.
    A task that is tried again, or twice at once, adds nothing: in one transaction it takes the lock
    of its partition, deletes what an earlier attempt left and copies anew.
    name: of the sessions. Raises InputError.
    """

    def count(table: str) -> int:
        rows = frames[table]
        copy = _copying(place, schema, token + table, rows.columns, name)
        with model_errors_of_workers():
            counted = rows.mapInArrow(copy, "rows long").agg(F.sum("rows")).first()
        return int(counted[0] or 0) if counted else 0

    with ThreadPoolExecutor(max(1, len(frames))) as pool:
        return dict(zip(frames, pool.map(count, frames), strict=True))


def _copying(
    place: Address, schema: str, table: str, columns: Sequence[str], name: str
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def copy(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        context = TaskContext.get()
        part = context.partitionId() if context else 0
        rows = 0
        # Rows are made before the session is there, so that none waits idle for a slow stage.
        first = next(batches, None)
        if first is None:
            return
        try:
            with connected(place, name) as connection:
                target = sql.Identifier(schema, table)
                connection.execute(
                    "select pg_advisory_xact_lock(hashtextextended(%s, %s))", (table, part)
                )
                connection.execute(
                    sql.SQL("delete from {} where {} = %s").format(target, sql.Identifier(PART)),
                    (part,),
                )
                named = sql.SQL(", ").join(map(sql.Identifier, [*columns, PART]))
                statement = sql.SQL("copy {} ({}) from stdin").format(target, named)
                with connection.cursor().copy(statement) as into:
                    batch: pa.RecordBatch | None = first
                    while batch is not None:
                        into.write(lines(batch, part))
                        rows += batch.num_rows
                        batch = next(batches, None)
        except psycopg.Error as failure:
            raise refused(place, failure) from None
        yield pa.RecordBatch.from_pydict({"rows": pa.array([rows], pa.int64())})

    return copy


def lines(batch: pa.RecordBatch, part: int) -> pa.Buffer | bytes:
    """The rows in COPY's text format, each with the number of its partition at the end."""
    if not batch.num_rows:
        return b""
    last = pa.array([f"{part}\n"] * batch.num_rows, pa.large_string())
    fields = [_field(column) for column in batch.columns]
    joined = pc.binary_join_element_wise(*fields, last, pa.scalar("\t", pa.large_string()))
    _, offsets, texts = joined.buffers()
    ends = np.frombuffer(offsets, np.int64)[joined.offset : joined.offset + len(joined) + 1]
    return texts[int(ends[0]) : int(ends[-1])]


def _field(column: pa.Array) -> pa.Array:
    texts = column.cast(pa.large_string())
    textual = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    if textual and _to_escape(texts):
        for found, written in _ESCAPES:
            texts = pc.replace_substring(texts, pattern=found, replacement=written)
    return pc.fill_null(texts, "\\N")


def _to_escape(texts: pa.Array) -> bool:
    """Whether a text has a character of _ESCAPES, which few columns have."""
    _, offsets, data = texts.buffers()
    if data is None:
        return False
    ends = np.frombuffer(offsets, np.int64)
    first, last = ends[texts.offset], ends[texts.offset + len(texts)]
    return bool(_ESCAPED[np.frombuffer(data, np.uint8)[first:last]].any())
