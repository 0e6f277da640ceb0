"""Windows in random batches of like length, padded, with some pieces masked while training."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch.utils.data import Dataset

from jobs._training.data import IGNORED
from jobs._training.score import pad
from jobs._training.windows import Window

POOL = 40


class WindowSet(Dataset[Window]):  # type: ignore[misc]
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
        return math.ceil(len(self.lengths) / self.size)

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
    """Pad ids, mask, labels and, where there are teachers, soft labels of one batch."""
    ids = torch.from_numpy(pad([w.input_ids for w in windows], 0))
    mask = torch.from_numpy(pad([[1] * len(w.input_ids) for w in windows], 0))
    labels = torch.from_numpy(pad([w.labels for w in windows], IGNORED))
    if noise.share:
        hit = (torch.rand(ids.shape) < noise.share) & (mask == 1)
        hit[:, 0] = False
        ids = torch.where(hit, noise.mask_id, ids)
    batch = {"input_ids": ids, "attention_mask": mask, "labels": labels}
    soft = [torch.from_numpy(w.soft) for w in windows if w.soft is not None]
    if soft:
        batch["soft"] = torch.nn.utils.rnn.pad_sequence(soft, batch_first=True)
    return batch
