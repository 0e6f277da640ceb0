"""A few notes annotated by this process: no job reads or writes them, no worker opens the model.

The kernels, the columns that they give and the files that are written are those of Spark's jobs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import LongType, StringType, StructField, StructType

from annotators._spark.transform import ARROW_UDFS
from annotators.fusion import FusedStages
from jobs._annotate.asked import ID, TEXT, Asked
from jobs._annotate.counts import Counts, counts_of_errors
from jobs._annotate.ready import Ready
from jobs._run.annotating import ASSERTED
from jobs.sinks.output import Output
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


def few_notes(asked: Asked, files: Sequence[File], ready: Ready, most: int = FEW) -> Few | None:
    """The notes, where they are few, lie here and are told apart; None for all that Spark reads.

    most: bytes of files. Raises what `read_notes` raises.
    """
    plain = not any(is_packed(file.path) for file in files)
    small = plain and sum(file.size for file in files) <= most and asked.partitions is None
    alone = len(ready.fitted.stages) == 1 and isinstance(ready.fitted.stages[0], FusedStages)
    if not (small and alone and ARROW_UDFS):
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


def annotate_few(
    place: Output, few: Few, ready: Ready, asked: Asked, tried: Callable[[], None]
) -> tuple[Counts, float]:
    """Write notes and entities; what was done, and the seconds that it took.

    tried: raises ModelError where the model cannot run; asked before any work.
    """
    started = time.monotonic()
    tried()
    named, id_name = ready.named, ready.id_name(asked.id_col)
    fused = cast("FusedStages", ready.fitted.stages[0])
    made = fused.texts_annotated(TEXT, [record.text for record in few.records])
    # Told of a row by its reader, if it told anything, else by a stage.
    failed = zip(few.records, made[ERROR].to_pylist(), strict=True)
    errors = [record.error or error for record, error in failed]
    read, held, id_kind = _ID_TYPES[few.id_type]
    ids = pa.array([read(record.id) for record in few.records], held)
    columns = [ids, *(made[name] for name in named.columns), pa.array(errors, pa.string())]
    notes = pa.Table.from_arrays(columns, [id_name, *named.columns, ERROR])
    texts = [StructField(ID, id_kind), StructField(TEXT, StringType())]
    after = fused.transformSchema(StructType(texts))
    fields = [StructField(id_name, id_kind), *(after[name] for name in named.columns)]
    place.put_table(notes, StructType([*fields, StructField(ERROR, StringType())]), "notes")
    count = 0
    if named.chunks:
        entities = _entities(notes, id_name, named.chunks, named.assertions)
        place.put_table(entities, from_arrow_schema(entities.schema), "entities")
        count = entities.num_rows
    return counts_of_errors(errors, count), time.monotonic() - started


def _entities(notes: pa.Table, id_name: str, chunks: str, assertions: str | None) -> pa.Table:
    """What `entities` of jobs/_run/annotating.py makes of the notes: a row per chunk."""
    lists = notes[chunks].combine_chunks()
    chunk, owners = lists.flatten(), pc.list_parent_indices(lists)

    def told(annotations: pa.Array, name: str) -> pa.Array:
        return pc.map_lookup(pc.struct_field(annotations, "metadata"), name, "first")

    columns = {
        "begin": pc.struct_field(chunk, "begin"),
        "end": pc.struct_field(chunk, "end"),
        "text": pc.struct_field(chunk, "result"),
        "label": told(chunk, "entity"),
        "score": told(chunk, "confidence").cast(pa.float32()),
        "sentence": told(chunk, "sentence").cast(pa.int32()),
    }
    if assertions:
        said = notes[assertions].combine_chunks().flatten()
        columns["assertion"] = pc.struct_field(said, "result")
        columns |= {name: told(said, name) for name in ASSERTED}
    return pa.table({id_name: notes[id_name].combine_chunks().take(owners), **columns})
