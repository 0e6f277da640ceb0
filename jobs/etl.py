"""notemill etl: an archive of notes becomes tables, night after night.

notemill etl CONFIG.yaml
spark-submit jobs/etl.py CONFIG.yaml
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer

from annotators.core.errors import NotemillError, ParamError
from jobs._etl.config import read_config
from jobs._etl.demo import FOLDER, demo_nights
from jobs._etl.job import Options, looked_at, prepared, run_batch
from jobs._etl.metrics import check_metrics, write_metrics
from jobs._etl.plan import Slice
from jobs._etl.progress import Progress
from jobs._etl.stream import run_stream
from jobs._etl.words import plan_lines, said
from jobs._run.command import verb
from jobs._run.exit_codes import (
    OK,
    STOPPED,
    UNEXPECTED,
    InputError,
    code_of,
    errors_as_exit_codes,
)
from jobs._run.spark import model_errors_of_workers
from jobs.sinks.disk import full_disk_told
from jobs.sinks.tables import Run


def etl(
    config: Annotated[
        str | None, typer.Argument(help="YAML file: source, sink and more; a folder with --demo")
    ] = None,
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
    metrics: Annotated[
        str | None, typer.Option(help="file for the run's figures, Prometheus text")
    ] = None,
    master: Annotated[str | None, typer.Option(help="Spark master; default: this machine")] = None,
    remote: Annotated[str | None, typer.Option(help="Spark Connect server, sc://HOST:PORT")] = None,
    demo: Annotated[bool, typer.Option(help="show three nights on the sample notes")] = False,
) -> None:
    """Annotate what is new or changed since the last run, and commit it to tables.

    Exit codes: 0 done; 1 unexpected failure; 2 wrong usage or configuration; 3 source or sink
    unusable; 4 model missing, changed or unreadable; 5 no Java; 6 another run holds the sink;
    7 more errors than max_error_rate. Examples:

        notemill etl nightly.yaml

        notemill etl nightly.yaml --dry-run
    """
    options = Options(limit, allow_empty, master, remote)
    with errors_as_exit_codes(), full_disk_told(), model_errors_of_workers():
        if demo:
            demo_nights(config or FOLDER, lambda file: _night(file, [], options), typer.echo)
        elif config is None:
            raise ParamError("name a configuration file, or say --demo to see three nights.")
        elif dry_run:
            _plan(config, change or [], options)
        else:
            with _measured(metrics) as seen, full_disk_told(), model_errors_of_workers():
                _night(config, change or [], options, seen)


def _plan(file: str, changes: Sequence[str], options: Options) -> None:
    work = prepared(read_config(file, changes), options)
    with looked_at(work) as plan:
        for line in plan_lines(work, plan):
            typer.echo(line)


def _night(
    file: str, changes: Sequence[str], options: Options, seen: list[Run] | None = None
) -> None:
    read = read_config(file, changes)
    work = prepared(read, options)

    def told(run: Run, part: Slice | None, tasks: int) -> None:
        progress(run, part, tasks)
        if seen is not None:
            seen.append(run)

    progress = Progress(work.spark, read.job.progress_seconds)
    with progress.telling():
        run = (run_stream if read.job.mode == "stream" else run_batch)(work, told)
    for line in said(run, read.sink.shown()):
        typer.echo(line)


@contextmanager
def _measured(file: str | None) -> Iterator[list[Run]]:
    """Write the figures of what was seen of a run, however it ends."""
    if file is None:
        yield []
        return
    check_metrics(file)
    seen: list[Run] = []
    code = UNEXPECTED
    try:
        yield seen
        code = OK
    except NotemillError as failure:
        code = code_of(failure)
        raise
    except KeyboardInterrupt:
        code = STOPPED
        raise
    finally:
        try:
            write_metrics(file, seen[-1] if seen else None, code)
        except InputError as failure:
            if code == OK:
                raise
            # What the run itself ended with is told, too, and counts.
            typer.echo(f"notemill: {failure}", err=True)


if __name__ == "__main__":
    typer.run(verb(etl))
