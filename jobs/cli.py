"""The `notemill` command: every job as a subcommand."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import Annotated

import typer

from jobs._run.partial import Verbs, or_doctor_only
from jobs.doctor import doctor

app = typer.Typer(cls=Verbs, no_args_is_help=True, pretty_exceptions_enable=False)
app.command()(doctor)

with or_doctor_only():
    from jobs._run.command import verb
    from jobs.accelerate import accelerate
    from jobs.adapt import main as adapt
    from jobs.annotate import annotate
    from jobs.compare import compare
    from jobs.demo import demo
    from jobs.etl import etl
    from jobs.evaluate import evaluate
    from jobs.export import main as export
    from jobs.models import models
    from jobs.report import report
    from jobs.train import main as train

    app.command()(verb(annotate))
    app.command()(verb(etl))
    app.command()(verb(demo))
    app.command()(verb(models))
    app.command()(verb(evaluate))
    app.command()(verb(report))
    app.command()(verb(compare))
    app.command()(verb(accelerate))
    app.command("adapt")(verb(adapt))
    app.command("train")(verb(train))
    app.command("export")(verb(export))


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
