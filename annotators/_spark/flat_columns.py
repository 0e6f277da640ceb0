"""Annotation columns taken apart into flat arrays, with Spark SQL, for pandas UDFs to read.

Structs with maps cost a pandas UDF a Python object each; arrays of numbers cost a third of that.
Only Spark before 4.1 needs this: from there on annotations cross as they are, by Arrow UDFs.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import Column
from pyspark.sql import functions as F

from annotators.core.annotations import UNREADABLE

_METADATA_READERS = {
    "sentence": "transform({}, a -> coalesce(try_cast(a.metadata['sentence'] as int), -1))",
    "chunk": "transform({}, a -> coalesce(try_cast(a.metadata['chunk'] as int), -1))",
    "entity": "transform({}, a -> coalesce(a.metadata['entity'], ''))",
    "confidence": (
        "transform({}, a -> coalesce(try_cast("
        "coalesce(a.metadata['confidence'], a.metadata[a.result], 'NaN') as float), "
        f"float('{UNREADABLE}')))"
    ),
}


def flat_columns(column: str, fields: Iterable[str], prefix: str) -> list[Column]:
    """The flat arrays of an annotation column: spans, results and the metadata `fields` asked for.

    column: as Spark SQL writes it.
    `sentence` and `chunk` are ints (-1 where one is missing or no number), `entity` is text (empty
    where it is missing), `confidence` the number under that key or under the result itself, as
    Spark NLP reads it (NaN where there is none, UNREADABLE where it is none). A null column gives
    null arrays.
    """
    parts = {part: F.expr(f"{column}.{part}") for part in ("begin", "end", "result")}
    parts.update({wanted: F.expr(_METADATA_READERS[wanted].format(column)) for wanted in fields})
    return [part.alias(f"{prefix}{wanted}") for wanted, part in parts.items()]
