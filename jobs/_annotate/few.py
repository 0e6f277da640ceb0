"""A few notes annotated by the driver: no job reads them, and no worker opens the model.

The kernels, and the columns that they give, are those of a worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import LongType, StringType, StructField, StructType

from annotators._spark.transform import ARROW_UDFS
from annotators.fusion import FusedStages
from jobs._annotate.asked import ID, TEXT, Asked
from jobs._annotate.counts import Counts, counts_of_errors
from jobs._annotate.ready import Ready
from jobs._run.slots import runs_here
from jobs.sources.files import ERROR, File, read_here
from jobs.sources.formats import is_packed
from jobs.sources.records import Record

FEW = 32_000
"""Bytes of files: half a second of inference, where a worker takes some seconds to start."""
_ID_TYPES = {"string": (str, pa.string(), StringType()), "bigint": (int, pa.int64(), LongType())}


@dataclass(frozen=True)
class Few:
    """Notes that have an id of their own each."""

    id_type: str
    records: list[Record]


def few_notes(spark: SparkSession, asked: Asked, files: Sequence[File], ready: Ready) -> Few | None:
    """The notes, where they are few, lie here and are told apart; None for all that Spark reads.

    Raises what `read_notes` raises.
    """
    plain = not any(is_packed(file.path) for file in files)
    small = plain and sum(file.size for file in files) <= FEW and asked.partitions is None
    alone = len(ready.fitted.stages) == 1 and isinstance(ready.fitted.stages[0], FusedStages)
    if not (small and alone and ARROW_UDFS and runs_here(spark)):
        return None
    found = read_here(
        asked.input, asked.format, asked.id_col, asked.text_col, files=files, **asked.reading
    )
    if found is None:
        return None
    id_type, records = found
    ids = {record.id for record in records}
    apart = len(ids) == len(records) and None not in ids
    sound = apart and id_type in _ID_TYPES and _encodable(records)
    return Few(id_type, records) if sound else None


def _encodable(records: Sequence[Record]) -> bool:
    """Whether the texts are such as Arrow takes; some encodings give halves of characters."""
    try:
        "".join(record.text or "" for record in records).encode()
    except UnicodeEncodeError:
        return False
    return True


def annotated_here(
    spark: SparkSession, few: Few, ready: Ready, id_name: str
) -> tuple[DataFrame, Counts]:
    """The notes annotated, as a frame with one partition, and what was done."""
    named, fused = ready.named, cast("FusedStages", ready.fitted.stages[0])
    made = fused.texts_annotated(TEXT, [record.text for record in few.records])
    # Told of a row by its reader, if it told anything, else by a stage.
    failed = zip(few.records, made[ERROR].to_pylist(), strict=True)
    errors = [record.error or error for record, error in failed]
    read, held, id_kind = _ID_TYPES[few.id_type]
    ids = pa.array([read(record.id) for record in few.records], held)
    columns = [ids, *(made[name] for name in named.columns), pa.array(errors, pa.string())]
    table = pa.Table.from_arrays(columns, [id_name, *named.columns, ERROR])
    texts = [StructField(ID, id_kind), StructField(TEXT, StringType())]
    after = fused.transformSchema(StructType(texts))
    fields = [StructField(id_name, id_kind), *(after[name] for name in named.columns)]
    schema = StructType([*fields, StructField(ERROR, StringType())])
    entities = pc.sum(pc.list_value_length(made[named.chunks])).as_py() if named.chunks else 0
    frame = spark.createDataFrame(table, schema).coalesce(1)
    return frame, counts_of_errors(errors, entities or 0)
