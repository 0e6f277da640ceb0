"""Values as PostgreSQL holds them: ids with NUL, nested values as JSON; and back."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField

from jobs._postgresql.types import as_written, nested
from jobs.sinks.tables import NOTE_ID

_NUL, _ESCAPE = "\x00", "\u2400"
"""No text of PostgreSQL holds NUL. An id keeps it as ESCAPE and 0, so that ids stay different."""


def rows_written(rows: DataFrame) -> DataFrame:
    """The rows as COPY takes them."""
    return rows.select(*[_written(field).alias(field.name) for field in rows.schema])


def rows_read_back(rows: DataFrame) -> DataFrame:
    """Rows of the database as they were before they were written."""
    return rows.select(*[_read_back(field).alias(field.name) for field in rows.schema])


def _written(field: StructField) -> Column:
    column = F.col(f"`{field.name}`")
    if field.name == NOTE_ID and isinstance(field.dataType, StringType):
        escaped = F.regexp_replace(column, _ESCAPE, f"{_ESCAPE}1")
        return F.regexp_replace(escaped, _NUL, f"{_ESCAPE}0")
    written = as_written(column, field.dataType)
    # JSON writes NUL as an escape, which jsonb refuses.
    return F.regexp_replace(written, r"\\u0000", r"\\ufffd") if nested(field.dataType) else written


def _read_back(field: StructField) -> Column:
    column = F.col(f"`{field.name}`")
    if field.name == NOTE_ID and isinstance(field.dataType, StringType):
        plain = F.regexp_replace(column, f"{_ESCAPE}0", _NUL)
        return F.regexp_replace(plain, f"{_ESCAPE}1", _ESCAPE)
    return column
