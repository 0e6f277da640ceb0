"""Notes read, annotated and written by jobs of Spark."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import typer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs._annotate.asked import ID, TEXT, Asked
from jobs._annotate.counts import Counts, counts_of
from jobs._annotate.ready import Ready
from jobs._run.annotating import entities, partitions_for
from jobs._run.exit_codes import NoNotesError
from jobs._run.slots import task_slots
from jobs._run.spread import to_partitions, with_partition_key
from jobs.sinks.output import Output
from jobs.sources.files import ERROR, MARK, File, mark_repeated_ids, read_notes
from pipelines import NamedPipeline


def annotate_to(
    place: Output,
    spark: SparkSession,
    asked: Asked,
    files: Sequence[File],
    ready: Ready,
    tried: Callable[[], None],
) -> tuple[Counts, float]:
    """Write notes and entities; what was done, and the seconds that it took.

    tried: raises ModelError where the model cannot run; asked before any work.
    """
    named, id_name = ready.named, ready.id_name(asked.id_col)
    notes = _read(spark, asked, files)
    started = time.monotonic()
    count = _partitions(spark, notes, asked.input, asked.partitions)
    tried()
    written = place.write(_annotated(notes, count, ready, id_name), "notes")
    if named.chunks:
        place.put(entities(written, id_name, named.chunks, named.assertions), "entities")
    return counts_of(written, named), time.monotonic() - started


def parts_of(named: NamedPipeline) -> list[str]:
    """The folders of an output."""
    return ["notes", *(["entities"] if named.chunks else [])]


def _read(spark: SparkSession, asked: Asked, files: Sequence[File]) -> DataFrame:
    return read_notes(
        spark, asked.input, asked.format, asked.id_col, asked.text_col, names=(ID, TEXT),
        files=files, **asked.reading,
    )  # fmt: skip


def _annotated(notes: DataFrame, count: int, ready: Ready, id_name: str) -> DataFrame:
    """The notes, annotated in so many partitions."""
    keyed = with_partition_key(notes, TEXT, count)
    spread = to_partitions(mark_repeated_ids(keyed, ID), count)
    return ready.fitted.transform(spread).select(
        F.col(ID).alias(id_name), *ready.named.columns, F.coalesce(ERROR, MARK).alias(ERROR)
    )


def _partitions(spark: SparkSession, notes: DataFrame, path: str, asked: int | None) -> int:
    """As many as asked, else as the notes' text is work for (a multiple of the task slots).

    Never more than there are notes: a task without one costs as much as a short note.
    """
    size = notes.agg(F.count("*").alias("notes"), F.sum(F.length(TEXT)).alias("characters")).first()
    if size is None or not size["notes"]:
        raise NoNotesError(f"there are no notes in {path}.")
    if asked is None:
        return min(partitions_for(spark, int(size["characters"] or 0)), int(size["notes"]))
    slots = task_slots(spark)
    if asked < min(slots, int(size["notes"])):
        typer.echo(
            f"notemill: {asked} partitions leave {slots - asked} of {slots} task slots without "
            "work: leave --partitions out, or ask for more.",
            err=True,
        )
    return min(asked, int(size["notes"]))
