"""notemill report: one HTML file that shows a run, with no network and no server.

notemill report out -o report.html
notemill report out -o report.html --notes notes.jsonl
notemill report out --export brat -o for-annotators
notemill report for-annotators --export conll -o train.tsv
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from annotators.core.errors import ParamError
from jobs._formats.files import FORMATS, read_notes_of, write_as
from jobs._report.page import write_page
from jobs._report.report import report_page
from jobs._report.run import Run
from jobs._report.summary import summary
from jobs._report.texts import with_texts
from jobs._run.command import verb
from jobs._run.exit_codes import InputError, errors_as_exit_codes
from jobs.sources.guard import keep_all

MEGABYTE = 1_000_000
DEFAULT = "report.html"


def report(
    output: Annotated[
        str, typer.Argument(help="folder that `notemill annotate` wrote; or BRAT, IOB2, JSON lines")
    ],
    file: Annotated[Path, typer.Option("--output", "-o", help="the file to write")] = Path(DEFAULT),
    notes: Annotated[
        str | None,
        typer.Option(help="the run's input, for texts with their own white space; starts Spark"),
    ] = None,
    id_col: Annotated[str, typer.Option(help="with --notes: column with the id")] = "note_id",
    text_col: Annotated[str, typer.Option(help="with --notes: column with the text")] = "text",
    max_mb: Annotated[
        float, typer.Option(min=1, help="of more notes than fit, evenly spaced ones are shown")
    ] = 20,
    export: Annotated[
        str | None, typer.Option(help=f"write {', '.join(FORMATS)} in place of HTML, with -o")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="print the figures as JSON too")] = False,
) -> None:
    """Write one HTML file that shows a run: figures, and each note with its entities marked.

    The file holds the text of the notes: keep it where they may be kept. Example:

        notemill report out -o report.html
    """
    with errors_as_exit_codes():
        if export is not None and export not in FORMATS:
            raise ParamError(f"there is no format '{export}'; there are {', '.join(FORMATS)}.")
        keep_all([output], [file])
        run = read_notes_of(output)
        if notes is not None:
            with_texts(run, notes, id_col, text_col, file)
        elif run.sha256 is not None:
            raise InputError(
                f"{output} holds no texts of notes: name the run's input with --notes, or run etl "
                "with `annotations: [sentence]`."
            )
        if export is not None:
            _export(run, export, file)
            return
        figures = summary(run)
        html, shown = report_page(run, figures, int(max_mb * MEGABYTE))
        write_page(file, html)
        if json_:
            typer.echo(json.dumps(figures, ensure_ascii=False))
        else:
            part = "" if shown == len(run.notes) else f" ({shown} of them shown, evenly spaced)"
            typer.echo(
                f"{len(run.notes)} notes{part}, {run.entities} entities. "
                f"Written to {file} ({len(html) / MEGABYTE:.1f} MB)."
            )


def _export(run: Run, kind: str, file: Path) -> None:
    if file == Path(DEFAULT):
        raise ParamError(f"--export {kind} needs a name for what it writes: -o NAME.")
    write_as(run, kind, file)
    typer.echo(f"{len(run.notes)} notes, {run.entities} entities. Written to {file}.")


if __name__ == "__main__":
    typer.run(verb(report))
