"""notemill models: the models that a name finds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from annotators._runtime.model_folder import (
    ModelFolder,
    broken_models,
    find_model,
    known_models,
    verify,
)
from annotators.core.chunks.iob2 import entity_types
from jobs._run.command import verb
from jobs._run.exit_codes import errors_as_exit_codes


def models(
    name: Annotated[str | None, typer.Argument(help="print this model's card")] = None,
    verified: Annotated[
        bool, typer.Option("--verify", help="check the SHA-256 of every file that a manifest lists")
    ] = False,
    markdown: Annotated[bool, typer.Option(help="as the rows of a table in Markdown")] = False,
    json_: Annotated[bool, typer.Option("--json", help="print what manifests say, JSON")] = False,
) -> None:
    """List the packaged models and those under NOTEMILL_MODELS: task, labels, size, metrics.

    With a name (or a folder), print the model's card. Examples:

        notemill models bert_token_classifier_ner_bc5cdr

        notemill models --verify

        notemill models --json
    """
    with errors_as_exit_codes():
        found = [find_model(name)] if name else list(known_models())
        if verified:
            for model in found:
                verify(model)
                if not json_:
                    typer.echo(f"{model.reference}: unchanged")
        if json_:
            typer.echo(json.dumps([_facts(model) for model in found], ensure_ascii=False))
        if verified or json_:
            return
        if name:
            typer.echo(_card(found[0]))
            return
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


def _facts(model: ModelFolder) -> dict[str, Any]:
    """What a script reads of a model; size is in bytes."""
    return {
        "name": model.reference,
        "path": str(model.path),
        "task": model.task,
        "labels": list(model.labels),
        "size": model.size,
        "precision": model.precision,
        "metrics": dict(model.metrics),
        "licence": model.licence,
    }


def _card(model: ModelFolder) -> str:
    """The model's own card, or what is known of one that has none."""
    card = model.path / "README.md"
    return card.read_text("utf-8").rstrip() if card.is_file() else _entry(model)


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
