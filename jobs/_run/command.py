"""A job as a command: `--debug` on every verb, Spark's lines in a log, failures in one line."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer
from pyspark.sql import SparkSession

from jobs._run.exit_codes import UNEXPECTED
from jobs._run.quiet import run_log
from jobs._run.spark import submitted
from jobs._run.told import in_a_line, traceback_of

DEBUG = Annotated[
    bool,
    typer.Option("--debug", help="keep the log of Spark and Java, name it, show tracebacks"),
]


def verb(job: Callable[..., None]) -> Callable[..., None]:
    """The job with the option --debug, as typer reads it from the signature."""

    @wraps(job)
    def run(*args: Any, debug: bool = False, **options: Any) -> None:
        with own_lines(debug=debug):
            job(*args, **options)

    # typer reads options off these annotations, and takes one that is still a string for none
    hints = {**get_type_hints(job, include_extras=True), "debug": DEBUG}
    signature = inspect.signature(job)
    parameters = [p.replace(annotation=hints[p.name]) for p in signature.parameters.values()]
    option = inspect.Parameter(
        "debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=DEBUG
    )
    run.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*parameters, option]
    )
    run.__annotations__ = hints
    return run


@contextmanager
def own_lines(*, debug: bool) -> Iterator[None]:
    """Let only the command's own lines be seen, unless spark-submit or a session runs already."""
    if submitted() or SparkSession.getActiveSession() is not None:
        yield
        return
    # It tells by itself, with Java's pages, of calls that fail.
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    with run_log(keep=debug) as log:
        if debug:
            typer.echo(f"notemill: the log of Spark and Java is {log.path}", err=True)
        try:
            yield
        except Exception as failure:
            if type(failure).__module__.partition(".")[0] in ("typer", "click"):
                if debug and failure.__context__ is not None:
                    _show(failure.__context__)
                raise
            log.end_progress()
            if debug:
                _show(failure)
            more = "" if debug else " Run it again with --debug to see where."
            typer.echo(f"notemill: unexpected failure: {in_a_line(failure)}.{more}", err=True)
            raise typer.Exit(UNEXPECTED) from None


def _show(failure: BaseException) -> None:
    for line in traceback_of(failure):
        typer.echo(line, err=True)
