"""Export a Hugging Face folder to a model folder that Notemill and Spark NLP load.

    python -m jobs.export HF_FOLDER OUT --precision int8 --parity test.tsv

Nothing is written unless parity holds: fp32 logits within 1e-3 of torch's; int8 at most 0.3 points
of F1 (or accuracy) below fp32, and entity F1 (or label agreement) of 0.96 or more against it.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from annotators.core import iob2
from jobs._training import data

PARITY_EXIT = 6


def _versions() -> dict[str, str]:
    names = ("torch", "transformers", "onnx", "onnxruntime", "tokenizers")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def _cpu_flags() -> list[str]:
    """Instruction sets of this CPU that change int8 results."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return []
    known = {"avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8"}
    return sorted(known & set(text.split("flags", 1)[-1].split("\n", 1)[0].split()))


def main(
    source: Annotated[Path, typer.Argument(help="Hugging Face folder with a fine-tuned BERT")],
    out: Annotated[Path, typer.Argument(help="model folder to write")],
    precision: Annotated[str, typer.Option(help="int8 or fp32")] = "int8",
    parity: Annotated[Path | None, typer.Option(help="labelled file to compare on")] = None,
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
    exclude: Annotated[list[str] | None, typer.Option(help="part of node names kept fp32")] = None,
    data_note: Annotated[
        str, typer.Option(help="for the card, instead of what training says")
    ] = "",
    limits: Annotated[str, typer.Option(help="for the card, instead of what training says")] = "",
    limit: Annotated[int, typer.Option(help="sentences of each --notes file")] = 4000,
    threads: Annotated[int, typer.Option()] = 1,
    overwrite: Annotated[bool, typer.Option()] = False,
) -> None:
    """Write OUT: model.onnx, tokenizer, assets, card, parity report and manifest."""
    if precision not in ("int8", "fp32"):
        raise typer.BadParameter(f"found --precision {precision}, expected int8 or fp32")
    if not (source / "config.json").is_file():
        typer.echo(f"notemill: {source} is no Hugging Face folder: it has no config.json", err=True)
        raise typer.Exit(3)
    if out.exists() and not overwrite:
        typer.echo(f"notemill: {out} exists: choose another folder or --overwrite", err=True)
        raise typer.Exit(3)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from jobs._training import exporting, mapping  # noqa: PLC0415 (torch)

    try:
        job = exporting.Job(
            source=source,
            precision=precision,
            parity=parity,
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
            exporting.finish(built, facts)
            if out.exists():
                shutil.rmtree(out)
            out.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(built.folder, out)
    except data.DataError as error:
        typer.echo(f"notemill: {error}", err=True)
        raise typer.Exit(3) from None
    typer.echo(f"wrote {out}")


def _facts(built: Any, name: str, licence: str, dataset: str) -> dict[str, Any]:
    """Collect the manifest's entries, without the files."""
    trained = built.trained
    tokens = built.task == "token-classification"
    row = built.report.get("parity", {}).get(built.job.precision, {}).get("metrics", {})
    key = "f1" if tokens else "accuracy"
    return {
        "name": name,
        "task": built.task,
        "language": "en",
        "labels": list(built.labels),
        "scheme": iob2.infer_scheme(built.labels) if tokens else None,
        "precision": built.job.precision,
        "lowercase": built.lowercase,
        "max_length": built.max_length,
        "licence": licence or trained.get("licence", "unknown"),
        "versions": {**_versions(), "cpu": " ".join(_cpu_flags())},
        "metrics": {f"test_{key}": row[key], "dataset": dataset or built.job.parity.name}
        if row
        else {},
    }


def cli() -> None:
    """Console entry."""
    typer.run(main)


if __name__ == "__main__":
    cli()
