"""The exit head, trained on what the model itself says of texts without labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from annotators._export.exit_head import Head
from annotators._runtime.session import Session
from annotators.core.decoding import activate
from jobs._acceleration.windows import Window, outputs_of

INNER = 128
EPOCHS = 6
BATCH = 1024
HIGHEST_RATE = 4e-3
WEIGHT_DECAY = 0.02
SEED = 13

Half = NDArray[np.float16]


@dataclass(frozen=True)
class Examples:
    """What heads are trained on.

    states: by layer, float16[P, H] of all wordpieces. rows: int64[N], those that are learnt: where
    a word begins; of a sequence classifier each [CLS]. soft: float32[N, labels], the model's own
    probabilities there.
    """

    states: dict[int, Half]
    rows: NDArray[np.int64]
    soft: NDArray[np.float32]
    of_pieces: bool


def examples(
    session: Session,
    windows: Sequence[Window],
    begins_word: NDArray[np.bool_],
    layers: Sequence[int],
    hidden: Sequence[str],
) -> Examples:
    """Run the whole model over windows; hidden: its outputs with the states after `layers`."""
    states: list[list[Half]] = [[] for _ in layers]
    rows, logits, count, of_pieces = [], [], 0, True
    for _, ids, mask, (scores, *found) in outputs_of(session, windows, [session.output, *hidden]):
        of_pieces = scores.ndim == 3
        learnt = mask & begins_word[ids] if of_pieces else np.zeros_like(mask)
        learnt[:, 0] = not of_pieces
        for kept, values in zip(states, found, strict=True):
            kept.append(values[mask].astype(np.float16))
        rows.append(count + np.flatnonzero(learnt[mask]))
        logits.append(scores[learnt] if of_pieces else scores)
        count += int(mask.sum())
    soft = activate(np.concatenate(logits), "softmax")
    named = zip(layers, states, strict=True)
    return Examples({k: np.concatenate(v) for k, v in named}, np.concatenate(rows), soft, of_pieces)


def train_head(found: Examples, layer: int, threads: int, told: Callable[[str], None]) -> Head:
    """A head for the states after a layer: soft cross-entropy, AdamW, a one-cycle rate."""
    torch.manual_seed(SEED)
    torch.set_num_threads(threads)
    states = torch.from_numpy(found.states[layer])
    rows, soft = torch.from_numpy(found.rows), torch.from_numpy(found.soft)
    places = (-1, 0, 1) if found.of_pieces else (0,)
    width = states.shape[1] * len(places)
    network = torch.nn.Sequential(
        torch.nn.Linear(width, INNER), torch.nn.GELU(), torch.nn.Linear(INNER, soft.shape[1])
    )
    steps = EPOCHS * -(-len(rows) // BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, HIGHEST_RATE, total_steps=steps)
    for epoch in range(EPOCHS):
        losses = []
        for batch in torch.randperm(len(rows)).split(BATCH):
            at = rows[batch]
            near = torch.cat([states[at + place] for place in places], dim=1).float()
            loss = torch.nn.functional.cross_entropy(network(near), soft[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        told(f"layer {layer}, epoch {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.4f}")
    first, _, second = network
    return Head(
        first=_values(first.weight.T),
        first_bias=_values(first.bias),
        second=_values(second.weight.T),
        second_bias=_values(second.bias),
        of_pieces=found.of_pieces,
    )


def _values(tensor: Any) -> NDArray[np.float32]:
    return np.ascontiguousarray(tensor.detach().numpy(), np.float32)
