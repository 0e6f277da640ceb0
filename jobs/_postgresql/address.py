"""Where a PostgreSQL is, a connection to it, and its failures in one line without a note's text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from annotators.core.errors import ParamError
from jobs._run.exit_codes import InputError

_KEPT: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
_SECONDS = 10
_TELLING = ("08", "25", "28", "3D", "3F", "42", "53", "55", "57", "58")
"""Classes of SQLSTATE whose messages name objects of the database, never a value of a row."""

_PASSING = ("08", "53", "57")
"""Connections lost, no room, a server that shuts down."""


@dataclass(frozen=True)
class Address:
    """A database and who connects to it. The password is in no representation.

    known: libpq's parameters as (name, value), without the password.
    """

    known: tuple[tuple[str, str], ...]
    password: str | None = field(default=None, repr=False)

    def shown(self) -> str:
        """The place in words, as `host:port/database`."""
        said = dict(self.known)
        port = said.get("port", "5432")
        return f"{said.get('host', 'localhost')}:{port}/{said.get('dbname', said.get('user', ''))}"


def address(url: str, user: str | None, password: str | None) -> Address:
    """The address of `postgresql://HOST:PORT/DATABASE`, with or without `jdbc:` before it.

    The URL's parameters are libpq's, as `sslmode`; user and password may stand in it.
    Raises ParamError, which never quotes the URL: there may be a password in it.
    """
    bare = url.strip().removeprefix("jdbc:")
    if not bare.startswith(("postgresql://", "postgres://")):
        raise ParamError("url must be postgresql://HOST:PORT/DATABASE.")
    try:
        found = {name: str(value) for name, value in conninfo_to_dict(bare).items()}
    except psycopg.Error:
        raise ParamError(
            "url cannot be read; it must be postgresql://HOST:PORT/DATABASE, with parameters that "
            "libpq knows, as ?sslmode=require, and special characters as %40."
        ) from None
    within = found.pop("password", None)
    if user is not None:
        found["user"] = user
    return Address(tuple(sorted(found.items())), password if password is not None else within)


def connected(place: Address, name: str) -> psycopg.Connection:
    """A connection in UTC, in a transaction from its first statement on.

    name: what the server's list of sessions shows. Raises psycopg.Error.
    """
    given: dict[str, Any] = {**_KEPT, "connect_timeout": _SECONDS, **dict(place.known)}
    connection = psycopg.connect(
        **given, password=place.password, application_name=name, client_encoding="utf-8"
    )
    # A server that lost its client without a word ends the session, and with it the lock.
    connection.execute(
        "select set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO', false),"
        " set_config('tcp_keepalives_idle', '60', false),"
        " set_config('tcp_keepalives_interval', '20', false),"
        " set_config('tcp_keepalives_count', '3', false)"
    )
    connection.commit()
    return connection


@contextmanager
def failures_told(place: Address) -> Iterator[None]:
    """What PostgreSQL refuses becomes an InputError that says where and why, in one line."""
    try:
        yield
    except psycopg.Error as failure:
        raise refused(place, failure) from None


def refused(place: Address, failure: psycopg.Error) -> InputError:
    """The error of a run that PostgreSQL refused something: where and why, in one line."""
    passing = failure.sqlstate is None or failure.sqlstate[:2] in _PASSING
    advice = " When that is mended, run the same command again." if passing else ""
    return InputError(f"PostgreSQL at {place.shown()}: {reason(failure)}.{advice}")


def reason(failure: psycopg.Error) -> str:
    """Why, in words that hold no value of a row: a message may quote one, its class may not."""
    state = failure.sqlstate
    if state is None:
        lines = [line.strip() for line in str(failure).splitlines() if line.strip()]
        refused = isinstance(failure, psycopg.OperationalError) and lines
        return lines[0].rstrip(".") if refused else type(failure).__name__
    if state[:2] in _TELLING and failure.diag.message_primary:
        return failure.diag.message_primary.rstrip(".")
    at = ".".join(filter(None, (failure.diag.table_name, failure.diag.column_name)))
    return f"{type(failure).__name__} ({state}){f' in {at}' if at else ''}"
