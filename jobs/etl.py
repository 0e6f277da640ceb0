"""notemill etl: an archive of notes becomes tables, night after night.

notemill etl CONFIG.yaml
spark-submit jobs/etl.py CONFIG.yaml
"""

from __future__ import annotations

from typing import Annotated

import typer

from jobs._etl.config import read_config
from jobs._etl.job import Options, looked_at, plan_lines, prepared, run_batch, said
from jobs._etl.plan import Slice
from jobs._run.command import verb
from jobs._run.exit_codes import errors_as_exit_codes
from jobs._run.spark import model_errors_of_workers
from jobs.sinks.tables import Run


def etl(
    config: Annotated[str, typer.Argument(help="YAML file: source, sink and more")],
    change: Annotated[
        list[str] | None, typer.Option("--set", help="key=value, as sink.path=archive")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="print the plan and touch nothing")] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="annotate so many notes, leave the rest")
    ] = None,
    allow_empty: Annotated[
        bool, typer.Option(help="let an empty source remove all notes (deleted: remove)")
    ] = False,
    master: Annotated[str | None, typer.Option(help="Spark master; default: this machine")] = None,
    remote: Annotated[str | None, typer.Option(help="Spark Connect server, sc://HOST:PORT")] = None,
) -> None:
    """Annotate what is new or changed since the last run, and commit it to tables.

    Exit codes: 0 done; 1 unexpected failure; 2 wrong usage or configuration; 3 source or sink
    unusable; 4 model missing, changed or unreadable; 5 no Java; 6 another run holds the sink;
    7 more errors than max_error_rate. Examples:

        notemill etl nightly.yaml

        notemill etl nightly.yaml --dry-run
    """
    with errors_as_exit_codes(), model_errors_of_workers():
        read = read_config(config, change or [])
        work = prepared(read, Options(limit, allow_empty, master, remote))
        if dry_run:
            with looked_at(work) as plan:
                lines = plan_lines(work, plan)
        else:
            lines = said(run_batch(work, _untold), read.sink.shown())
        for line in lines:
            typer.echo(line)


def _untold(run: Run, part: Slice | None) -> None:
    """Progress is not told yet."""


if __name__ == "__main__":
    typer.run(verb(etl))
