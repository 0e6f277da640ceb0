"""Trainers for small BERTs: batches of like length, layer-wise rates, averaged weights.

Scores come from the exponential moving average of the weights (where switched on), and the best
epoch's weights by the devel metric are kept as a Hugging Face folder: no optimiser checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import AutoTokenizer, Trainer, TrainingArguments, set_seed

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

    smoothing: float
    teacher_share: float
    average: float
    patience: int
    noise: Noise


def prepare(base: Path, seed: int, threads: int) -> Any:
    """Set seed and threads of a run; gives the tokenizer of BASE, which cuts and pads nothing."""
    torch.set_num_threads(threads)
    set_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    return tokenizer


def arguments(out: Path, settings: Mapping[str, Any], **rest: Any) -> TrainingArguments:
    """What every run says to the Trainer; `rest` is what it says beside."""
    return TrainingArguments(
        output_dir=str(out / "trainer"),
        use_cpu=settings["device"] == "cpu",
        bf16=settings["bf16"],
        num_train_epochs=settings["epochs"],
        learning_rate=settings["learning_rate"],
        per_device_train_batch_size=settings["batch_size"],
        weight_decay=settings["weight_decay"],
        max_grad_norm=1.0,
        save_strategy="no",
        logging_steps=100,
        report_to=[],
        seed=settings["seed"],
        dataloader_pin_memory=False,
        remove_unused_columns=False,
        **rest,
    )


class ClockedTrainer(Trainer):  # type: ignore[misc]
    """AdamW with layer-wise rates, a schedule by steps or by minutes, batches of like length."""

    def __init__(
        self,
        *,
        rows: Sequence[Any],
        clock: Clock,
        layer_decay: float = 1.0,
        head_factor: float = 1.0,
        **rest: Any,
    ) -> None:
        """rows: what is batched, each with its `input_ids`."""
        super().__init__(train_dataset=WindowSet(rows), **rest)
        self.rows, self.clock = rows, clock
        self.layer_decay, self.head_factor = layer_decay, head_factor
        if clock.seconds:
            self.add_callback(Deadline(clock))

    def train(self, *asked: Any, **settings: Any) -> Any:
        """As the Trainer does, with subnormal floats as zeros, since they slow a CPU down."""
        torch.set_flush_denormal(True)
        try:
            return super().train(*asked, **settings)
        finally:  # the process goes on with floats as Python promises them
            torch.set_flush_denormal(False)

    def collate(self, rows: Sequence[Any]) -> dict[str, torch.Tensor]:
        """Tensors of one batch."""
        raise NotImplementedError

    def get_train_dataloader(self) -> DataLoader[Any]:
        size, seed = self.args.per_device_train_batch_size, self.args.seed
        sampler = LengthBatches(self.rows, size, seed)
        return DataLoader(self.train_dataset, batch_sampler=sampler, collate_fn=self.collate)

    def create_optimizer(self, model: Any = None) -> Any:
        groups = parameter_groups(
            self.model,
            self.args.learning_rate,
            self.args.weight_decay,
            self.layer_decay,
            self.head_factor,
        )
        self.optimizer = torch.optim.AdamW(groups, eps=1e-6, fused=True)
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(
            optimizer or self.optimizer, lambda step: self.clock.factor(step, num_training_steps)
        )
        return self.lr_scheduler


class BertTrainer(ClockedTrainer):
    """See the module's docstring. `score(model)` gives (devel metric, all metrics) or None."""

    def __init__(
        self,
        *,
        knobs: Knobs,
        partial: torch.Tensor,
        score: Callable[[Any], tuple[float, dict[str, Any]] | None],
        keep: Callable[[Any, Path], None],
        best_folder: Path,
        **rest: Any,
    ) -> None:
        super().__init__(**rest)
        self.knobs, self.partial = knobs, partial
        self.score, self.keep, self.best_folder = score, keep, best_folder
        self.best, self.waited = float("-inf"), 0
        self.history: list[dict[str, Any]] = []
        self.average = Average(self.model, knobs.average) if knobs.average else None
        if self.average:
            self.add_callback(Averaging(self.average))

    def collate(self, rows: Sequence[Window]) -> dict[str, torch.Tensor]:
        return collate(rows, self.knobs.noise)

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
