"""notemill annotate: notes in, annotations and a flat table of entities out.

notemill annotate notes.jsonl out --id-col note_id --text-col text
spark-submit jobs/annotate.py notes.jsonl out
"""

from __future__ import annotations

import time
from typing import Annotated

import typer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from annotators import LightPipeline, fuse
from annotators.schema import quoted
from jobs._run.annotating import TRIAL, entities, partitions_for, pipeline_named
from jobs._run.command import verb
from jobs._run.exit_codes import InputError, NoNotesError, errors_as_exit_codes
from jobs._run.spark import absolute_model, model_errors_of_workers, spark_session
from jobs._run.spread import to_partitions, with_partition_key
from jobs.sinks.output import output_folder
from jobs.sources.files import ERROR, files_at, mark_repeated_ids, read_notes
from jobs.sources.guard import keep_input
from pipelines import NamedPipeline


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
        str | None, typer.Option(help="of text, CSV and JSON; default: UTF-8, or as its BOM says")
    ] = None,
    sep: Annotated[
        str | None, typer.Option(help="CSV: between fields; default: as the head")
    ] = None,
    quote: Annotated[str | None, typer.Option(help="CSV: around fields; default: double")] = None,
    escape: Annotated[
        str | None, typer.Option(help="CSV: before a quote within; default: as the head")
    ] = None,
    master: Annotated[str | None, typer.Option(help="Spark master; default: this machine")] = None,
    remote: Annotated[
        str | None, typer.Option(help="Spark Connect server, sc://HOST:PORT, instead of a master")
    ] = None,
    partitions: Annotated[
        int | None, typer.Option(min=1, help="default: by the amount of text")
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="replace an output that exists")] = False,
) -> None:
    """Annotate notes: OUTPUT/notes has a row a note, OUTPUT/entities a row an entity.

    Exit codes: 0 done (single notes may carry an error, see the counts); 1 unexpected failure;
    2 wrong usage; 3 unusable input or output; 4 model missing, changed or unreadable; 5 no Java.
    """
    with errors_as_exit_codes(), model_errors_of_workers():
        named = pipeline_named(pipeline)
        targets = [f"{output}/notes", f"{output}/entities"]
        stages = named.build(text_col, model and absolute_model(model), ERROR)
        if not output.strip():
            raise InputError("the output is empty: name a folder to write to.")
        spark = spark_session("notemill annotate", master, remote)
        files = files_at(spark, input)
        keep_input(input, [file.path for file in files], targets)
        parts = ["notes", *(["entities"] if named.chunks else [])]
        with output_folder(spark, output, parts, overwrite=overwrite) as place:
            notes = read_notes(
                spark, input, format, id_col, text_col, files=files,
                encoding=encoding, sep=sep, quote=quote, escape=escape,
            )  # fmt: skip
            started = time.monotonic()
            by_text = _partitions(spark, notes, text_col, input)
            count = partitions or by_text
            keyed = with_partition_key(notes, text_col, count)
            spread = to_partitions(mark_repeated_ids(keyed, id_col), count)
            fitted = fuse(stages.fit(spread), outputCols=named.columns)
            LightPipeline(fitted).annotate(TRIAL)
            annotated = fitted.transform(spread).select(quoted(id_col), *named.columns, ERROR)
            written = place.write(annotated, "notes")
            if named.chunks:
                table = entities(written, id_col, named.chunks, named.assertions)
                place.write(table, "entities")
            said = _counts(written, named)
            place.put_in_place(parts)
        seconds = time.monotonic() - started
        typer.echo(f"{said[0]} in {seconds:.0f} s. Written to {output}.")
        for line in said[1:]:
            typer.echo(line)


def _partitions(spark: SparkSession, notes: DataFrame, text_col: str, path: str) -> int:
    """As many partitions as the notes' text is work for, a multiple of the task slots."""
    size = notes.agg(
        F.count("*").alias("notes"), F.sum(F.length(F.col(quoted(text_col)))).alias("characters")
    ).first()
    if size is None or not size["notes"]:
        raise NoNotesError(f"there are no notes in {path}.")
    return partitions_for(spark, int(size["characters"] or 0))


def _counts(written: DataFrame, named: NamedPipeline) -> list[str]:
    """What was done, in lines: counts only, never text."""
    found = F.size(named.chunks) if named.chunks else F.lit(0)
    counts = written.agg(
        F.count("*").alias("notes"), F.sum(found).alias("entities"), F.count(ERROR).alias("errors")
    ).collect()[0]
    lines = [
        f"{counts['notes']} notes, {counts['entities']} entities, {counts['errors']} errors",
    ]
    if counts["errors"]:
        kinds = written.where(f"{ERROR} is not null").groupBy(ERROR).count().collect()
        lines += [f"  {row['count']} notes with error {row[ERROR]}" for row in sorted(kinds)]
    return lines


if __name__ == "__main__":
    typer.run(verb(annotate))
