"""One training run: model and windows made, trained, scored on devel by epoch and on test once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import typer
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)

from annotators._export.hugging_face import TEXTS, TOKENS
from jobs._training import card, data, score, teachers
from jobs._training import windows as windowing
from jobs._training.batching import Noise
from jobs._training.optimise import Clock
from jobs._training.trainer import BertTrainer, Knobs, arguments, prepare

_KINDS = {TOKENS: AutoModelForTokenClassification, TEXTS: AutoModelForSequenceClassification}


def load(base: Path, task: str, labels: Sequence[str], settings: Mapping[str, Any]) -> Any:
    """Load the base model with a new head for `labels`."""
    config = AutoConfig.from_pretrained(
        base,
        num_labels=len(labels),
        id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
        hidden_dropout_prob=settings["dropout"],
        attention_probs_dropout_prob=settings["attention_dropout"],
    )
    if config.model_type != "bert":
        typer.echo(
            f"a network of model_type {config.model_type} can only teach a BERT (--teacher): "
            "it cannot be exported"
        )
    return _KINDS[task].from_pretrained(
        base,
        config=config,
        dtype=torch.float32,
        use_safetensors=True,
        ignore_mismatched_sizes=True,  # a base may be fine-tuned for other labels
    )


def _headline(task: str, metrics: Mapping[str, Any]) -> float:
    return float(metrics["f1"] if task == TOKENS else metrics["accuracy"])


def _tell_long_rows(
    examples: Sequence[data.Example], windows: Sequence[windowing.Window], longest: int
) -> None:
    counts = Counter(window.example for window in windows)
    places = [examples[number].where for number, count in counts.items() if count > 1]
    if places:
        typer.echo(
            f"{len(places)} rows are longer than {longest} wordpieces, several windows cover each: "
            f"{data.listed(places)}"
        )


def fit(
    base: Path,
    out: Path,
    task: str,
    labels: Sequence[str],
    sets: Mapping[str, data.Loaded],
    settings: Mapping[str, Any],
    threads: int,
    teacher_folders: Sequence[Path] = (),
) -> dict[str, Any]:
    """Train, keep the best epoch in OUT/hf, and give the metrics of devel and test."""
    tokenizer = prepare(base, settings["seed"], threads)
    device = torch.device(settings["device"])
    model = load(base, task, labels, settings).to(device)
    encode = windowing.encode_tokens if task == TOKENS else windowing.encode_texts
    longest = min(settings["max_length"], model.config.max_position_embeddings)
    windows = {
        role: encode(found.examples, tokenizer, labels, longest) for role, found in sets.items()
    }
    for role, found in sets.items():
        _tell_long_rows(found.examples, windows[role], longest)
    annotated = {t[2:] for e in sets["partial"].examples for t in e.tags if t != "O"}
    partial = torch.tensor(
        [label == "O" or label[2:] not in annotated for label in labels], device=device
    )
    learnt = [*windows["train"], *windows["partial"]]
    if teacher_folders:
        teachers.check(teacher_folders, labels, tokenizer)
        taught_by = [_KINDS[task].from_pretrained(f).to(device) for f in teacher_folders]
        learnt = teachers.taught(taught_by, learnt, settings["bf16"])

    def keep(found: Any, folder: Path) -> None:
        found.save_pretrained(folder)
        tokenizer.save_pretrained(folder)

    def devel(found: Any) -> tuple[float, dict[str, Any]] | None:
        if not sets["devel"].examples:
            return None
        metrics = score.evaluate(
            task, score.torch_runner(found), sets["devel"].examples, windows["devel"], labels
        )
        typer.echo(f"\n{card.line(task, metrics)}")
        return _headline(task, metrics), metrics

    trainer = BertTrainer(
        model=model,
        args=arguments(out, settings, eval_strategy="epoch"),
        rows=learnt,
        clock=Clock(settings["minutes"], settings["warmup"], settings["schedule"]),
        layer_decay=settings["layer_decay"],
        head_factor=settings["head_factor"],
        knobs=Knobs(
            settings["smoothing"],
            settings["teacher_share"],
            settings["average"],
            settings["patience"],
            Noise(settings["word_mask"], int(tokenizer.mask_token_id)),
        ),
        partial=partial,
        score=devel,
        keep=keep,
        best_folder=out / "hf",
        eval_dataset=[],
    )
    trainer.train()
    if trainer.state.epoch != int(trainer.state.epoch or 0):  # stopped by the clock
        trainer.evaluate()
    metrics: dict[str, Any] = {
        "history": trainer.history,
        "steps": trainer.state.global_step,
        "epochs_done": round(float(trainer.state.epoch or 0), 2),
    }
    if trainer.history:
        metrics["devel"] = max(trainer.history, key=lambda m: _headline(task, m))
    best = type(model).from_pretrained(out / "hf").to(device).eval()
    if settings["balance"]:
        moved = score.balance(best, sets["devel"].examples, windows["devel"], labels)
        keep(best, out / "hf")
        metrics["balance"] = moved
        typer.echo(f"\nO moved by {moved['shift']} {card.line(task, moved)}")
    if sets["test"].examples:
        metrics["test"] = score.evaluate(
            task, score.torch_runner(best), sets["test"].examples, windows["test"], labels
        )
        typer.echo(f"\ntest {card.line(task, metrics['test'])}")
    return metrics
