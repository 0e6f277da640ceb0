"""Does an exported model say what the trained one says? Logits, labels and F1, side by side."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotators._runtime.model_folder import read_model
from annotators._runtime.session import open_session
from jobs._training import score
from jobs._training.data import Example
from jobs._training.windows import Window

MAX_FP32_DIFFERENCE = 1e-3
MAX_LOSS = 0.003
MIN_AGREEMENT = 0.96
_WORD = re.compile(r"\w+|[^\w\s]")


def onnx_runner(folder: Path, threads: int) -> score.Run:
    """Make a function from padded ids and mask to logits, by the session that executors use."""
    session = open_session(read_model(folder, str(folder)), "cpu", threads)

    def run(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> score.Logits:
        return session.run(
            {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        )

    return run


def unlabelled(path: Path, text_field: str, limit: int) -> list[Example]:
    """Lines of the texts of a JSON lines file as sentences of words and punctuation marks."""
    out: list[Example] = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            for part in str(json.loads(line)[text_field]).splitlines():
                for sentence in re.split(r"(?<=[.?!])\s+", part):
                    tokens = tuple(_WORD.findall(sentence))
                    if tokens:
                        tags = ("O",) * len(tokens)
                        out.append(Example(tokens, tags, f"{path.name}:{number}"))
            if len(out) >= limit:
                break
    return out[:limit]


def _spread(a: Sequence[score.Logits], b: Sequence[score.Logits]) -> float:
    return float(max(np.abs(x - y).max() for x, y in zip(a, b, strict=True)))


def _agreement(
    a: Sequence[score.Logits], b: Sequence[score.Logits], windows: Sequence[Window]
) -> float:
    """Share of labelled positions (first wordpieces, or texts) with one label in both."""
    same = total = 0
    for x, y, w in zip(a, b, windows, strict=True):
        keep = np.array([t >= 0 for t in w.tokens]) if w.tokens else np.array(True)
        hits = (x.argmax(-1) == y.argmax(-1)) & keep
        same += int(hits.sum())
        total += int(keep.sum())
    return round(same / max(total, 1), 5)


def compare(
    task: str,
    runs: dict[str, score.Run],
    examples: Sequence[Example],
    windows: Sequence[Window],
    labels: Sequence[str],
    labelled: bool,
) -> dict[str, Any]:
    """Logits of the first run against each other's; its name is the reference."""
    logits = {name: score.predict(run, windows) for name, run in runs.items()}
    reference = next(iter(runs))
    tokens = task == "token-classification"
    found: dict[str, list[Any]] = {}
    for name, rows in logits.items():
        if tokens:
            found[name] = score.token_labels(examples, windows, rows, labels)
        else:
            best = score.text_scores(examples, windows, rows).argmax(axis=1)
            found[name] = [labels[int(i)] for i in best]
    out: dict[str, Any] = {"examples": len(examples), "against": reference}
    for name, rows in logits.items():
        row: dict[str, Any] = {}
        if name != reference:
            row["largest_logit_difference"] = round(_spread(logits[reference], rows), 6)
            row["label_agreement"] = _agreement(logits[reference], rows, windows)
            if tokens:
                row["entity_f1_against"] = score.entity_metrics(found[reference], found[name])["f1"]
        if labelled:
            gold: list[Any] = [e.tags if tokens else e.tags[0] for e in examples]
            row["metrics"] = (
                score.entity_metrics(gold, found[name])
                if tokens
                else score.text_metrics(gold, found[name], labels)
            )
        out[name] = row
    return out


def failures(task: str, report: dict[str, Any]) -> list[str]:
    """Say what of a report is beyond its bounds; empty where parity holds."""
    out: list[str] = []
    key = "f1" if task == "token-classification" else "accuracy"
    for name, row in report.items():
        if not isinstance(row, dict) or name == report["against"]:
            continue
        if name == "fp32":
            spread = row["largest_logit_difference"]
            if spread > MAX_FP32_DIFFERENCE:
                out.append(f"fp32 logits differ by {spread}, at most {MAX_FP32_DIFFERENCE}")
            continue
        agreement = row["entity_f1_against" if "entity_f1_against" in row else "label_agreement"]
        if agreement < MIN_AGREEMENT:
            out.append(f"{name} agrees to {agreement}, at least {MIN_AGREEMENT}")
        if "metrics" in row:
            loss = report[report["against"]]["metrics"][key] - row["metrics"][key]
            if loss > MAX_LOSS:
                out.append(f"{name} loses {loss:.4f} of {key}, at most {MAX_LOSS}")
    return out
