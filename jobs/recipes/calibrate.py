"""Fit the temperature of a token classifier's folder: `python -m jobs.recipes.calibrate FOLDER`.

    python -m jobs.recipes.calibrate FOLDER --devel devel.tsv [--test test.tsv]

The devel files must be none that the model was trained on: it would find itself right there. The
manifest gets `temperature`, which pipelines divide logits by, and the card the calibration error
before and after. Labels stay what they are. Running it again begins anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from annotators._export.folder import amend_manifest
from annotators._runtime.model_folder import ModelFolder, read_model
from annotators.core.errors import ModelError
from jobs._evaluation import calibration
from jobs._evaluation.gold import tagged_sentences
from jobs._run.exit_codes import InputError
from jobs._training import mapping
from jobs._training.card import CARD, put_section
from jobs._training.data import Example


def main(
    folder: Annotated[Path, typer.Argument(help="model folder of a token classifier")],
    devel: Annotated[list[Path], typer.Option(help="IOB2 file(s) to fit on; may be repeated")],
    test: Annotated[list[Path] | None, typer.Option(help="IOB2 file(s) to measure on")] = None,
    rename: Annotated[list[str] | None, typer.Option("--map", help="as in notemill train")] = None,
) -> None:
    """Write `temperature` into FOLDER's manifest, and how well it fits into its card."""
    try:
        model = token_classifier(folder)
        names = mapping.parse(rename or [])
        sets = {
            part: [e for f in files for e in tagged_sentences(f, names, model.labels)]
            for part, files in (("devel", devel), ("test", test or []))
        }
    except (ModelError, InputError) as error:
        typer.echo(f"notemill: {error}", err=True)
        raise typer.Exit(3) from None
    logits, true = calibration.token_logits(model, sets["devel"])
    temperature = calibration.fitted_temperature(logits, true)
    rows = measured("devel", model, logits, true, temperature)
    if sets["test"]:
        rows += _measured_test(model, sets["test"], temperature)
    amend_manifest(folder, {"temperature": temperature})
    fitted_on = ", ".join("/".join(f.parts[-2:]) for f in devel)
    section = _section(temperature, fitted_on, rows)
    put_section(folder / CARD, section)
    typer.echo(f"temperature {temperature}\n" + "\n".join(rows))


def token_classifier(folder: Path) -> ModelFolder:
    model = read_model(folder, str(folder))
    if model.task != "token-classification":
        raise ModelError(f"{folder} is not a token classifier: expected one.")
    return model


def _measured_test(
    model: ModelFolder, examples: Sequence[Example], temperature: float
) -> list[str]:
    return measured("test", model, *calibration.token_logits(model, examples), temperature)


def measured(
    part: str,
    model: ModelFolder,
    logits: calibration.Logits,
    true: calibration.Ids,
    temperature: float,
) -> list[str]:
    """Table rows: calibration error over all tokens, and over those that are found in entities."""
    outside = np.array([label == "O" for label in model.labels])
    entities = ~outside[logits.argmax(axis=1)]
    rows = []
    for what, kept in (("all", np.full(len(true), True)), ("found in entities", entities)):
        before, after = (
            calibration.calibration_error(logits[kept], true[kept], t) for t in (1.0, temperature)
        )
        rows.append(f"| {part} | {what} | {int(kept.sum())} | {before:.4f} | {after:.4f} |")
    return rows


def _section(temperature: float, fitted_on: str, rows: Sequence[str]) -> str:
    return (
        f"## Calibration\n\nScores are the softmax of logits divided by {temperature}, the "
        f"temperature under which the labels of {fitted_on} are likeliest (python -m "
        f"jobs.recipes.calibrate). Expected calibration error, {calibration.BINS} bins, a token's "
        "highest score against whether its label is right:\n\n"
        "| file | tokens | number | before | after |\n|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n\n"
    )


if __name__ == "__main__":
    typer.run(main)
