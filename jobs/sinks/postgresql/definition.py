"""The tables in PostgreSQL: whether those that exist fit, and how those that do not are made."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import sql
from pyspark.sql.types import StructType

from jobs._postgresql.types import holds, made_as
from jobs.sinks.tables import ENTITIES, NOTE_ID, NOTE_NLP, NOTES, REJECTS, RUNS, Tables

NOTE_NLP_ID = "note_nlp_id"
_KEYS = {RUNS: ("run_id",), NOTE_NLP: (NOTE_NLP_ID,)}
_UNIQUE = {NOTES: (NOTE_ID, "fingerprint")}
_INDEXED = dict.fromkeys((ENTITIES, NOTE_NLP, REJECTS), (NOTE_ID,))


def current_schema(connection: psycopg.Connection, wanted: str | None) -> str | None:
    """The schema that is written to; None where the user has none."""
    if wanted is not None:
        return wanted
    found = connection.execute("select current_schema()").fetchone()
    return None if found is None else found[0]


def refusals(connection: psycopg.Connection, schema: str, tables: Tables) -> Iterator[str]:
    """What keeps the tables from being written, each in a clause. Changes nothing."""
    asked = "select current_setting('transaction_read_only'), current_setting('server_encoding')"
    read_only, encoding = connection.execute(asked).fetchone() or ("off", "UTF8")
    if read_only == "on":
        yield "the server is read-only (a standby?): name the primary"
    if encoding != "UTF8":
        yield f"the database's encoding is {encoding}, expected UTF8: make another database"
    there = connection.execute(
        "select has_schema_privilege(oid, 'CREATE') and has_schema_privilege(oid, 'USAGE')"
        " from pg_namespace where nspname = %s",
        (schema,),
    ).fetchone()
    if there is None:
        may = "select has_database_privilege(current_database(), 'CREATE')"
        if (connection.execute(may).fetchone() or [False])[0] is False:
            yield f"there is no schema {schema}, and the user may not create it"
        return
    if not there[0]:
        yield f"the user may not create tables in schema {schema} (rows are staged there)"
    for table, columns in tables.items():
        yield from _unfit(connection, schema, table, columns)


def created(schema: str, table: str, columns: StructType) -> Iterator[sql.Composed]:
    """The statements that make a table and its indexes where they are not there."""
    defined = [
        sql.SQL("{} {}").format(sql.Identifier(f.name), sql.SQL(made_as(f.dataType)))  # type: ignore[arg-type]
        for f in columns.fields
    ]
    for kind, keys in (("primary key", _KEYS), ("unique", _UNIQUE)):
        if table in keys:
            defined.append(sql.SQL(kind + " ({})").format(_listed(keys[table])))  # type: ignore[arg-type]
    yield sql.SQL("create table {} ({})").format(
        sql.Identifier(schema, table), sql.SQL(", ").join(defined)
    )
    if table in _INDEXED:
        yield sql.SQL("create index on {} ({})").format(
            sql.Identifier(schema, table), _listed(_INDEXED[table])
        )


def staged(schema: str, table: str, columns: StructType, part: str) -> sql.Composed:
    """The statement that makes a staging table, which a crash of the server may empty."""
    defined = [
        sql.SQL("{} {}").format(sql.Identifier(f.name), sql.SQL(made_as(f.dataType)))  # type: ignore[arg-type]
        for f in columns.fields
    ]
    return sql.SQL("create unlogged table {} ({}, {} integer)").format(
        sql.Identifier(schema, table), sql.SQL(", ").join(defined), sql.Identifier(part)
    )


def columns_of(connection: psycopg.Connection, schema: str, table: str) -> dict[str, str]:
    """The columns of a table with their types as PostgreSQL writes them; empty for no table."""
    return dict(
        connection.execute(
            "select attname, format_type(atttypid, atttypmod)"
            " from pg_attribute a join pg_class c on c.oid = attrelid"
            " join pg_namespace n on n.oid = relnamespace"
            " where nspname = %s and relname = %s and attnum > 0 and not attisdropped"
            " order by attnum",
            (schema, table),
        ).fetchall()
    )


def _unfit(
    connection: psycopg.Connection, schema: str, table: str, columns: StructType
) -> Iterator[str]:
    found = columns_of(connection, schema, table)
    if not found:
        return
    wanted = {f.name: f.dataType for f in columns.fields}
    missing, more = sorted(wanted.keys() - found.keys()), sorted(found.keys() - wanted.keys())
    if missing or more:
        parts = [f"lacks {', '.join(missing)}"] if missing else []
        parts += [f"has {', '.join(more)} besides"] if more else []
        yield f"table {schema}.{table} {' and '.join(parts)}: rename it or name another schema"
        return
    for name, kind in wanted.items():
        narrow = name == NOTE_NLP_ID and found[name] in ("integer", "smallint")
        if narrow or not holds(found[name], kind):
            expected = made_as(kind)
            yield (
                f"column {schema}.{table}.{name} is {found[name]}, expected {expected}: alter its "
                "type or name another schema"
            )
    rights = connection.execute(
        "select has_table_privilege(c.oid, 'SELECT') and has_table_privilege(c.oid, 'INSERT')"
        " and has_table_privilege(c.oid, 'DELETE'), relkind::text from pg_class c"
        " join pg_namespace n on n.oid = relnamespace where nspname = %s and relname = %s",
        (schema, table),
    ).fetchone()
    if rights and rights[1] not in ("r", "p"):
        yield f"{schema}.{table} is not a table"
    elif rights and not rights[0]:
        yield f"the user may not select, insert and delete in {schema}.{table}"


def _listed(names: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
