"""Spark's types and PostgreSQL's: what a column is made as, and which that exist can hold it."""

from __future__ import annotations

import re

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

_INTEGERS = ("smallint", "integer", "bigint", "numeric")
_TEXTS = ("text", "character varying")
_NAMES: dict[str, tuple[str, tuple[str, ...]]] = {
    "boolean": ("boolean", ()),
    "tinyint": ("smallint", _INTEGERS),
    "smallint": ("smallint", _INTEGERS),
    "int": ("integer", _INTEGERS),
    "bigint": ("bigint", _INTEGERS),
    "float": ("real", ("double precision", "numeric")),
    "double": ("double precision", ("numeric",)),
    "string": ("text", _TEXTS),
    "binary": ("bytea", ()),
    "date": ("date", ()),
    "timestamp": ("timestamp with time zone", ("timestamp without time zone",)),
    "timestamp_ntz": ("timestamp without time zone", ("timestamp with time zone",)),
}
_SPARK: dict[str, DataType] = {
    "boolean": BooleanType(), "smallint": ShortType(), "integer": IntegerType(),
    "bigint": LongType(), "real": FloatType(), "double precision": DoubleType(),
    "date": DateType(), "timestamp with time zone": TimestampType(),
    "timestamp without time zone": TimestampNTZType(), "bytea": BinaryType(),
}  # fmt: skip
_NUMERIC = re.compile(r"numeric\((\d+),(-?\d+)\)")


def made_as(kind: DataType) -> str:
    """The type of a column that is made for a Spark type; nested ones become JSON."""
    if isinstance(kind, DecimalType):
        return f"numeric({kind.precision},{kind.scale})"
    return "jsonb" if nested(kind) else _NAMES[_simple(kind)][0]


def holds(found: str, kind: DataType) -> bool:
    """Whether a column of the type `found` (as format_type writes it) can hold a Spark type.

    Integers of another width count: a value that does not fit ends the run, and is not cut.
    """
    bare = found.split("(", maxsplit=1)[0]
    if isinstance(kind, DecimalType):
        return bare == "numeric"
    if nested(kind):
        return bare in ("jsonb", "json", "text")
    own, others = _NAMES[_simple(kind)]
    return bare == own or bare in others


def read_as(found: str) -> DataType:
    """The Spark type for a column of PostgreSQL's type; what has no counterpart is text."""
    decimal = _NUMERIC.fullmatch(found)
    if decimal and 0 <= int(decimal[2]) <= int(decimal[1]) <= 38:
        return DecimalType(int(decimal[1]), int(decimal[2]))
    return _SPARK.get(found.split("(", maxsplit=1)[0], StringType())


def as_written(column: Column, kind: DataType) -> Column:
    """A column as COPY takes it: nested values as JSON, bytes in hex."""
    if nested(kind):
        return F.to_json(column)
    if isinstance(kind, BinaryType):
        return F.concat(F.lit("\\x"), F.hex(column))
    return column


def nested(kind: DataType) -> bool:
    """Whether a value of this type has parts."""
    return isinstance(kind, (ArrayType, MapType, StructType))


def _simple(kind: DataType) -> str:
    """A type's name; a string by any length is a string."""
    name = kind.simpleString()
    return "string" if name.startswith(("char", "varchar", "string")) else name
