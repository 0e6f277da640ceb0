"""What a configuration says of PostgreSQL as a sink."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pyspark.sql import SparkSession

from jobs._postgresql.settings import place_of, postgresql_url, shown
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

    @field_validator("url")
    @classmethod
    def _of_postgresql(cls, url: SecretStr) -> SecretStr:
        return postgresql_url(url)

    def open(self, spark: SparkSession) -> Sink:
        """The sink. Raises InputError where psycopg is not installed, ParamError for a bad URL."""
        place = place_of(self.url, self.user, self.password)
        from jobs.sinks.postgresql.sink import PostgresqlSink  # noqa: PLC0415 (extra [postgresql])

        return PostgresqlSink(spark, place, self.in_schema)

    def shown(self) -> str:
        """The database and the schema."""
        where = f", schema {self.in_schema}" if self.in_schema else ""
        return f"{shown(self.url)}{where}"
