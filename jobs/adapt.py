"""Teach a Hugging Face BERT the words of your own texts, without labels, before it is fine-tuned.

    python -m jobs.adapt BASE OUT --texts notes.jsonl

Pretraining is continued by masked words (Gururangan et al. 2020, "Don't Stop Pretraining").
`OUT/hf` is the folder that `jobs.train` starts from, `OUT/hf/adapted.json` says how it was made.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from annotators._export import hub
from annotators.core.errors import ModelError
from jobs._run.command import verb
from jobs._run.exit_codes import errors_as_exit_codes
from jobs._training import data
from jobs.sources.guard import keep_all


def main(
    base: Annotated[str, typer.Argument(help="Hugging Face BERT folder, or hf://org/name")],
    out: Annotated[Path, typer.Argument(help="folder to write (OUT/hf is the model)")],
    texts: Annotated[
        list[Path], typer.Option(help="JSON lines, CSV or TSV with a text per row; may be repeated")
    ],
    text_field: Annotated[str, typer.Option(help="field of the text")] = "text",
    epochs: Annotated[float, typer.Option(help="passes over the texts")] = 20,
    minutes: Annotated[
        float, typer.Option(help="end the run, and its schedule, after this time; 0: no limit")
    ] = 0,
    learning_rate: Annotated[float, typer.Option(help="peak of the schedule")] = 5e-4,
    batch_size: Annotated[int, typer.Option(help="blocks per step")] = 32,
    block: Annotated[int, typer.Option(help="wordpieces per block")] = 256,
    warmup: Annotated[float, typer.Option(help="share of the steps that warm up")] = 0.06,
    weight_decay: Annotated[float, typer.Option(help="of AdamW")] = 0.01,
    dropout: Annotated[float, typer.Option(help="hidden dropout")] = 0.1,
    seed: Annotated[int, typer.Option(help="of all random numbers")] = 13,
    threads: Annotated[int, typer.Option(help="of PyTorch on the CPU")] = 2,
    device: Annotated[str, typer.Option(help="cpu or cuda")] = "cpu",
    bf16: Annotated[
        bool | None,
        typer.Option(help="compute in bfloat16, fast on CPUs with AVX512_BF16. Default: on cuda"),
    ] = None,
) -> None:
    """Continue BASE's pretraining on texts without labels and write OUT/hf. Example:

    notemill adapt BERT_FOLDER adapted --texts notes.jsonl
    """
    with errors_as_exit_codes():
        keep_all([base, *texts] if not hub.on_hub(base) else texts, [out / "hf"])
    if not hub.on_hub(base):
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    settings = {
        "epochs": epochs,
        "minutes": minutes,
        "learning_rate": learning_rate,
        "batch_size": batch_size,
        "block": block,
        "warmup": warmup,
        "weight_decay": weight_decay,
        "dropout": dropout,
        "seed": seed,
        "device": device,
        "bf16": device != "cpu" if bf16 is None else bf16,
    }
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    started = time.time()
    try:
        found = [text for path in texts for text in data.read_unlabelled(path, text_field)]
        base_folder = hub.local_folder(base)
        from jobs._training import adapting, card  # noqa: PLC0415 (torch)

        run = adapting.adapt(base_folder, out, found, settings, threads)
    except (data.DataError, ModelError, OSError) as error:
        typer.echo(f"notemill: {error}", err=True)
        raise typer.Exit(3) from None
    run |= {
        "texts": [path.name for path in texts],
        "settings": settings,
        **card.provenance("jobs.adapt", started),
    }
    folder = out / "hf"
    (folder / "adapted.json").write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
    typer.echo(f"wrote {folder}: {run['blocks']} blocks, {run['steps']} steps, loss {run['loss']}")


if __name__ == "__main__":
    typer.run(verb(main))
