"""The `notemill` command: every job as a subcommand."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import Annotated

import typer

from jobs._run.verbs import Verbs

app = typer.Typer(cls=Verbs, no_args_is_help=True, pretty_exceptions_enable=False)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"notemill {version_of('notemill')}")
        raise typer.Exit


@app.callback()
def notemill(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="print the version")
    ] = False,
) -> None:
    """BERT annotation of clinical notes on Apache Spark."""


if __name__ == "__main__":
    app()
