"""Rows of PostgreSQL to executors: queries that part a table, each run by a task through COPY."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence

import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow import csv
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from jobs._postgresql.address import Address, connected, refused
from jobs._run.arrow import arrow_schema

SIZE = 4 * 1024 * 1024
"""Bytes that are made to a batch, at least (a row is never parted)."""
PAGES = 4096
"""Pages of 8 KiB that a task reads."""


def rows_of(
    spark: SparkSession, place: Address, queries: Sequence[str], schema: StructType, name: str
) -> DataFrame:
    """The rows of all queries, a task a query; the queries give the columns of the schema.

    Every action reads anew, in a transaction per task. A task that is refused raises InputError on
    its worker (model_errors_of_workers).
    """
    numbers = spark.range(0, len(queries), 1, max(1, len(queries)))
    return numbers.mapInArrow(_reading(place, list(queries), schema, name), schema)


def by_pages(
    connection: psycopg.Connection, schema: str, table: str, columns: Sequence[str]
) -> list[str]:
    """Queries that part a table by where its rows lie. No other session may change it meanwhile."""
    found = connection.execute(
        "select relkind::text, pg_relation_size(oid) / current_setting('block_size')::int"
        " from pg_class where oid = %s::regclass",
        (sql.Identifier(schema, table).as_string(connection),),
    ).fetchone()
    kind, pages = found or ("r", 0)
    query = sql.SQL("select {} from {}").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(schema, table)
    )
    whole = query.as_string(connection)
    starts = range(0, pages, PAGES) if kind == "r" else range(0)
    if len(starts) < 2:
        return [whole]
    return [
        f"{whole} where ctid >= '({start},0)'"
        + (f" and ctid < '({start + PAGES},0)'" if start != starts[-1] else "")
        for start in starts
    ]


def _reading(
    place: Address, queries: list[str], schema: StructType, name: str
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        wanted = arrow_schema(schema)
        numbers = [number for batch in batches for number in batch.column(0).to_pylist()]
        try:
            with connected(place, name) as connection:
                if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
                    # Bytes of any encoding, which the server would refuse to give as UTF-8.
                    connection.execute("set client_encoding to 'SQL_ASCII'")
                for number in numbers:
                    yield from _batches(connection, queries[number], wanted)
        except psycopg.Error as failure:
            raise refused(place, failure) from None

    return read


def _batches(
    connection: psycopg.Connection, query: str, wanted: pa.Schema
) -> Iterator[pa.RecordBatch]:
    statement = sql.SQL("copy ({}) to stdout (format csv)").format(sql.SQL(query))  # type: ignore[arg-type]
    with connection.cursor().copy(statement) as out:
        held: list[bytes] = []
        size = 0
        for row in out:
            held.append(bytes(row))
            size += len(held[-1])
            if size >= SIZE:
                yield from _parsed(b"".join(held), wanted)
                held, size = [], 0
        yield from _parsed(b"".join(held), wanted)


def _parsed(rows: bytes, wanted: pa.Schema) -> Iterator[pa.RecordBatch]:
    """CSV as COPY writes it: nothing between commas is null, two quotes are an empty text."""
    if not rows:
        return
    table = csv.read_csv(
        io.BytesIO(rows),
        csv.ReadOptions(column_names=wanted.names, block_size=len(rows) + 1, use_threads=False),
        csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        csv.ConvertOptions(
            column_types=wanted, null_values=[""], strings_can_be_null=True,
            quoted_strings_can_be_null=False, true_values=["t"], false_values=["f"],
        ),
    )  # fmt: skip
    yield from table.to_batches()
