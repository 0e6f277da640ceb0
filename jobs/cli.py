"""The `notemill` command: every job as a subcommand."""

from __future__ import annotations

import typer

from jobs.adapt import main as adapt
from jobs.annotate import annotate
from jobs.demo import demo
from jobs.evaluate import evaluate
from jobs.export import main as export
from jobs.models import models
from jobs.train import main as train

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
app.command()(annotate)
app.command()(demo)
app.command()(models)
app.command()(evaluate)
app.command("adapt")(adapt)
app.command("train")(train)
app.command("export")(export)


@app.callback()
def notemill() -> None:
    """BERT annotation of clinical notes on Apache Spark."""


if __name__ == "__main__":
    app()
