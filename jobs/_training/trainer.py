"""A Trainer for small BERTs on CPUs: batches of like length, layer-wise rates, averaged weights.

Scores come from the exponential moving average of the weights (where switched on), and the best
epoch's weights by the devel metric are kept as a Hugging Face folder: no optimiser checkpoints.
"""

from __future__ import annotations

import math
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset
from transformers import Trainer, TrainerCallback

from jobs._training.data import IGNORED, Window
from jobs._training.score import pad

POOL = 40


class WindowSet(Dataset[Window]):
    """Windows as a torch dataset."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self.windows = windows

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, index: int) -> Window:
        return self.windows[index]


class LengthBatches:
    """Random batches of like length: a shuffle, pools of POOL batches sorted, batches shuffled."""

    def __init__(self, windows: Sequence[Window], size: int, seed: int) -> None:
        self.lengths = [len(w.input_ids) for w in windows]
        self.size = size
        self.random = random.Random(seed)

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.size)

    def __iter__(self) -> Iterator[list[int]]:
        order = list(range(len(self.lengths)))
        self.random.shuffle(order)
        pool = POOL * self.size
        batches = []
        for start in range(0, len(order), pool):
            part = sorted(order[start : start + pool], key=lambda i: self.lengths[i])
            batches += [part[i : i + self.size] for i in range(0, len(part), self.size)]
        self.random.shuffle(batches)
        return iter(batches)


@dataclass(frozen=True)
class Noise:
    """Share of ordinary wordpieces replaced by `mask_id` while training."""

    share: float
    mask_id: int


def collate(windows: Sequence[Window], noise: Noise) -> dict[str, torch.Tensor]:
    """Padded ids, mask and labels of one batch."""
    ids = torch.from_numpy(pad([w.input_ids for w in windows], 0))
    mask = torch.from_numpy(pad([[1] * len(w.input_ids) for w in windows], 0))
    labels = torch.from_numpy(pad([w.labels for w in windows], IGNORED))
    if noise.share:
        hit = (torch.rand(ids.shape) < noise.share) & (mask == 1)
        hit[:, 0] = False
        ids = torch.where(hit, noise.mask_id, ids)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def label_loss(logits: torch.Tensor, labels: torch.Tensor, partial: torch.Tensor,
               smoothing: float) -> torch.Tensor:
    """Cross entropy with label smoothing; id == width means "any label that `partial` allows"."""
    width = logits.shape[-1]
    if logits.ndim == 2:  # texts: a mixture of labels is one copy of the logits for each
        logits = logits.unsqueeze(1).expand(-1, labels.shape[1], -1)
    logp = torch.log_softmax(logits.reshape(-1, width).float(), dim=-1)
    flat = labels.reshape(-1)
    keep = flat != IGNORED
    logp, flat = logp[keep], flat[keep]
    known = flat < width
    nll = -logp.gather(1, flat.clamp(max=width - 1).unsqueeze(1)).squeeze(1)
    if not bool(known.all()):
        loose = -torch.logsumexp(logp.masked_fill(~partial, -1e9), dim=-1)
        nll = torch.where(known, nll, loose)
    if smoothing:
        nll = torch.where(known, (1 - smoothing) * nll - smoothing * logp.mean(dim=-1), nll)
    return nll.mean()


def layer_of(name: str, layers: int) -> int:
    """Depth of a parameter: embeddings 0, encoder layer i is i + 1, everything above layers + 1."""
    if ".embeddings." in name or name.startswith("embeddings."):
        return 0
    found = re.search(r"\.layers?\.(\d+)\.", name)
    return int(found.group(1)) + 1 if found else layers + 1


def parameter_groups(model: Any, rate: float, decay: float, layer_decay: float,
                     head_factor: float) -> list[dict[str, Any]]:
    """AdamW groups: the rate falls by `layer_decay` a layer downwards; no decay on norms, biases."""
    layers = int(model.config.num_hidden_layers)
    groups: dict[tuple[int, bool], dict[str, Any]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        depth = layer_of(name, layers)
        plain = parameter.ndim < 2
        factor = head_factor if depth > layers else layer_decay ** (layers - depth)
        group = groups.setdefault(
            (depth, plain),
            {"params": [], "lr": rate * factor, "weight_decay": 0.0 if plain else decay},
        )
        group["params"].append(parameter)
    return list(groups.values())


class Average:
    """Exponential moving average of a model's weights, swapped in for scoring."""

    def __init__(self, model: Any, decay: float) -> None:
        self.live = [p for p in model.parameters() if p.requires_grad]
        self.mean = [p.detach().clone() for p in self.live]
        self.decay = decay
        self.steps = 0

    def update(self, every: int) -> None:
        self.steps += every
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps)) ** every
        torch._foreach_lerp_(self.mean, [p.detach() for p in self.live], 1 - decay)

    def swap(self) -> None:
        for live, mean in zip(self.live, self.mean, strict=True):
            kept = live.detach().clone()
            live.data.copy_(mean)
            mean.copy_(kept)


class _Averaging(TrainerCallback):
    every = 4

    def __init__(self, average: Average) -> None:
        self.average = average

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step % self.every == 0:
            self.average.update(self.every)


class Clock:
    """Progress of a run in [0, 1]: by steps, or by minutes where those run out first."""

    def __init__(self, minutes: float, warmup: float, schedule: str) -> None:
        self.seconds, self.warmup, self.schedule = minutes * 60, warmup, schedule
        self.start: float | None = None

    def elapsed(self) -> float:
        """Share of the minutes used since the first call; 0 without a limit."""
        now = time.monotonic()
        self.start = now if self.start is None else self.start
        return (now - self.start) / self.seconds if self.seconds else 0.0

    def factor(self, step: int, steps: int) -> float:
        """Factor of the learning rate: linear warm-up, then linear or cosine decay to zero."""
        done = min(1.0, max(step / max(steps, 1), self.elapsed()))
        if step / max(steps, 1) < self.warmup:
            return step / max(steps, 1) / self.warmup
        left = 1 - (done - self.warmup) / (1 - self.warmup)
        if self.schedule == "cosine":
            return 0.5 - 0.5 * math.cos(math.pi * min(1.0, left))
        return max(0.0, min(1.0, left))


class _Deadline(TrainerCallback):
    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self.clock.elapsed() >= 1:
            control.should_training_stop = True


@dataclass(frozen=True)
class Knobs:
    """What is set beyond TrainingArguments."""

    layer_decay: float
    head_factor: float
    smoothing: float
    average: float
    patience: int
    noise: Noise
    clock: Clock


class BertTrainer(Trainer):
    """See the module's docstring. `score(model)` gives (devel metric, all metrics) or None."""

    def __init__(self, *, knobs: Knobs, windows: Sequence[Window], partial: torch.Tensor,
                 score: Callable[[Any], tuple[float, dict[str, Any]] | None],
                 keep: Callable[[Any, Path], None], best_folder: Path, **rest: Any) -> None:
        super().__init__(train_dataset=WindowSet(windows), **rest)
        self.knobs, self.windows, self.partial = knobs, windows, partial
        self.score, self.keep, self.best_folder = score, keep, best_folder
        self.best, self.waited = float("-inf"), 0
        self.history: list[dict[str, Any]] = []
        self.average = Average(self.model, knobs.average) if knobs.average else None
        if self.average:
            self.add_callback(_Averaging(self.average))
        if knobs.clock.seconds:
            self.add_callback(_Deadline(knobs.clock))

    def get_train_dataloader(self) -> DataLoader[Window]:
        sampler = LengthBatches(
            self.windows, self.args.per_device_train_batch_size, self.args.seed
        )
        return DataLoader(
            self.train_dataset, batch_sampler=sampler,
            collate_fn=lambda rows: collate(rows, self.knobs.noise),
        )

    def create_optimizer(self, model: Any = None) -> Any:
        groups = parameter_groups(
            self.model, self.args.learning_rate, self.args.weight_decay,
            self.knobs.layer_decay, self.knobs.head_factor,
        )
        self.optimizer = torch.optim.AdamW(groups, eps=1e-6, fused=True)
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        clock = self.knobs.clock
        self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(
            optimizer or self.optimizer, lambda step: clock.factor(step, num_training_steps)
        )
        return self.lr_scheduler

    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False,
                     num_items_in_batch: Any = None) -> Any:
        labels = inputs.pop("labels")
        outputs = model(**inputs)
        loss = label_loss(outputs.logits, labels, self.partial, self.knobs.smoothing)
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
