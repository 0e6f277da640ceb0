"""A Trainer for small BERTs on CPUs: batches of like length, layer-wise rates, averaged weights.

Scores come from the exponential moving average of the weights (where switched on), and the best
epoch's weights by the devel metric are kept as a Hugging Face folder: no optimiser checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import Trainer

from jobs._training.batching import LengthBatches, Noise, WindowSet, collate
from jobs._training.optimise import (
    Average,
    Averaging,
    Clock,
    Deadline,
    label_loss,
    parameter_groups,
)
from jobs._training.windows import Window


@dataclass(frozen=True)
class Knobs:
    """What is set beyond TrainingArguments."""

    layer_decay: float
    head_factor: float
    smoothing: float
    teacher_share: float
    average: float
    patience: int
    noise: Noise
    clock: Clock


class BertTrainer(Trainer):  # type: ignore[misc]
    """See the module's docstring. `score(model)` gives (devel metric, all metrics) or None."""

    def __init__(
        self,
        *,
        knobs: Knobs,
        windows: Sequence[Window],
        partial: torch.Tensor,
        score: Callable[[Any], tuple[float, dict[str, Any]] | None],
        keep: Callable[[Any, Path], None],
        best_folder: Path,
        **rest: Any,
    ) -> None:
        super().__init__(train_dataset=WindowSet(windows), **rest)
        self.knobs, self.windows, self.partial = knobs, windows, partial
        self.score, self.keep, self.best_folder = score, keep, best_folder
        self.best, self.waited = float("-inf"), 0
        self.history: list[dict[str, Any]] = []
        self.average = Average(self.model, knobs.average) if knobs.average else None
        if self.average:
            self.add_callback(Averaging(self.average))
        if knobs.clock.seconds:
            self.add_callback(Deadline(knobs.clock))

    def get_train_dataloader(self) -> DataLoader[Window]:
        sampler = LengthBatches(self.windows, self.args.per_device_train_batch_size, self.args.seed)
        return DataLoader(
            self.train_dataset,
            batch_sampler=sampler,
            collate_fn=lambda rows: collate(rows, self.knobs.noise),
        )

    def create_optimizer(self, model: Any = None) -> Any:
        groups = parameter_groups(
            self.model,
            self.args.learning_rate,
            self.args.weight_decay,
            self.knobs.layer_decay,
            self.knobs.head_factor,
        )
        self.optimizer = torch.optim.AdamW(groups, eps=1e-6, fused=True)
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        clock = self.knobs.clock
        self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(
            optimizer or self.optimizer, lambda step: clock.factor(step, num_training_steps)
        )
        return self.lr_scheduler

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        labels = inputs.pop("labels")
        soft = inputs.pop("soft", None)
        outputs = model(**inputs)
        loss = label_loss(
            outputs.logits,
            labels,
            self.partial,
            self.knobs.smoothing,
            soft,
            self.knobs.teacher_share,
        )
        return (loss, outputs) if return_outputs else loss

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Score the (averaged) weights after an epoch, keep them where they are the best so far."""
        if self.average:
            self.average.swap()
        self.model.eval()
        scored = self.score(self.model)
        epoch = round(float(self.state.epoch or 0), 2)
        if scored is None:
            self.keep(self.model, self.best_folder)
        else:
            value, metrics = scored
            self.history.append({"epoch": epoch, **metrics})
            if value > self.best:
                self.best, self.waited = value, 0
                self.keep(self.model, self.best_folder)
            else:
                self.waited += 1
                if self.waited >= self.knobs.patience:
                    self.control.should_training_stop = True
        if self.average:
            self.average.swap()
        self.model.train()
        return {}
