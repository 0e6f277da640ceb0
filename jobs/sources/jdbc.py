"""Notes of a PostgreSQL: a table (OMOP's `note` as it is) or a query, read in ranges of ids.

Tasks read through psycopg's COPY and not by Spark's JDBC: there the password is an option of the
plan, a JAR must lie where every executor finds it, and a column of text is made into Java strings
row by row.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pyspark.sql import DataFrame, SparkSession

from jobs._postgresql.settings import place_of, postgresql_url, shown
from jobs.sources.parquet import notes_of_frame
from jobs.sources.source import NOTE_ID, TEXT, Source


class Jdbc(Source):
    """A table or a query of a database, `url` with or without `jdbc:` at its beginning.

    table: its name, with its schema where it has one. query: a select with the columns `id` and
    `text`, by which more than one table can be read. partitions: tasks that read; None: a task for
    each 10,000 notes.
    """

    format: Literal["jdbc"]
    url: SecretStr
    user: str | None = None
    password: SecretStr | None = None
    text: str = "note_text"
    table: str | None = None
    query: str | None = None
    partitions: Annotated[int | None, Field(ge=1)] = None

    @field_validator("url")
    @classmethod
    def _of_postgresql(cls, url: SecretStr) -> SecretStr:
        return postgresql_url(url)

    @model_validator(mode="after")
    def _one_place(self) -> Jdbc:
        if (self.table is None) == (self.query is None):
            raise ValueError("must have `table` or `query`, and not both")
        return self

    def read(self, spark: SparkSession) -> DataFrame:
        """All notes. Each action reads anew; rows of one id lie in one task, in the same order."""
        place = place_of(self.url, self.user, self.password)
        from jobs._postgresql.note_ranges import note_rows  # noqa: PLC0415 (extra [postgresql])

        frame = note_rows(spark, place, self.query, self.table, self.id, self.text, self.partitions)
        return notes_of_frame(frame, NOTE_ID, TEXT, "utf-8").withColumnRenamed("id", NOTE_ID)

    def shown(self) -> str:
        """The database, and what is read of it."""
        return f"{shown(self.url)}, {f'table {self.table}' if self.table else 'a query'}"
