"""Keys that name a PostgreSQL; psycopg is needed only once it is connected to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from jobs._run.exit_codes import InputError

if TYPE_CHECKING:
    from jobs._postgresql.address import Address

_BEGINNINGS = ("postgresql://", "postgres://", "jdbc:postgresql://")


def postgresql_url(url: SecretStr) -> SecretStr:
    """The URL. Raises ValueError where it is of another kind."""
    if not url.get_secret_value().startswith(_BEGINNINGS):
        raise ValueError("must be postgresql://HOST:PORT/DATABASE")
    return url


def place_of(url: SecretStr, user: str | None, password: SecretStr | None) -> Address:
    """The address. Raises InputError where psycopg is not installed, ParamError for a bad URL."""
    try:
        from jobs._postgresql.address import address  # noqa: PLC0415 (extra [postgresql])
    except ImportError:
        raise InputError(
            "psycopg is not installed: pip install 'notemill[postgresql]', here and where the "
            "executors run."
        ) from None
    return address(
        url.get_secret_value(), user, None if password is None else password.get_secret_value()
    )


def shown(url: SecretStr) -> str:
    """The database in words, without who connects and how."""
    bare = url.get_secret_value().split("://", 1)[-1].split("?")[0].rsplit("@", 1)[-1]
    return f"PostgreSQL at {bare}"
