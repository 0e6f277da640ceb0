"""notemill models: the models that a name finds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from annotators._runtime.model_folder import ModelFolder, broken_models, known_models
from annotators.core.chunks.iob2 import entity_types
from jobs._run.command import verb
from jobs._run.exit_codes import errors_as_exit_codes


def models(
    markdown: Annotated[bool, typer.Option(help="as the rows of the README's table")] = False,
) -> None:
    """List the packaged models and those under NOTEMILL_MODELS: task, labels, size, metrics."""
    with errors_as_exit_codes():
        found = list(known_models())
        typer.echo("\n".join(markdown_rows(found) if markdown else map(_entry, found)))
        for failure in broken_models():
            typer.echo(f"notemill: left out: {failure}", err=True)


def markdown_rows(found: Iterable[ModelFolder]) -> list[str]:
    """The rows of the README's table of models, made from their manifests."""
    return [
        f"| `{model.reference}` | {model.task} "
        f"| {', '.join(entity_types(model.labels) or model.labels)} | {_metrics(model)} |"
        for model in found
    ]


def _metrics(model: ModelFolder) -> str:
    """The manifest's short summary: a figure a name, or the F1 of a data set's figures."""
    known = dict(model.metrics)
    dataset = known.pop("dataset", None)
    figures = [
        f"{name.replace('_', ' ')} {value['f1'] if isinstance(value, dict) else value:.4f}"
        for name, value in known.items()
    ]
    told = ", ".join(figures) or "not measured"
    return f"{told} ({dataset})" if dataset else told


def _entry(model: ModelFolder) -> str:
    return "\n".join(
        [
            model.reference,
            f"  task     {model.task or 'unknown'}",
            f"  labels   {' '.join(model.labels)}",
            f"  size     {model.size / 1e6:.1f} MB, {model.precision}",
            f"  metrics  {_metrics(model)}",
            f"  licence  {model.licence}",
        ]
    )


if __name__ == "__main__":
    typer.run(verb(models))
