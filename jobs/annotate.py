"""notemill annotate: notes in, annotations and a flat table of entities out.

notemill annotate notes.jsonl out --id-col note_id --text-col text
spark-submit jobs/annotate.py notes.jsonl out
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated

import typer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from annotators import LightPipeline, fuse
from annotators.core.errors import NotemillError
from jobs._run.annotating import ASSERTED, TRIAL, entities, partitions_for, pipeline_named
from jobs._run.command import verb
from jobs._run.exit_codes import InputError, NoNotesError, errors_as_exit_codes
from jobs._run.slots import task_slots
from jobs._run.spark import absolute_model, model_errors_of_workers, spark_session
from jobs._run.spread import to_partitions, with_partition_key
from jobs.sinks.output import output_folder
from jobs.sources.files import (
    ERROR,
    MARK,
    MISSING,
    REPEATED,
    files_at,
    mark_repeated_ids,
    read_notes,
)
from jobs.sources.guard import keep_input
from pipelines import NamedPipeline

ENTITY = ("begin", "end", "text", "label", "score", "sentence", "assertion", *ASSERTED)
"""The columns of `entities` beside the note's id."""

ID, TEXT = "id", "text"
"""What notes are called within the job: whatever the input's columns are, none clashes with these,
nor they with a column of a pipeline."""

READING = "annotate: "
"""What errors of reading begin with; those of a stage begin with its name."""

SPARE_ID = "note_id"
"""What ids are called in the output where it has another column of the input's name."""


def annotate(
    input: Annotated[  # noqa: A002 (as the usage calls it)
        str, typer.Argument(help="JSON lines, CSV, Parquet, or a folder of text files")
    ],
    output: Annotated[str, typer.Argument(help="folder to write: notes/ and entities/, Parquet")],
    id_col: Annotated[str, typer.Option(help="column with the note's id")] = "note_id",
    text_col: Annotated[str, typer.Option(help="column with the note's text")] = "text",
    pipeline: Annotated[str, typer.Option(help="which pipeline to run")] = "clinical_ner",
    model: Annotated[str | None, typer.Option(help="a model's name or folder")] = None,
    format: Annotated[  # noqa: A002 (as the option is called)
        str | None, typer.Option(help="json, csv, parquet or text")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            help="of text, CSV and JSON; default: as the byte-order mark says, else UTF-8"
        ),
    ] = None,
    sep: Annotated[
        str | None, typer.Option(help="CSV: separator; default: found in the first lines")
    ] = None,
    quote: Annotated[str | None, typer.Option(help="CSV: quotation mark; default: double")] = None,
    escape: Annotated[
        str | None,
        typer.Option(help="CSV: escape before a quotation mark; default: found in the first lines"),
    ] = None,
    master: Annotated[str | None, typer.Option(help="Spark master; default: this machine")] = None,
    remote: Annotated[
        str | None, typer.Option(help="Spark Connect server, sc://HOST:PORT, instead of a master")
    ] = None,
    partitions: Annotated[
        int | None, typer.Option(min=1, help="Spark partitions; default: by the amount of text")
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="replace an output that exists")] = False,
) -> None:
    """Annotate notes: OUTPUT/notes has a row per note, OUTPUT/entities a row per entity.

    Exit codes: 0 done (single notes may carry an error, see the counts); 1 unexpected failure, or
    every note failed; 2 wrong usage; 3 unusable input or output, or no note could be read; 4 model
    missing, changed or unreadable; 5 no Java. Examples:

        notemill annotate notes.jsonl out

        notemill annotate notes.csv out --id-col ID --text-col NOTE --overwrite
    """
    with errors_as_exit_codes(), model_errors_of_workers():
        named = pipeline_named(pipeline)
        targets = [f"{output}/notes", f"{output}/entities"]
        stages = named.build(TEXT, model and absolute_model(model), ERROR)
        if not output.strip():
            raise InputError("the output is empty: name a folder to write to.")
        spark = spark_session("notemill annotate", master, remote)
        files = files_at(spark, input)
        keep_input(input, [file.path for file in files], targets)
        parts = ["notes", *(["entities"] if named.chunks else [])]
        with output_folder(spark, output, parts, overwrite=overwrite) as place:
            notes = read_notes(
                spark, input, format, id_col, text_col, names=(ID, TEXT), files=files,
                encoding=encoding, sep=sep, quote=quote, escape=escape,
            )  # fmt: skip
            started = time.monotonic()
            count = _partitions(spark, notes, input, partitions)
            keyed = with_partition_key(notes, TEXT, count)
            spread = to_partitions(mark_repeated_ids(keyed, ID), count)
            fitted = fuse(stages.fit(spread), outputCols=named.columns)
            LightPipeline(fitted).annotate(TRIAL)
            id_name = _id_name(id_col, named)
            annotated = fitted.transform(spread).select(
                F.col(ID).alias(id_name), *named.columns, F.coalesce(ERROR, MARK).alias(ERROR)
            )
            written = place.write(annotated, "notes")
            if named.chunks:
                table = entities(written, id_name, named.chunks, named.assertions)
                place.write(table, "entities")
            counts = _counts(written, named)
            place.put_in_place(parts)
        seconds = time.monotonic() - started
        if id_name != id_col:
            typer.echo(f"Ids are called {id_name}: '{id_col}' is another column of the output.")
        typer.echo(f"{counts} in {seconds:.0f} s. Written to {output}.")
        for error, count in counts.kinds:
            typer.echo(f"  {count} notes with error {error}")
        counts.check()


def _id_name(id_col: str, named: NamedPipeline) -> str:
    """What ids are called in the output: as in the input, unless the output has such a column."""
    taken = {*named.columns, ERROR, *(ENTITY if named.chunks else ())}
    return SPARE_ID if id_col.casefold() in taken else id_col


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


@dataclass(frozen=True)
class Counts:
    """What was done, in counts only. kinds: each error with its notes."""

    notes: int
    entities: int
    kinds: list[tuple[str, int]]

    def __str__(self) -> str:
        errors = sum(count for _, count in self.kinds)
        return f"{self.notes} notes, {self.entities} entities, {errors} errors"

    def check(self) -> None:
        """Raise InputError where no note could be read, NotemillError where every note failed."""
        failed = {error: count for error, count in self.kinds if error not in (MISSING, REPEATED)}
        if not self.notes or sum(failed.values()) < self.notes:
            return
        if all(error.startswith(READING) for error in failed):
            raise InputError("no note could be read; the counts say why.")
        raise NotemillError("every note failed; the counts say in which stage.")


def _counts(written: DataFrame, named: NamedPipeline) -> Counts:
    found = F.size(named.chunks) if named.chunks else F.lit(0)
    sums = [F.count("*").alias("notes"), F.sum(found).alias("entities")]
    rows = written.groupBy(ERROR).agg(*sums).collect()
    kinds = sorted((row[ERROR], row["notes"]) for row in rows if row[ERROR] is not None)
    return Counts(sum(r["notes"] for r in rows), sum(r["entities"] or 0 for r in rows), kinds)


if __name__ == "__main__":
    typer.run(verb(annotate))
