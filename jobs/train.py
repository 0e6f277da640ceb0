"""Fine-tune a Hugging Face BERT folder on tagged files or labelled text, with the HF Trainer.

    python -m jobs.train BASE OUT --train train.tsv --devel devel.tsv [--test test.tsv]

A tagged file has a token first and its tag last in a line, in IOB2, IOB1, BIOES or BILOU, as
CoNLL-2003 has; a folder is read as BRAT (.txt with .ann).

The best epoch by the devel set is kept. `OUT/hf` is the Hugging Face folder, `OUT/hf/README.md`
its model card and `OUT/hf/metrics.json` every figure. The test file is scored once, at the end.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from annotators._export import hub
from annotators.core.chunks import iob2
from annotators.core.errors import ModelError
from jobs._run.command import verb
from jobs._run.exit_codes import errors_as_exit_codes
from jobs._training import data
from jobs._training import mapping as renamed
from jobs.sources.guard import keep_all

TOKENS, TEXTS = "token-classification", "sequence-classification"
Files = list[Path]


def _read(
    task: str,
    files: Files,
    mapping: dict[str, str],
    fields: tuple[str, str],
    partial: bool = False,
    training: bool = True,
    taught: bool = False,
) -> data.Loaded:
    read = [
        data.read_tagged(f, mapping, partial)
        if task == TOKENS
        else data.read_texts(f, *fields, mapping)
        for f in files
    ]
    examples = tuple(e for r in read for e in r.examples)
    if not training and task == TEXTS:
        examples = data.unmixed(examples)
    if partial and not taught:  # without an entity nothing is known, unless by a teacher
        examples = tuple(e for e in examples if set(e.tags) != {"O"})
    return data.Loaded(
        examples,
        tuple(place for r in read for place in r.repairs),
        tuple(place for r in read for place in r.overlapped),
    )


def main(
    base: Annotated[
        str, typer.Argument(help="Hugging Face BERT folder to start from, or hf://org/name")
    ],
    out: Annotated[Path, typer.Argument(help="folder to write (OUT/hf is the model)")],
    train: Annotated[Files, typer.Option(help="tagged file or BRAT folder; may be repeated")],
    devel: Annotated[Files | None, typer.Option(help="file(s) that choose the epoch")] = None,
    test: Annotated[Files | None, typer.Option(help="file(s) scored once, at the end")] = None,
    partial: Annotated[
        Files | None,
        typer.Option(help="IOB2 file(s) that annotate only some types: O means any other type too"),
    ] = None,
    teacher: Annotated[
        Files | None,
        typer.Option(
            help="Hugging Face folder(s) of trained models, with the same labels and wordpieces, "
            "whose mean is learnt beside the labels; then --partial files may be without any"
        ),
    ] = None,
    teacher_share: Annotated[float, typer.Option(help="share of the loss for teachers")] = 0.5,
    task: Annotated[str, typer.Option(help=f"{TOKENS} or {TEXTS}")] = TOKENS,
    rename: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help="rename a type or label: FROM=TO; FROM= drops it; FROM=A/B trains half of each",
        ),
    ] = None,
    text_field: Annotated[str, typer.Option(help="field of the text")] = "text",
    label_field: Annotated[str, typer.Option(help="field of the label")] = "label",
    epochs: Annotated[float, typer.Option(help="passes over the training files")] = 4,
    learning_rate: Annotated[float, typer.Option(help="peak of the schedule")] = 2.5e-4,
    batch_size: Annotated[int, typer.Option(help="windows per step")] = 16,
    minutes: Annotated[
        float, typer.Option(help="end the run, and its schedule, after this time; 0: no limit")
    ] = 0,
    schedule: Annotated[str, typer.Option(help="linear or cosine decay")] = "linear",
    warmup: Annotated[float, typer.Option(help="share of the steps that warm up")] = 0.1,
    weight_decay: Annotated[float, typer.Option(help="of AdamW")] = 0.01,
    layer_decay: Annotated[
        float, typer.Option(help="factor of the learning rate per layer, downwards")
    ] = 1.0,
    head_factor: Annotated[
        float, typer.Option(help="factor of the classifier's learning rate")
    ] = 1.0,
    dropout: Annotated[float, typer.Option(help="hidden dropout")] = 0.1,
    attention_dropout: Annotated[float, typer.Option(help="dropout of attention")] = 0.0,
    smoothing: Annotated[float, typer.Option(help="label smoothing")] = 0.0,
    word_mask: Annotated[float, typer.Option(help="share of pieces masked in training")] = 0.0,
    average: Annotated[float, typer.Option(help="decay of averaged weights, 0: off")] = 0.0,
    balance: Annotated[
        bool,
        typer.Option("--balance", help="move the bias of O to where the devel files' F1 is best"),
    ] = False,
    patience: Annotated[int, typer.Option(help="epochs without a better devel score")] = 3,
    max_length: Annotated[int, typer.Option(help="wordpieces per window")] = 512,
    seed: Annotated[int, typer.Option(help="of all random numbers")] = 13,
    threads: Annotated[int, typer.Option(help="of PyTorch on the CPU")] = 2,
    device: Annotated[str, typer.Option(help="cpu or cuda")] = "cpu",
    bf16: Annotated[
        bool, typer.Option("--bf16", help="compute in bfloat16, fast on CPUs with AVX512_BF16")
    ] = False,
    name: Annotated[str, typer.Option(help="name in the card")] = "",
    licence: Annotated[str, typer.Option(help="licence in the card")] = "unknown",
    data_note: Annotated[str, typer.Option(help="data, licences and sources, for the card")] = "",
    limits: Annotated[str, typer.Option(help="intended use and limits, for the card")] = "",
) -> None:
    """Fine-tune BASE and write OUT/hf with weights, tokenizer, card and metrics. Example:

    notemill train BERT_FOLDER work --train train.tsv --devel devel.tsv
    """
    fields, mapping = (text_field, label_field), renamed.parse(rename or [])
    with errors_as_exit_codes():
        files = [*train, *(partial or []), *(devel or []), *(test or []), *(teacher or [])]
        keep_all([base, *files] if not hub.on_hub(base) else files, [out / "hf", out / "trainer"])
    if not hub.on_hub(base):
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    if task not in (TOKENS, TEXTS):
        raise typer.BadParameter(f"found --task {task}, expected {TOKENS} or {TEXTS}")
    if balance and (task != TOKENS or not devel):
        raise typer.BadParameter(f"found --balance, which needs --devel and --task {TOKENS}")
    try:
        sets = {
            "train": _read(task, train, mapping, fields),
            "partial": _read(
                task, partial or [], mapping, fields, partial=True, taught=bool(teacher)
            ),
            "devel": _read(task, devel or [], mapping, fields, training=False),
            "test": _read(task, test or [], mapping, fields, training=False),
        }
        tags = [t for e in sets["train"].examples for t in e.tags]
        labels = iob2.label_list(tags) if task == TOKENS else tuple(sorted(set(tags)))
        for role in ("partial", "devel", "test"):
            data.check_labels(labels, sets[role].examples, role)
        base_folder = hub.trainable_folder(base)
    except (data.DataError, ModelError, OSError) as error:
        typer.echo(f"notemill: {error}", err=True)
        raise typer.Exit(3) from None
    repairs = [place for s in sets.values() for place in s.repairs]
    overlapped = tuple(place for s in sets.values() for place in s.overlapped)
    for line in data.Loaded((), tuple(repairs), overlapped).told():
        typer.echo(line)
    settings = {
        "epochs": epochs,
        "learning_rate": learning_rate,
        "batch_size": batch_size,
        "schedule": schedule,
        "warmup": warmup,
        "weight_decay": weight_decay,
        "layer_decay": layer_decay,
        "head_factor": head_factor,
        "dropout": dropout,
        "attention_dropout": attention_dropout,
        "smoothing": smoothing,
        "teachers": [folder.parent.name for folder in teacher or []],
        "teacher_share": teacher_share,
        "word_mask": word_mask,
        "average": average,
        "balance": balance,
        "minutes": minutes,
        "patience": patience,
        "max_length": max_length,
        "seed": seed,
        "device": device,
        "bf16": bf16,
    }
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    random.seed(seed)
    from jobs._training import card, fit  # noqa: PLC0415 (torch)

    started = time.time()
    try:
        metrics = fit.fit(base_folder, out, task, labels, sets, settings, threads, teacher or [])
    except data.DataError as error:
        typer.echo(f"notemill: {error}", err=True)
        raise typer.Exit(3) from None
    metrics |= {
        "name": name or out.name,
        "task": task,
        "labels": list(labels),
        "repairs": len(repairs),
        "files": {
            "train": [p.name for p in train],
            "partial": [p.name for p in partial or []],
            "devel": [p.name for p in devel or []],
            "test": [p.name for p in test or []],
        },
        "rows": {role: len(found.examples) for role, found in sets.items()},
        "map": mapping,
        "settings": settings,
        **card.provenance("jobs.train", started),
        "licence": licence,
        "data_note": data_note,
        "limits": limits,
    }
    folder = out / "hf"
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    (folder / card.CARD).write_text(card.render(metrics), encoding="utf-8")
    typer.echo(f"wrote {folder}")


if __name__ == "__main__":
    typer.run(verb(main))
