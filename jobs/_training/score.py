"""Predictions of a torch model over windows, and their metrics by label."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from seqeval.metrics import classification_report
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from jobs._training.data import Example
from jobs._training.windows import Window

Logits = NDArray[np.float32]
Run = Callable[[NDArray[np.int64], NDArray[np.int64]], Logits]
SHIFTS = tuple(step / 4 for step in range(-8, 9))
"""Of O's logit, what `balance` tries."""


def batches(windows: Sequence[Window], tokens: int) -> Iterator[list[int]]:
    """Give indices of windows sorted by length, so many a batch that padding stays in bounds."""
    order = sorted(range(len(windows)), key=lambda i: len(windows[i].input_ids))
    batch: list[int] = []
    for index in order:
        if batch and len(windows[index].input_ids) * (len(batch) + 1) > tokens:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def pad(rows: Sequence[Sequence[int]], value: int) -> NDArray[np.int64]:
    """Rows of ids as one array, shorter rows filled with `value`."""
    out = np.full((len(rows), max(map(len, rows))), value, dtype=np.int64)
    for number, row in enumerate(rows):
        out[number, : len(row)] = row
    return out


def predict(run: Run, windows: Sequence[Window], tokens: int = 1024) -> list[Logits]:
    """Logits of every window in the order given: (pieces, labels), or (labels,) for a text."""
    out: list[Logits] = [np.empty(0, np.float32)] * len(windows)
    for batch in batches(windows, tokens):
        ids = pad([windows[i].input_ids for i in batch], 0)
        mask = pad([[1] * len(windows[i].input_ids) for i in batch], 0)
        logits = run(ids, mask)
        for row, index in zip(logits, batch, strict=True):
            out[index] = row[: len(windows[index].input_ids)] if row.ndim == 2 else row
    return out


def torch_runner(model: Any, bf16: bool = False) -> Run:
    """Make a function from padded ids and mask to logits, without gradients; computed in bfloat16
    where asked.
    """
    import torch  # noqa: PLC0415 (the runs over ONNX need no torch)

    def run(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Logits:
        with torch.inference_mode(), torch.autocast(model.device.type, torch.bfloat16, bf16):
            found = model(
                input_ids=torch.from_numpy(ids).to(model.device),
                attention_mask=torch.from_numpy(mask).to(model.device),
            ).logits
        return np.asarray(found.float().cpu().numpy())

    return run


def token_labels(
    examples: Sequence[Example],
    windows: Sequence[Window],
    logits: Sequence[Logits],
    labels: Sequence[str],
) -> list[list[str]]:
    """One label per token, from its first wordpiece; a token without wordpieces gets O."""
    out = [["O"] * len(e.tokens) for e in examples]
    for window, row in zip(windows, logits, strict=True):
        best = row.argmax(axis=-1)
        for position, token in enumerate(window.tokens):
            if token >= 0:
                out[window.example][token] = labels[int(best[position])]
    return out


def text_scores(
    examples: Sequence[Example], windows: Sequence[Window], logits: Sequence[Logits]
) -> NDArray[np.float64]:
    """Mean softmax over the windows of each text, (texts, labels)."""
    width = len(logits[0])
    total = np.zeros((len(examples), width))
    count = np.zeros((len(examples), 1))
    for window, row in zip(windows, logits, strict=True):
        shifted = np.exp(row.astype(np.float64) - row.max())
        total[window.example] += shifted / shifted.sum()
        count[window.example] += 1
    return np.asarray(total / count)


def entity_metrics(gold: Sequence[Sequence[str]], found: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Report precision, recall, F1 and support by type (seqeval); `f1` is the micro average."""
    report = classification_report(
        [list(row) for row in gold],
        [list(row) for row in found],
        output_dict=True,
        zero_division=0,
    )
    by_label = {
        name: {k.replace("-score", ""): round(float(v), 5) for k, v in row.items()}
        for name, row in report.items()
    }
    micro = by_label.get("micro avg", {"f1": 0.0, "precision": 0.0, "recall": 0.0})
    return {
        "f1": micro["f1"],
        "precision": micro["precision"],
        "recall": micro["recall"],
        "by_label": by_label,
    }


def text_metrics(
    gold: Sequence[str], found: Sequence[str], labels: Sequence[str]
) -> dict[str, Any]:
    """Give accuracy, macro F1, scores by label and the confusion matrix (rows: gold)."""
    p, r, f, n = precision_recall_fscore_support(gold, found, labels=list(labels), zero_division=0)
    return {
        "accuracy": round(float(accuracy_score(gold, found)), 5),
        "macro_f1": round(float(np.mean(f)), 5),
        "by_label": {
            label: {
                "precision": round(float(p[i]), 5),
                "recall": round(float(r[i]), 5),
                "f1": round(float(f[i]), 5),
                "support": int(n[i]),
            }
            for i, label in enumerate(labels)
        },
        "confusion": confusion_matrix(gold, found, labels=list(labels)).tolist(),
    }


def evaluate(
    task: str,
    run: Run,
    examples: Sequence[Example],
    windows: Sequence[Window],
    labels: Sequence[str],
) -> dict[str, Any]:
    """Metrics of one file under `run`, for either task."""
    logits = predict(run, windows)
    if task == "token-classification":
        found = token_labels(examples, windows, logits, labels)
        return entity_metrics([e.tags for e in examples], found)
    best = text_scores(examples, windows, logits).argmax(axis=1)
    return text_metrics([e.tags[0] for e in examples], [labels[int(i)] for i in best], labels)


def balance(
    model: Any, examples: Sequence[Example], windows: Sequence[Window], labels: Sequence[str]
) -> dict[str, Any]:
    """Change the model's bias of O; give the shift and the metrics of the examples with it.

    Trained by cross entropy, a tagger of dense or doubtful labels marks more than F1 rewards, or
    less: one number added to O's logit trades recall for precision, or the other way round. Of
    SHIFTS that are as good the smallest is taken.
    """
    outside = labels.index("O")
    only_outside = np.eye(len(labels), dtype=np.float32)[outside]
    logits = predict(torch_runner(model), windows)
    tried = {}
    for shift in sorted(SHIFTS, key=abs):
        moved = [row + shift * only_outside for row in logits]
        found = token_labels(examples, windows, moved, labels)
        tried[shift] = entity_metrics([e.tags for e in examples], found)
    best = max(tried, key=lambda shift: tried[shift]["f1"])
    model.classifier.bias.data[outside] += best
    return {"shift": best, **tried[best]}
