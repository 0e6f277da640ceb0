"""Export a Hugging Face folder to a model folder that Notemill and Spark NLP load.

    python -m jobs.export HF_FOLDER OUT --precision int8 --parity test.tsv

Nothing is written unless parity holds: fp32 logits within 1e-3 of torch's; int8 at most 0.3 points
of F1 (or accuracy) below fp32, and entity F1 (or label agreement) of 0.96 or more against it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from annotators._export import hub
from annotators.core.errors import ModelError
from jobs._run.command import verb
from jobs._run.exit_codes import errors_as_exit_codes
from jobs._training import data
from jobs.sources.guard import keep_all

PARITY_EXIT = 6


def main(
    source: Annotated[
        str, typer.Argument(help="Hugging Face folder with a fine-tuned BERT, or hf://org/name")
    ],
    out: Annotated[Path, typer.Argument(help="model folder to write")],
    precision: Annotated[str, typer.Option(help="int8 or fp32")] = "int8",
    parity: Annotated[
        list[Path] | None, typer.Option(help="labelled file to compare on; may be repeated")
    ] = None,
    notes: Annotated[
        list[Path] | None, typer.Option(help="JSON lines with a text: compared without labels")
    ] = None,
    name: Annotated[str, typer.Option(help="name in the manifest, default: the folder's")] = "",
    licence: Annotated[str, typer.Option(help="licence in the manifest")] = "",
    dataset: Annotated[str, typer.Option(help="what the parity file is, for the manifest")] = "",
    rename: Annotated[list[str] | None, typer.Option("--map", help="as in notemill train")] = None,
    text_field: Annotated[str, typer.Option(help="field of a text")] = "text",
    label_field: Annotated[str, typer.Option(help="field of its label")] = "label",
    reduce_range: Annotated[
        bool, typer.Option(help="7-bit weights: one result on all CPUs")
    ] = True,
    exclude: Annotated[
        list[str] | None,
        typer.Option(help="keep nodes with this in their name in fp32; may be repeated"),
    ] = None,
    mapped_weights: Annotated[
        bool, typer.Option(help="weights in a file that a machine's workers share; not Spark NLP's")
    ] = False,
    data_note: Annotated[
        str, typer.Option(help="for the card, instead of what training says")
    ] = "",
    limits: Annotated[str, typer.Option(help="for the card, instead of what training says")] = "",
    limit: Annotated[int, typer.Option(help="most sentences of each --notes file")] = 4000,
    threads: Annotated[int, typer.Option(help="of the comparison")] = 1,
    overwrite: Annotated[bool, typer.Option(help="replace OUT")] = False,
) -> None:
    """Write OUT: model.onnx, tokenizer, assets, card, parity report and manifest. Example:

    notemill export work/hf my-model --parity devel.tsv
    """
    if precision not in ("int8", "fp32"):
        raise typer.BadParameter(f"found --precision {precision}, expected int8 or fp32")
    with errors_as_exit_codes():
        read = [*(parity or []), *(notes or [])]
        keep_all([source, *read] if not hub.on_hub(source) else read, [out])
    if out.exists() and not overwrite:
        typer.echo(f"notemill: {out} exists: choose another folder or --overwrite", err=True)
        raise typer.Exit(3)
    if not hub.on_hub(source):
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from jobs._training import exporting, mapping  # noqa: PLC0415 (torch)

    try:
        job = exporting.Job(
            source=hub.local_folder(source),
            precision=precision,
            parity=tuple(parity or ()),
            notes=tuple(notes or ()),
            mapping=mapping.parse(rename or []),
            fields=(text_field, label_field),
            reduce_range=reduce_range,
            exclude=tuple(exclude or ()),
            limit=limit,
            threads=threads,
            texts=(("data_note", data_note), ("limits", limits)),
        )
        with tempfile.TemporaryDirectory() as scratch:
            built = exporting.build(job, Path(scratch))
            typer.echo(exporting.summary(built.report))
            if built.failures:
                for failure in built.failures:
                    typer.echo(f"notemill: parity fails, nothing written: {failure}", err=True)
                raise typer.Exit(PARITY_EXIT)
            facts = _facts(built, name or out.name, licence, dataset)
            exporting.finish(built, facts, mapped_weights)
            if out.exists():
                shutil.rmtree(out)
            out.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(built.folder, out)
    except (data.DataError, ModelError) as error:
        typer.echo(f"notemill: {error}", err=True)
        raise typer.Exit(3) from None
    typer.echo(f"wrote {out}")


def _facts(built: Any, name: str, licence: str, dataset: str) -> dict[str, Any]:
    """Collect the manifest's entries, without the files."""
    licence = licence or built.trained.get("licence", "unknown")
    manifest = built.source.facts(name, built.job.precision, licence)
    return {**manifest, "metrics": _metrics(built, dataset)}


def _metrics(built: Any, dataset: str) -> dict[str, Any]:
    """The headline figure of the parity file, or one for each of several."""
    rows = {
        where: found[built.job.precision]["metrics"]
        for where, found in built.report.items()
        if "metrics" in found.get(built.job.precision, {})
    }
    key = "f1" if any("f1" in row for row in rows.values()) else "accuracy"
    if len(rows) == 1:
        return {f"test_{key}": rows["parity"][key], "dataset": dataset or built.job.parity[0].name}
    each = {where: row[key] for where, row in rows.items() if where != "parity"}
    return {f"{Path(where).with_suffix('')}_{key}": value for where, value in each.items()}


if __name__ == "__main__":
    typer.run(verb(main))
