"""Files to rows on the workers: JSON, CSV and plain text, each file parsed where it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, cast

import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs._run.exit_codes import InputError
from jobs.sources.csv_file import csv_records
from jobs.sources.decoding import decoded
from jobs.sources.fhir.resources import fhir_records
from jobs.sources.formats import is_packed, raw, unpacked
from jobs.sources.json_file import in_lines, json_records
from jobs.sources.listing import File, contents
from jobs.sources.records import FILE, UNDECODED, Record, Wanted, note
from jobs.sources.stretch import Stretch

SCHEMA = "id string, text string, error string, id_kind string, text_kind string, names string"
BATCH = 256
"""Records that go to Spark together."""
CHARACTERS = 8_000_000
PIECE = 64 * 1024 * 1024
"""Bytes of a local file of JSON lines that one task reads."""
KINDS_HERE = 32 * 1024 * 1024
"""Bytes of files whose kinds this process tells in less time than a worker takes to start."""
LARGEST = 2_000_000_000
"""Bytes of a file that Spark hands over in one piece."""


def parsed(
    spark: SparkSession, files: Sequence[File], kind: str, ids: Mapping[str, str], wanted: Wanted
) -> DataFrame:
    """The records of all files, as SCHEMA says.

    ids: by path the ids of text files, and those that partitions give. Files of this machine are
    read in pieces of a stream; those of other file systems come whole by way of Spark.
    """
    parse = partial(_records, kind=kind, ids=dict(ids), wanted=wanted)
    if files[0].here:
        pieces = [piece for file in files for piece in _pieces(file, kind, wanted)]
        tasks = min(len(pieces), 64 + len(pieces) - len(files))
        numbers = spark.range(0, len(pieces), 1, tasks)
        return numbers.mapInPandas(_of_pieces(parse, pieces), SCHEMA)
    large = [file.name for file in files if file.size > LARGEST]
    if large:
        raise InputError(
            f"{large[0]} has more than 2 GB, which no reader of another file system takes whole: "
            "split it, copy it to this machine, or save it as Parquet."
        )
    content = contents(spark, [file.path for file in files]).select("path", "content")
    return content.mapInPandas(_of_contents(parse), SCHEMA)


def parsed_here(
    files: Sequence[File], kind: str, ids: Mapping[str, str], wanted: Wanted
) -> list[Record]:
    """The records of small files of this machine, read by this process without a job."""
    return list(_read_here(files, kind, ids, wanted))


def _read_here(
    files: Sequence[File], kind: str, ids: Mapping[str, str], wanted: Wanted
) -> Iterator[Record]:
    parse = partial(_records, kind=kind, ids=ids, wanted=wanted)
    return (record for file in files for record in _whole(file.path, parse))


_Parse = Callable[[str, IO[bytes]], Iterator[Record]]


@dataclass(frozen=True)
class _Piece:
    """A file, or its lines that begin between two bytes, of which the first is meant."""

    path: str
    limits: tuple[int, int] | None = None


def _pieces(file: File, kind: str, wanted: Wanted) -> list[_Piece]:
    """A large file of JSON (or FHIR) lines in pieces, for several tasks; another as one."""
    packed = is_packed(file.path)
    if (
        kind not in ("json", "fhir")
        or packed
        or file.size <= PIECE
        or not in_lines(Path(file.path), wanted)
    ):
        return [_Piece(file.path)]
    firsts = range(0, file.size, PIECE)
    return [_Piece(file.path, (first, min(first + PIECE, file.size))) for first in firsts]


def _of_pieces(
    parse: _Parse, pieces: list[_Piece]
) -> Callable[[Iterator[pd.DataFrame]], Iterator[pd.DataFrame]]:
    def run(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        return _framed(
            record
            for frame in frames
            for number in frame["id"].tolist()
            for record in _opened(pieces[number], parse)
        )

    return run


def _opened(piece: _Piece, parse: _Parse) -> Iterator[Record]:
    try:
        with Path(piece.path).open("rb") as stream:
            part = Stretch(stream, *piece.limits) if piece.limits else stream
            yield from parse(piece.path, cast("IO[bytes]", part))
    except (OSError, EOFError):
        yield Record(error=FILE)


def _whole(path: str, parse: _Parse) -> Iterator[Record]:
    try:
        content = Path(path).read_bytes()
    except OSError:
        yield Record(error=FILE)
        return
    yield from parse(path, raw(content))


def _of_contents(parse: _Parse) -> Callable[[Iterator[pd.DataFrame]], Iterator[pd.DataFrame]]:
    def run(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        return _framed(
            record
            for frame in frames
            for path, content in zip(frame["path"], frame["content"], strict=True)
            for record in parse(path, raw(content))
        )

    return run


def _framed(records: Iterator[Record]) -> Iterator[pd.DataFrame]:
    names = [part.split()[0] for part in SCHEMA.split(", ")]
    while batch := list(_batch(records)):
        yield pd.DataFrame([astuple(record) for record in batch], columns=names, dtype=object)


def _batch(records: Iterator[Record]) -> Iterator[Record]:
    size = 0
    for record in islice(records, BATCH):
        yield record
        size += len(record.text or "")
        if size > CHARACTERS:
            return


def _records(
    path: str, stream: IO[bytes], kind: str, ids: Mapping[str, str], wanted: Wanted
) -> Iterator[Record]:
    """The records of one file; a damaged one ends with an error that is counted."""
    try:
        bytes_of_it = unpacked(stream, path)
        wanted = replace(wanted, given_id=ids.get(path))
        if kind == "json":
            yield from json_records(bytes_of_it, wanted)
        elif kind == "csv":
            yield from csv_records(bytes_of_it, wanted)
        elif kind == "fhir":
            yield from fhir_records(bytes_of_it)
        else:
            text = decoded(bytes_of_it.read(), wanted.encoding)
            yield note(ids[path], text, "string", "string")
    except UnicodeError:
        yield Record(ids.get(path), error=UNDECODED, id_kind="string", text_kind="string")
    except (OSError, EOFError):
        yield Record(ids.get(path), error=FILE, id_kind="string", text_kind="string")


@dataclass(frozen=True)
class Kinds:
    """What ids and texts are in the files, the columns of a file that lacks one, and how many."""

    of_ids: set[str]
    of_texts: set[str]
    names: str | None
    count: int


def kinds(
    frame: DataFrame, files: Sequence[File], kind: str, ids: Mapping[str, str], wanted: Wanted
) -> Kinds:
    """The kinds in a frame that `parsed` made of the other arguments."""
    few = sum(file.size for file in files) <= KINDS_HERE
    if few and not any(is_packed(file.path) or not file.here for file in files):
        return kinds_here(_read_here(files, kind, ids, wanted))
    found = frame.agg(
        F.collect_set("id_kind"), F.collect_set("text_kind"), F.max("names"), F.count("*")
    ).collect()[0]
    return Kinds(set(found[0]), set(found[1]), found[2], found[3])


def kinds_here(records: Iterable[Record]) -> Kinds:
    """The kinds in records of `parsed_here`."""
    told = [(record.id_kind, record.text_kind, record.names) for record in records]
    names = max((names for _, _, names in told if names is not None), default=None)
    return Kinds({ids for ids, _, _ in told}, {texts for _, texts, _ in told}, names, len(told))
