"""What a configuration says of PostgreSQL as a sink."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr
from pyspark.sql import SparkSession

from jobs._run.exit_codes import InputError
from jobs.sinks.sink import Sink, SinkSettings


class PostgresqlSettings(SinkSettings):
    """A database: `url` is postgresql://HOST:PORT/DATABASE, with libpq's parameters.

    schema: where the tables are, made where it is missing; None: the user's own.
    """

    format: Literal["postgresql"]
    url: SecretStr
    user: str | None = None
    password: SecretStr | None = None
    in_schema: str | None = Field(None, alias="schema", min_length=1, max_length=63)

    def open(self, spark: SparkSession) -> Sink:
        """The sink. Raises InputError where psycopg is not installed, ParamError for a bad URL."""
        try:
            from jobs._postgresql.address import address  # noqa: PLC0415 (extra [postgresql])
            from jobs.sinks.postgresql.sink import PostgresqlSink  # noqa: PLC0415
        except ModuleNotFoundError:
            raise InputError(
                "psycopg is not installed: pip install 'notemill[postgresql]', here and where "
                "the executors run."
            ) from None
        password = self.password and self.password.get_secret_value()
        place = address(self.url.get_secret_value(), self.user, password)
        return PostgresqlSink(spark, place, self.in_schema)

    def shown(self) -> str:
        """The database and the schema."""
        bare = self.url.get_secret_value().split("://", 1)[-1].split("?")[0].rsplit("@", 1)[-1]
        return f"PostgreSQL {bare}" + (f", schema {self.in_schema}" if self.in_schema else "")
