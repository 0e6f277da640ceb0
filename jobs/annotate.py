"""notemill annotate: notes in, annotations and a flat table of entities out.

notemill annotate notes.jsonl out --id-col note_id --text-col text
spark-submit jobs/annotate.py notes.jsonl out
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated

import typer
from pyspark.sql import SparkSession

from annotators.core.errors import NotemillError
from jobs._annotate.asked import Asked, Reading
from jobs._run.command import verb
from jobs._run.exit_codes import InputError, errors_as_exit_codes
from jobs._run.slots import runs_here
from jobs._run.spark import check_java, model_errors_of_workers, spark_session
from jobs._run.told import DOCTOR, cannot_import
from jobs._start.no_spark import ALONE, needs_no_spark
from jobs._start.short_run import is_small
from jobs.sinks.output import output_folder
from jobs.sources.guard import keep_input
from jobs.sources.listing import files_at, files_here

if TYPE_CHECKING:
    from jobs._annotate.ready import Ready

PARTS = ("notes", "entities")
"""The folders of an output that none of the input may lie in."""


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
    reading: Reading = {"encoding": encoding, "sep": sep, "quote": quote, "escape": escape}
    asked = Asked(input, output, format, id_col, text_col, partitions, reading)
    # Java takes as long to start as Python to import what annotates and to open a model.
    beside = ThreadPoolExecutor(1)
    with errors_as_exit_codes(), model_errors_of_workers(), beside:
        if not output.strip():
            raise InputError("the output is empty: name a folder to write to.")
        ready = beside.submit(_made_ready, pipeline, model)
        tried = beside.submit(lambda: ready.result().try_out())
        if needs_no_spark(asked, master, remote):
            check_java()
            if _run(None, asked, ready.result(), tried.result, overwrite=overwrite):
                return
        spark = spark_session("notemill annotate", master, remote, short=is_small(input))
        _run(spark, asked, ready.result(), tried.result, overwrite=overwrite)


def _made_ready(pipeline: str, model: str | None) -> Ready:
    try:
        from jobs._annotate.ready import made_ready  # noqa: PLC0415 (beside the start of Java)
    except Exception as failure:  # noqa: BLE001 (a broken package may raise anything)
        raise NotemillError(f"{cannot_import(failure)} {DOCTOR}") from None
    return made_ready(pipeline, model)


def _run(
    spark: SparkSession | None,
    asked: Asked,
    ready: Ready,
    tried: Callable[[], None],
    *,
    overwrite: bool,
) -> bool:
    """Annotate and say what was done; False, and nothing is done, where it takes a session."""
    from jobs._annotate.few import FEW, annotate_few, few_notes  # noqa: PLC0415 (as above)
    from jobs._annotate.work import annotate_to, parts_of  # noqa: PLC0415 (as above)

    files = files_here(asked.input) if spark is None else files_at(spark, asked.input)
    parts = parts_of(ready.named)
    targets = [f"{asked.output}/{part}" for part in PARTS]
    keep_input(asked.input, [file.path for file in files], targets)
    with output_folder(spark, asked.output, parts, overwrite=overwrite) as place:
        by_driver = place.takes_tables and (spark is None or runs_here(spark))
        most = ALONE if spark is None else FEW
        few = few_notes(asked, files, ready, most) if by_driver else None
        if few is not None:
            counts, seconds = annotate_few(place, few, ready, asked, tried)
        elif spark is not None:
            counts, seconds = annotate_to(place, spark, asked, files, ready, tried)
        else:
            return False
        place.put_in_place(parts)
    if ready.id_name(asked.id_col) != asked.id_col:
        typer.echo(
            f"Ids are called {ready.id_name(asked.id_col)}: '{asked.id_col}' is another column of "
            "the output."
        )
    typer.echo(f"{counts} in {seconds:.0f} s. Written to {asked.output}.")
    for error, count in counts.kinds:
        typer.echo(f"  {count} notes with error {error}")
    counts.check()
    return True


if __name__ == "__main__":
    typer.run(verb(annotate))
