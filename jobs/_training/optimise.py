"""Loss, layer-wise learning rates, their schedule, and the average of the weights."""

from __future__ import annotations

import math
import re
import time
from typing import Any

import torch
from transformers import TrainerCallback

from jobs._training.data import IGNORED


def label_loss(
    logits: torch.Tensor,
    labels: torch.Tensor,
    partial: torch.Tensor,
    smoothing: float,
    soft: torch.Tensor | None = None,
    share: float = 0.0,
) -> torch.Tensor:
    """Cross entropy with label smoothing; id == width means "any label that `partial` allows".

    soft: teachers' probabilities, (batch, pieces, labels); `share` of the loss is against them.
    """
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
    if soft is not None:
        targets = soft.expand(*labels.shape, width).reshape(-1, width)[keep]
        nll = (1 - share) * nll - share * (targets * logp).sum(dim=-1)
    return nll.mean()


def layer_of(name: str, layers: int) -> int:
    """Depth of a parameter: embeddings 0, encoder layer i is i + 1, everything above layers + 1."""
    if ".embeddings." in name or name.startswith("embeddings."):
        return 0
    found = re.search(r"\.layers?\.(\d+)\.", name)
    return int(found.group(1)) + 1 if found else layers + 1


def parameter_groups(
    model: Any, rate: float, decay: float, layer_decay: float, head_factor: float
) -> list[dict[str, Any]]:
    """Make AdamW groups: rates fall by `layer_decay` a layer downwards; norms do not decay."""
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


class Averaging(TrainerCallback):  # type: ignore[misc]
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
        if done < self.warmup:
            return done / self.warmup
        left = 1 - (done - self.warmup) / (1 - self.warmup)
        if self.schedule == "cosine":
            return 0.5 - 0.5 * math.cos(math.pi * min(1.0, left))
        return max(0.0, min(1.0, left))


class Deadline(TrainerCallback):  # type: ignore[misc]
    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self.clock.elapsed() >= 1:
            control.should_training_stop = True
