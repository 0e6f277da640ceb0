"""Let a folder's labels be decoded as IOB2 allows: `python -m jobs.recipes.decode FOLDER`.

    python -m jobs.recipes.decode FOLDER --test devel.tsv --test test.tsv

The manifest gets `decoding` viterbi (annotators/core/tagging.py), which pipelines go by unless
`setDecoding` says otherwise, and the F1 of the files under it; the card gets a table of both ways.
There is nothing to fit, so that any labelled file tells what it does. Running it again begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from annotators._export.folder import amend_manifest
from annotators._runtime.model_folder import ModelFolder, read_manifest
from annotators.core.chunks.rules import label_scheme
from annotators.core.errors import ModelError
from annotators.core.tagging import ARGMAX, DECODINGS, VITERBI
from jobs._evaluation.gold import tagged_sentences
from jobs._evaluation.tagging import found_tags
from jobs._run.exit_codes import InputError
from jobs._training import mapping
from jobs._training.card import CARD, put_section
from jobs._training.score import entity_metrics
from jobs.recipes.calibrate import token_classifier

FIGURES = ("precision", "recall", "f1")


def main(
    folder: Annotated[Path, typer.Argument(help="model folder of a token classifier")],
    test: Annotated[list[Path], typer.Option(help="IOB2 file(s) to measure on")],
    rename: Annotated[list[str] | None, typer.Option("--map", help="as in notemill train")] = None,
) -> None:
    """Write `decoding` into FOLDER's manifest, and what it does into its card."""
    names = mapping.parse(rename or [])
    try:
        model = _in_iob2(folder)
        scores = {"/".join(file.parts[-2:]): _scores(model, file, names) for file in test}
    except (ModelError, InputError) as error:
        typer.echo(f"notemill: {error}", err=True)
        raise typer.Exit(3) from None
    rows = [
        f"| {place} | " + " | ".join(f"{ways[d][name]:.4f}" for d in DECODINGS for name in FIGURES)
        + " |"
        for place, ways in scores.items()
    ]  # fmt: skip
    found = {place: ways[VITERBI]["f1"] for place, ways in scores.items()}
    amend_manifest(folder, {"decoding": VITERBI, "metrics": _metrics(folder, found)})
    put_section(folder / CARD, _section(rows))
    typer.echo("\n".join(rows))


def _in_iob2(folder: Path) -> ModelFolder:
    model = token_classifier(folder)
    scheme = label_scheme(model.labels)
    if scheme != "IOB2":
        raise ModelError(f"{folder} has labels in {scheme}, expected IOB2.")
    return model


def _scores(model: ModelFolder, file: Path, names: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Entity metrics of a file by decoding."""
    examples = tagged_sentences(file, names, model.labels)
    gold = [example.tags for example in examples]
    return {
        decoding: entity_metrics(gold, found_tags(replace(model, decoding=decoding), examples))
        for decoding in DECODINGS
    }


def _metrics(folder: Path, found: Mapping[str, float]) -> dict[str, Any]:
    """The manifest's figures, those of the files under this decoding: a test file's is `test_f1`
    where there is one, `FOLDER/test_f1` where there are several.
    """
    metrics = dict(read_manifest(folder).get("metrics", {}))
    for place, value in found.items():
        names = (f"{Path(place).with_suffix('')}_f1", f"{Path(place).stem}_f1")
        metrics |= {name: value for name in names if name in metrics}
    return metrics


def _section(rows: list[str]) -> str:
    return (
        f"## Decoding\n\nLabels are the likeliest sequence that IOB2 allows (`{VITERBI}`, set by "
        f"python -m jobs.recipes.decode), not each token's best (`{ARGMAX}`, which Spark NLP "
        "has and which the tables above are of). Entities of the folder's weights:\n\n"
        f"| file | {ARGMAX}: precision | recall | F1 | {VITERBI}: precision | recall | F1 |\n"
        "|---|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\n"
    )


if __name__ == "__main__":
    typer.run(main)
