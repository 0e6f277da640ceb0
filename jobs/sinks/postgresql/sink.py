"""The sink: executors copy into staging tables, then one transaction of the driver commits."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict

import psycopg
from psycopg import sql
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructField, StructType

from jobs._postgresql.address import Address, connected, failures_told
from jobs._postgresql.copy_in import PART, copied
from jobs._postgresql.copy_out import by_pages, rows_of
from jobs._postgresql.types import read_as
from jobs._run.exit_codes import InputError, LockedError
from jobs.sinks.postgresql.definition import (
    columns_of,
    created,
    current_schema,
    refusals,
    staged,
)
from jobs.sinks.postgresql.values import rows_read_back, rows_written
from jobs.sinks.tables import FINGERPRINT, NOTE_ID, NOTES, RUNS, SHA256, Run, Tables

_LOCK = "hashtextextended('notemill etl ' || %s, 0)"
_STAGED = "_notemill_"


class PostgresqlSink:
    """Tables in one schema. The lock is the server's, and ends with the driver's session."""

    def __init__(self, spark: SparkSession, place: Address, schema: str | None) -> None:
        self._spark = spark
        self._place = place
        self._wanted = schema
        self._schema = schema or ""
        self._tables: Tables = {}
        self._session: psycopg.Connection | None = None

    def check(self, tables: Tables) -> None:
        """Raise InputError unless the tables are there as they must be, or can be made."""
        with failures_told(self._place), connected(self._place, "notemill check") as connection:
            self._find_schema(connection)
            faults = list(refusals(connection, self._schema, tables))
        if faults:
            raise InputError(f"PostgreSQL at {self._place.shown()}: {faults[0]}.")
        self._tables = tables

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the schema. Raises LockedError where another session does."""
        with failures_told(self._place):
            session = connected(self._place, "notemill etl")
        try:
            with failures_told(self._place):
                session.autocommit = True
                self._find_schema(session)
                taken = session.execute(
                    f"select pg_try_advisory_lock({_LOCK})", (self._schema,)
                ).fetchone()
            if not (taken and taken[0]):
                raise LockedError(
                    f"another run writes to schema {self._schema} of PostgreSQL at "
                    f"{self._place.shown()}: start this one when that has ended."
                )
            self._session = session
            yield
        finally:
            self._session = None
            session.close()

    def recover(self) -> None:
        """End the sessions of a killed run's tasks, and drop what they staged."""
        session = self._held()
        with failures_told(self._place):
            session.execute(
                "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
                " where application_name = %s and datname = current_database()"
                " and usename = current_user",
                (self._task_name(),),
            )
            left = session.execute(
                "select relname from pg_class c join pg_namespace n on n.oid = relnamespace"
                " where nspname = %s and relname like %s and relkind = 'r'",
                (self._schema, _STAGED.replace("_", r"\_") + "%"),
            ).fetchall()
            for (table,) in left:
                place = sql.Identifier(self._schema, table)
                session.execute(sql.SQL("drop table {}").format(place))

    def done(self) -> DataFrame | None:
        """The committed `note_id, text_sha256, fingerprint`."""
        return self._read(NOTES, [NOTE_ID, SHA256, FINGERPRINT])

    def commit(
        self, replaced: DataFrame | None, tables: Mapping[str, DataFrame], run: Run,
        rows: Mapping[str, int] | None = None,
    ) -> None:  # fmt: skip
        """Stage the rows from the executors, then put them in place in one transaction."""
        session = self._held()
        token = f"{_STAGED}{secrets.token_hex(4)}_"
        going = replaced and replaced.select(NOTE_ID).distinct()
        frames = {**tables, **({"replaced": going} if going is not None else {})}
        counts = self._stage(session, token, frames)
        with failures_told(self._place), session.transaction():
            self._make_tables(session)
            if going is not None:
                self._delete(session, token + "replaced")
            for name in tables:
                put = self._insert(session, token + name, name, tables[name].columns)
                made = {counts[name], (rows or {}).get(name, counts[name])}
                if made != {put}:
                    raise InputError(
                        f"PostgreSQL at {self._place.shown()}: {put} rows of {name} are staged, "
                        f"{max(made)} were made: run the same command again."
                    )
            self._put_run(session, run)
            for name in frames:
                place = sql.Identifier(self._schema, token + name)
                session.execute(sql.SQL("drop table {}").format(place))

    def read(self, table: str) -> DataFrame | None:
        """A table as it is committed when the frame is evaluated."""
        return self._read(table, None)

    def _find_schema(self, connection: psycopg.Connection) -> None:
        found = current_schema(connection, self._wanted)
        if found is None:
            raise InputError(
                f"PostgreSQL at {self._place.shown()}: the user has no schema: name one with "
                "sink.schema."
            )
        self._schema = found

    def _held(self) -> psycopg.Connection:
        if self._session is None:
            raise RuntimeError("the sink must be locked first")
        return self._session

    def _task_name(self) -> str:
        return f"notemill task {self._schema}"[:63]

    def _stage(
        self, session: psycopg.Connection, token: str, frames: Mapping[str, DataFrame]
    ) -> dict[str, int]:
        with failures_told(self._place), session.transaction():
            self._make_schema(session)
            for name, rows in frames.items():
                session.execute(staged(self._schema, token + name, rows.schema, PART))
        written = {name: rows_written(rows) for name, rows in frames.items()}
        return copied(self._place, self._schema, token, written, self._task_name())

    def _make_schema(self, session: psycopg.Connection) -> None:
        asked = "select from pg_namespace where nspname = %s"
        if not session.execute(asked, (self._schema,)).fetchall():
            session.execute(sql.SQL("create schema {}").format(sql.Identifier(self._schema)))

    def _make_tables(self, session: psycopg.Connection) -> None:
        self._make_schema(session)
        for table, columns in self._tables.items():
            if not columns_of(session, self._schema, table):
                for statement in created(self._schema, table, columns):
                    session.execute(statement)

    def _delete(self, session: psycopg.Connection, going: str) -> None:
        ids = sql.Identifier(self._schema, going)
        session.execute(sql.SQL("analyze {}").format(ids))
        null = session.execute(
            sql.SQL("select exists (select from {} where {} is null)").format(
                ids, sql.Identifier(NOTE_ID)
            )
        ).fetchone()
        for table in self._tables:
            if table == RUNS:
                continue
            names = {
                "table": sql.Identifier(self._schema, table), "id": sql.Identifier(NOTE_ID),
                "going": ids,
            }  # fmt: skip
            session.execute(
                sql.SQL("delete from {table} where {id} in (select {id} from {going})").format(
                    **names
                )
            )
            if null and null[0]:
                session.execute(sql.SQL("delete from {table} where {id} is null").format(**names))

    def _insert(
        self, session: psycopg.Connection, source: str, table: str, columns: list[str]
    ) -> int:
        named = sql.SQL(", ").join(map(sql.Identifier, columns))
        return session.execute(
            sql.SQL("insert into {} ({}) select {} from {}").format(
                sql.Identifier(self._schema, table), named, named,
                sql.Identifier(self._schema, source),
            )
        ).rowcount  # fmt: skip

    def _put_run(self, session: psycopg.Connection, run: Run) -> None:
        table = sql.Identifier(self._schema, RUNS)
        row = asdict(run)
        session.execute(
            sql.SQL(
                "update {} set state = 'interrupted' where state = 'running' and run_id <> %s"
            ).format(table),
            (run.run_id,),
        )
        session.execute(sql.SQL("delete from {} where run_id = %s").format(table), (run.run_id,))
        session.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                table,
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join([sql.Placeholder()] * len(row)),
            ),
            list(row.values()),
        )

    def _read(self, table: str, wanted: list[str] | None) -> DataFrame | None:
        with failures_told(self._place), connected(self._place, "notemill read") as connection:
            self._find_schema(connection)
            found = columns_of(connection, self._schema, table)
            if not found:
                return None
            columns = wanted or list(found)
            queries = by_pages(connection, self._schema, table, columns)
        schema = StructType([StructField(name, read_as(found[name])) for name in columns])
        rows = rows_of(self._spark, self._place, queries, schema, "notemill read")
        return rows_read_back(rows)
