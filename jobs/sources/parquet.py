"""Parquet to (id, text, error): every file in sub-folders, bytes as text, partitions as written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pandas as pd
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import BinaryType, DataType, StringType, StructField, StructType

from annotators.schema import quoted
from jobs._run.exit_codes import InputError
from jobs.sources.decoding import UNDECODABLE, decoded
from jobs.sources.listing import LOST_NAMES, File, literal, names_are_lost
from jobs.sources.records import UNDECODED, column


def read_parquet(spark: SparkSession, path: str, files: Sequence[File], id_col: str) -> DataFrame:
    """The frame of all files. A partition `note_id=001` keeps the id 001."""
    folders = {part for file in files for part in file.name.split("/")[:-1]}
    known = folders and all("=" in part for part in folders)
    here = files[0].here
    # Java keeps the folder that it was started in; a notebook may have gone to another since.
    place = str(Path(path).absolute()) if here and not path.startswith("file:") else path
    place = literal(place) if here and _exists(files, place) else place
    reader = spark.read if known else spark.read.option("recursiveFileLookup", "true")
    frame = reader.parquet(place)
    schema = frame.schema
    if known and any(part.partition("=")[0].casefold() == id_col.casefold() for part in folders):
        named = column(schema.names, id_col)
        fields = [StructField(f.name, StringType()) if f.name == named else f for f in schema]
        frame = reader.schema(StructType(fields)).parquet(place)
    return frame


def _hidden(name: str) -> bool:
    parts = name.split("/")
    return any((p.startswith("_") and "=" not in p) or ":" in p for p in parts)


def check_names(spark: SparkSession, path: str, files: Sequence[File]) -> None:
    """Raise InputError where Java, which leaves out what it cannot name, would not see them all."""
    hidden = next((f.name for f in files if f.here and _hidden(f.name)), None)
    if hidden is not None:
        raise InputError(
            f"cannot read {path}: Spark leaves out Parquet files and folders whose names begin "
            f"with _ or contain a colon ({hidden}): rename them."
        )
    odd = next((f.path for f in files if f.here and not f.path.isascii()), None)
    if odd is not None and names_are_lost(spark, odd):
        raise InputError(f"cannot read {path}: {LOST_NAMES}")


def _exists(files: Sequence[File], path: str) -> bool:
    """Whether a local path is not a pattern: its files lie below the path as it is written."""
    return any(c in path for c in "[]{}*?") and any(f"{path.rstrip('/')}" in f.path for f in files)


def field(frame: DataFrame, wanted: str) -> tuple[Column, DataType] | None:
    """A column by its name, whatever its case, or a field in a struct by `a.b`, and its type."""
    found = column(frame.columns, wanted)
    if found is not None:
        return F.col(quoted(found)), frame.schema[found].dataType
    head, _, rest = wanted.partition(".")
    top = column(frame.columns, head)
    if not rest or top is None:
        return None
    at, kind = F.col(quoted(top)), frame.schema[top].dataType
    for step in rest.split("."):
        inner = column(kind.names, step) if isinstance(kind, StructType) else None
        if inner is None or not isinstance(kind, StructType):
            return None
        at, kind = at[inner], kind[inner].dataType
    return at, kind


def notes_of_frame(
    frame: DataFrame, id_col: str, text_col: str, encoding: str, missing: Exception | None = None
) -> DataFrame:
    """The columns `id`, `text` and `error` of a frame that has `id_col` and `text_col`.

    Strings and bytes become text where they decode; a row where they do not has an error.
    Raises InputError where the text is neither, or the id a list, map or struct.
    """
    identity, text = field(frame, id_col), field(frame, text_col)
    if identity is None or text is None:
        raise missing or InputError(f"there is no column '{id_col if text else text_col}'.")
    if not _textual(text[1]):
        raise InputError(
            f"column '{text_col}' is {text[1].simpleString().split('<')[0]}; text must be a string "
            "(or bytes of one): name the text's column with --text-col (etl: source.text)."
        )
    if identity[1].typeName() in _NESTED:
        raise InputError(
            f"column '{id_col}' is {identity[1].typeName()}; an id must be one value: "
            "name another column with --id-col (etl: source.id)."
        )
    as_bytes = text[0].cast("binary")
    read = _decoder(encoding)(as_bytes)
    named, id_error = identity[0], F.lit(None).cast("string")
    if _textual(identity[1]):
        id_read = _decoder(encoding)(identity[0].cast("binary"))
        named, id_error = id_read["text"], id_read["error"]
    return frame.select(named.alias("id"), read.alias("read"), id_error.alias("id_error")).select(
        F.col("id"),
        F.col("read")["text"].alias("text"),
        F.coalesce(F.col("read")["error"], F.col("id_error")).alias("error"),
    )


_NESTED = ("array", "map", "struct", "variant")


def _textual(kind: DataType) -> bool:
    return isinstance(kind, (StringType, BinaryType)) or kind.typeName() in ("varchar", "char")


def _decoder(encoding: str) -> Callable[[Column], Column]:
    def decode(values: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
        for series in values:
            yield pd.DataFrame([_pair(value, encoding) for value in series],
                               columns=["text", "error"], dtype=object)  # fmt: skip

    decode.__annotations__ = {"values": Iterator[pd.Series], "return": Iterator[pd.DataFrame]}
    made: Callable[[Column], Column] = F.pandas_udf(decode, "text string, error string")  # type: ignore[attr-defined]
    return made


def _pair(value: bytes | None, encoding: str) -> tuple[str | None, str | None]:
    if value is None:
        return None, None
    text = decoded(bytes(value), encoding)
    return (None, UNDECODED) if UNDECODABLE in text else (text, None)
