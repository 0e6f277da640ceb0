"""Spark's schemas as Arrow has them, in every pyspark from 3.5 on."""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType, TimestampNTZType, TimestampType


def arrow_schema(schema: StructType) -> pa.Schema:
    """The columns, all of which may be null; times are microseconds of UTC."""
    # Pyspark 4.3 asks for a time zone where there is a timestamp, and 3.5 knows no such argument.
    plain = StructType()
    for field in schema.fields:
        timed = isinstance(field.dataType, TimestampType)
        plain = plain.add(field.name, TimestampNTZType() if timed else field.dataType)
    return pa.schema(
        [
            pa.field(
                found.name,
                pa.timestamp("us", "UTC")
                if isinstance(field.dataType, TimestampType)
                else found.type,
            )
            for found, field in zip(to_arrow_schema(plain), schema.fields, strict=True)
        ]
    )
