"""Parquet files as Spark writes them, from a table in memory, without Spark."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pyspark
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

_ROW = "org.apache.spark.sql.parquet.row.metadata"


def write_as_spark(table: pa.Table, schema: StructType, folder: Path) -> None:
    """Write what Spark would for a frame of this schema and one partition, into a new folder.

    table: its columns, in the schema's order. Raises OSError.
    """
    folder.mkdir()
    file = folder / f"part-00000-{uuid4()}-c000.snappy.parquet"
    pq.write_table(_with_types(table, schema), file)
    (folder / "_SUCCESS").touch()


def _with_types(table: pa.Table, schema: StructType) -> pa.Table:
    """The table with the types that Spark gives a schema, and what it keeps of it in a file."""
    # In this order Spark itself writes what its `json` sorts.
    told = json.dumps(schema.jsonValue(), separators=(",", ":"), ensure_ascii=False)
    kept = {"org.apache.spark.version": pyspark.__version__, _ROW: told}
    fields = [field.remove_metadata() for field in to_arrow_schema(schema)]
    return table.cast(pa.schema(fields, kept))
