"""Soft labels: what already trained models think of every window, for a student to learn from.

A student of the mean of several teachers comes near their joint score at the cost of one model
(Hinton et al. 2015, "Distilling the Knowledge in a Neural Network"), most of all where labels are
noisy and where texts without labels can be had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from transformers import AutoConfig, AutoTokenizer

from annotators.core.decoding import activate
from jobs._training import score
from jobs._training.data import DataError
from jobs._training.windows import Window

CPU_BUDGET, GPU_BUDGET = 1024, 16_384  # wordpieces per batch, padding among them


def check(folders: Sequence[Path], labels: Sequence[str], tokenizer: Any) -> None:
    """Refuse a teacher with other labels, or another order of them, or other wordpieces."""
    for folder in folders:
        named = AutoConfig.from_pretrained(folder).id2label
        found = [named[number] for number in sorted(named)]
        if found != list(labels):
            raise DataError(
                f"teacher {folder.name}: labels {', '.join(found)} found, "
                f"{', '.join(labels)} expected, in this order"
            )
        if AutoTokenizer.from_pretrained(folder).get_vocab() != tokenizer.get_vocab():
            raise DataError(
                f"teacher {folder.name}: its wordpieces are not those of the model to train: "
                "take one that was trained from the same base"
            )


def taught(models: Sequence[Any], windows: Sequence[Window], bf16: bool) -> list[Window]:
    """Windows with the mean of the models' softmax: (pieces, labels), or (1, labels) for a text."""
    total: list[Any] = [0.0] * len(windows)
    for model in models:
        run = score.torch_runner(model.eval(), bf16)
        budget = CPU_BUDGET if model.device.type == "cpu" else GPU_BUDGET
        for number, logits in enumerate(score.predict(run, windows, budget)):
            total[number] = total[number] + activate(np.atleast_2d(logits), "softmax")
    return [
        replace(window, soft=(soft / len(models)).astype(np.float32))
        for window, soft in zip(windows, total, strict=True)
    ]
