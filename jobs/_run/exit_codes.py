"""Exit codes of every job, and the one line that a failing job says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from annotators.core.errors import InputColumnError, ModelError, NotemillError, ParamError

OK = 0
UNEXPECTED = 1
USAGE = 2
INPUT = 3
MODEL = 4
JAVA = 5
LOCKED = 6
TOO_MANY_ERRORS = 7
STOPPED = 130


class InputError(NotemillError):
    """The input (or the output's place) cannot be used."""


class NoNotesError(InputError):
    """The input is there and holds no notes."""


class JavaError(NotemillError):
    """There is no Java that Spark can run on."""


class LockedError(NotemillError):
    """Another run holds the place that is to be written."""


class TooManyErrorsError(NotemillError):
    """More notes failed than the job allows."""


_CODES: list[tuple[type[NotemillError], int]] = [
    (InputError, INPUT),
    (InputColumnError, INPUT),
    (ModelError, MODEL),
    (ParamError, USAGE),
    (JavaError, JAVA),
    (LockedError, LOCKED),
    (TooManyErrorsError, TOO_MANY_ERRORS),
]


def code_of(failure: NotemillError) -> int:
    """The exit code of a job that ends with this error."""
    return next((code for kind, code in _CODES if isinstance(failure, kind)), UNEXPECTED)


@contextmanager
def errors_as_exit_codes() -> Iterator[None]:
    """Turn Notemill's errors into one line on stderr and their exit code."""
    try:
        yield
    except NotemillError as failure:
        typer.echo(f"notemill: {failure}", err=True)
        raise typer.Exit(code_of(failure)) from None
    except KeyboardInterrupt:
        typer.echo("notemill: stopped. An output that was not finished is not there.", err=True)
        raise typer.Exit(STOPPED) from None
