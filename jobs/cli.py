"""The `notemill` command: every job as a subcommand, imported when it is called."""

from __future__ import annotations

import typer

from jobs.annotate import annotate

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
app.command("annotate")(annotate)


@app.callback()
def notemill() -> None:
    """BERT annotation of clinical notes on Apache Spark."""


if __name__ == "__main__":
    app()
