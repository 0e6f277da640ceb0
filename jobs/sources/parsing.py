"""Files to rows on the workers: JSON, CSV and plain text, each file parsed where it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO

import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs._run.exit_codes import InputError
from jobs.sources.csv_file import csv_records
from jobs.sources.decoding import decoded
from jobs.sources.formats import raw, unpacked
from jobs.sources.json_file import json_records
from jobs.sources.listing import File, contents
from jobs.sources.records import FILE, UNDECODED, Record, Wanted, note

SCHEMA = "id string, text string, error string, id_kind string, text_kind string, names string"
BATCH = 256
"""Records that go to Spark together."""
CHARACTERS = 8_000_000
LARGEST = 2_000_000_000
"""Bytes of a file that Spark hands over in one piece."""


def parsed(
    spark: SparkSession, files: Sequence[File], kind: str, ids: Mapping[str, str], wanted: Wanted
) -> DataFrame:
    """The records of all files, as SCHEMA says.

    ids: by path the ids of text files. Files of this machine are read in pieces of a stream;
    those of other file systems come whole by way of Spark.
    """
    parse = partial(_records, kind=kind, ids=dict(ids), wanted=wanted)
    if files[0].here:
        paths = [file.path for file in files]
        numbers = spark.range(0, len(paths), 1, min(len(paths), 64))
        return numbers.mapInPandas(_of_paths(parse, paths), SCHEMA)
    large = [file.name for file in files if file.size > LARGEST]
    if large:
        raise InputError(
            f"{large[0]} has more than 2 GB, which no reader of another file system takes whole: "
            "split it, copy it to this machine, or save it as Parquet."
        )
    content = contents(spark, [file.path for file in files]).select("path", "content")
    return content.mapInPandas(_of_contents(parse), SCHEMA)


_Parse = Callable[[str, IO[bytes]], Iterator[Record]]


def _of_paths(
    parse: _Parse, paths: list[str]
) -> Callable[[Iterator[pd.DataFrame]], Iterator[pd.DataFrame]]:
    def run(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        return _framed(
            record
            for frame in frames
            for number in frame["id"].tolist()
            for record in _opened(paths[number], parse)
        )

    return run


def _opened(path: str, parse: _Parse) -> Iterator[Record]:
    try:
        with Path(path).open("rb") as stream:
            yield from parse(path, stream)
    except (OSError, EOFError):
        yield Record(error=FILE)


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
        if kind == "json":
            yield from json_records(bytes_of_it, wanted)
        elif kind == "csv":
            yield from csv_records(bytes_of_it, wanted)
        else:
            text = decoded(bytes_of_it.read(), wanted.encoding)
            yield note(ids[path], text, "string", "string")
    except UnicodeError:
        yield Record(ids.get(path), error=UNDECODED, id_kind="string", text_kind="string")
    except (OSError, EOFError):
        yield Record(ids.get(path), error=FILE, id_kind="string", text_kind="string")


def kinds(frame: DataFrame) -> tuple[set[str], set[str], str | None, int]:
    """What ids and texts are in the files, the columns of a file that lacks one, and how many."""
    found = frame.agg(
        F.collect_set("id_kind"), F.collect_set("text_kind"), F.max("names"), F.count("*")
    ).collect()[0]
    return set(found[0]), set(found[1]), found[2], found[3]
