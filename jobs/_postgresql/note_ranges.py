"""Notes of a table or query in ranges of their ids, as many in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import psycopg
from psycopg import sql
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import BinaryType, StructField, StructType

from annotators.core.errors import InputColumnError
from jobs._postgresql.address import Address, connected, failures_told
from jobs._postgresql.copy_out import rows_of
from jobs._postgresql.types import read_as
from jobs._run.exit_codes import InputError
from jobs.sources.records import column

A_TASK = 10_000
"""Notes that a task reads."""
_TEXTS = ("text", "character varying", "character", "name", "citext", "xml")


@dataclass(frozen=True)
class _Found:
    """What is read, as SQL after `from`; the columns meant, and the type of the ids."""

    relation: sql.Composable
    id: str
    text: str
    id_type: str


def note_rows(
    spark: SparkSession, place: Address, query: str | None, table: str | None,
    id_col: str, text_col: str, partitions: int | None,
) -> DataFrame:  # fmt: skip
    """Columns `note_id` and `text`, the latter as bytes: a database may hold what is not text.

    Raises InputError or InputColumnError, in one line.
    """
    with failures_told(place), connected(place, "notemill read") as connection:
        connection.read_only = True
        found = _found(connection, _relation(query, table), id_col, text_col)
        queries = _ranges(connection, found, partitions)
    schema = StructType(
        [StructField("note_id", read_as(found.id_type)), StructField("text", BinaryType())]
    )
    return rows_of(spark, place, queries, schema, "notemill read")


def _relation(query: str | None, table: str | None) -> sql.Composable:
    if query is not None:
        return sql.SQL("({}\n) q").format(sql.SQL(query.strip().rstrip(";")))  # type: ignore[arg-type]
    return sql.Identifier(*(table or "").split("."))


def _found(
    connection: psycopg.Connection, relation: sql.Composable, id_col: str, text_col: str
) -> _Found:
    cursor = connection.execute(sql.SQL("select * from {} limit 0").format(relation))
    result = cursor.pgresult
    described = cursor.description or []
    names = [one.name for one in described]
    types = {}
    for wanted in (id_col, text_col):
        name = column(names, wanted)
        if name is None or result is None:
            raise InputColumnError(
                f"source: there is no column '{wanted}'. Columns that exist: "
                f"{', '.join(sorted(names))}. Name yours with source.id and source.text."
            )
        place = names.index(name)
        told = connection.execute(
            "select format_type(%s, %s)", (described[place].type_code, result.fmod(place))
        ).fetchone()
        types[name] = told[0] if told else "text"
    (identity, id_type), (text, text_type) = [*types.items(), *types.items()][:2]
    if text_type.split("(")[0] not in _TEXTS:
        raise InputError(
            f"column '{text}' is {text_type}; text must be a text: name the text's column with "
            "source.text."
        )
    return _Found(relation, identity, text, id_type)


def _ranges(connection: psycopg.Connection, found: _Found, partitions: int | None) -> list[str]:
    """A query a range. Rows come in the same order each time, as a repeated task must see them."""
    names = {
        "id": sql.Identifier(found.id), "text": sql.Identifier(found.text),
        "relation": found.relation, "type": sql.SQL(found.id_type),  # type: ignore[arg-type]
    }  # fmt: skip
    count = connection.execute(sql.SQL("select count(*) from {relation}").format(**names))
    notes = (count.fetchone() or [0])[0]
    tasks = min(partitions or -(-notes // A_TASK), max(1, notes))
    cuts: Sequence[str] = []
    if tasks > 1:
        parts = [number / tasks for number in range(1, tasks)]
        cut = connection.execute(
            sql.SQL(
                "select percentile_disc({parts}::float8[]) within group (order by {id})::text[]"
                " from {relation}"
            ).format(**names, parts=sql.Literal(parts))
        ).fetchone()
        cuts = sorted(set(cut[0]), key=cut[0].index) if cut and cut[0] else []
    read = sql.SQL(
        "select {id}, {text}::text from {relation} where {where} order by {id}, {text}::text"
    )
    bounds = [None, *cuts, None]
    return [
        read.format(**names, where=_where(names, low, high)).as_string(connection)
        for low, high in pairwise(bounds)
    ]


def _where(names: dict[str, sql.Composable], low: str | None, high: str | None) -> sql.Composed:
    """Ids above `low` up to `high`; those that are null come with the first."""
    parts = [
        sql.SQL("{id} {sign} {value}::{type}").format(
            **names, sign=sql.SQL(sign), value=sql.Literal(value)
        )
        for sign, value in ((">", low), ("<=", high))
        if value is not None
    ]
    inside = sql.SQL(" and ").join(parts) if parts else sql.SQL("true")
    if low is None and high is not None:
        return sql.SQL("({inside} or {id} is null)").format(**names, inside=inside)
    return sql.SQL("{}").format(inside)
