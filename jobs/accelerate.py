"""notemill accelerate: let sentences that are sure after some layers leave the model there.

    notemill accelerate bert_token_classifier_ner_bc5cdr notes.jsonl -o faster
    notemill annotate more.jsonl out --model ./faster

TEXTS are notes like those that will be annotated, without labels. A small head learns from the
model's own outputs; layer and threshold are those that leave out the most work while entity F1 to
the whole model (of a sequence classifier: the share of equal labels) stays at --fidelity on every
fifth text, which is held out. OUT is a copy of the folder with two graphs more, which hold no
weights of their own; manifest and card say what was done. `setEarlyExit` chooses per stage.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from annotators._runtime.model_folder import find_model
from jobs._run.command import verb
from jobs._run.exit_codes import InputError, errors_as_exit_codes


def accelerate(
    model: Annotated[str, typer.Argument(help="a model's name or folder")],
    texts: Annotated[
        list[Path], typer.Argument(help="JSON lines, CSV, TSV or .txt files (or folders of these)")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="model folder to write")],
    fidelity: Annotated[
        float, typer.Option(help="entity F1 to the whole model's, on texts held out")
    ] = 0.998,
    unseen: Annotated[
        list[Path] | None,
        typer.Option("--measure", help="texts that train nothing: measured for the card"),
    ] = None,
    text_field: Annotated[str, typer.Option(help="field of a text")] = "text",
    layer: Annotated[
        list[int] | None,
        typer.Option(help="leave after this layer; may be repeated; default: a third, and half"),
    ] = None,
    threads: Annotated[int, typer.Option(help="of PyTorch on the CPU")] = 1,
    overwrite: Annotated[bool, typer.Option(help="replace OUT")] = False,
) -> None:
    """Write OUT: the model, and graphs by which sure sentences leave it early. Example:

    notemill accelerate ./my-model notes.jsonl -o faster
    """
    if not 0 < fidelity < 1:
        raise typer.BadParameter(f"found --fidelity {fidelity}, expected above 0 and below 1")
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    with errors_as_exit_codes():
        found = find_model(model)
        if out.exists() and not overwrite:
            raise InputError(f"{out} exists: choose another folder or --overwrite.")
        if out.resolve() == found.path.resolve():
            raise InputError(f"{out} is the model itself: choose another folder.")
        from jobs._acceleration import accelerating, writing  # noqa: PLC0415 (torch)
        from jobs._training import card  # noqa: PLC0415
        from jobs._training.data import DataError  # noqa: PLC0415

        job = accelerating.Job(
            found.path, tuple(texts), tuple(unseen or ()), text_field, fidelity,
            tuple(layer or ()), threads,
        )  # fmt: skip
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "model"
            try:
                made = accelerating.accelerate(job, folder, typer.echo)
            except (DataError, OSError) as failure:
                raise InputError(f"{failure}.") from None
            writing.write_part(made.model, made.part, made.facts)
            command = card.portable(f"notemill accelerate {shlex.join(sys.argv[2:])}")
            writing.write_card(folder, found.path.name, made.part, command)
            if out.exists():
                shutil.rmtree(out)
            out.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(folder, out)
    for row in made.part["measured"]:
        if row["fidelity"] == made.part["default"]:
            typer.echo(
                f"{row['text']} ({row['part']}): F1 {row['f1_to_whole']:.4f} to the whole model, "
                f"{row['work_left_out']:.1%} of the layers' work left out"
            )
    typer.echo(f"wrote {out}: windows leave after layer {made.part['layer']}")


if __name__ == "__main__":
    typer.run(verb(accelerate))
