"""The command line where a package cannot be imported: `notemill doctor` works, and says why."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from jobs._run.exit_codes import UNEXPECTED


class Verbs(TyperGroup):
    """The verbs; those that could not be imported tell what is missing."""

    lacking: str | None = None

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The verb of that name."""
        found = super().get_command(ctx, cmd_name)
        if found is None and Verbs.lacking:
            typer.echo(
                f"notemill: {Verbs.lacking} `notemill doctor` says what to install.", err=True
            )
            raise typer.Exit(UNEXPECTED)
        return found


@contextmanager
def or_doctor_only() -> Iterator[None]:
    """Let what is imported within fail, and have the verbs tell of it."""
    try:
        yield
    except Exception as failure:  # noqa: BLE001 (a broken package may raise anything)
        name = getattr(failure, "name", None) or _package_of(failure)
        Verbs.lacking = f"{name} cannot be imported ({type(failure).__name__})."


def _package_of(failure: BaseException) -> str:
    """The outermost package, past Notemill's own, that the failure came through."""
    trace = failure.__traceback__
    own = ("jobs", "annotators", "pipelines", "importlib", "contextlib")
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        if name and name not in own and name not in sys.stdlib_module_names and name != "__main__":
            return name
        trace = trace.tb_next
    return "a package"
