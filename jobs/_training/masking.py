"""Texts without labels as blocks of wordpieces, and whole words of a batch of blocks masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from jobs._training.data import IGNORED
from jobs._training.score import pad

SHARE = 0.2
"""Share of the words to guess (Wettig et al. 2023 find more than BERT's 0.15 to be better)."""
SEEN_AS_MASK, SEEN_AS_RANDOM = 0.8, 0.1
"""Of the pieces to guess, what is seen instead (Devlin et al. 2019); the rest is seen as it is."""
SHORTEST = 16
"""Wordpieces: a shorter end of a text teaches little."""


@dataclass(frozen=True)
class Block:
    """Wordpiece ids with [CLS] and [SEP], and for each the number of its word (-1: none)."""

    input_ids: tuple[int, ...]
    words: tuple[int, ...]


def blocks(texts: Iterable[str], tokenizer: Any, length: int) -> list[Block]:
    """Every text cut into blocks of at most `length` wordpieces, [CLS] and [SEP] among them."""
    room = length - 2
    found = []
    for text in texts:
        encoding = tokenizer.backend_tokenizer.encode(text, add_special_tokens=False)
        for start in range(0, len(encoding.ids), room):
            ids = encoding.ids[start : start + room]
            if len(ids) < SHORTEST:
                continue
            words = (-1, *encoding.word_ids[start : start + room], -1)
            found.append(Block((tokenizer.cls_token_id, *ids, tokenizer.sep_token_id), words))
    return found


def masked(
    batch: Sequence[Block], mask_id: int, vocabulary: int, random: np.random.Generator
) -> dict[str, torch.Tensor]:
    """Padded ids and mask of a batch, and `labels`: the ids to guess, IGNORED elsewhere."""
    ids = pad([b.input_ids for b in batch], 0)
    mask = pad([[1] * len(b.input_ids) for b in batch], 0)
    hit = np.zeros(ids.shape, dtype=bool)
    for row, block in enumerate(batch):
        hit[row, : len(block.words)] = _chosen(np.asarray(block.words), random)
    labels = np.where(hit, ids, IGNORED)
    draw = random.random(ids.shape)
    seen = np.where(hit & (draw < SEEN_AS_MASK), mask_id, ids)
    other = hit & (draw >= SEEN_AS_MASK) & (draw < SEEN_AS_MASK + SEEN_AS_RANDOM)
    seen = np.where(other, random.integers(0, vocabulary, ids.shape), seen)
    arrays = {"input_ids": seen, "attention_mask": mask, "labels": labels}
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def _chosen(words: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.bool_]:
    """Positions of SHARE of the words, each with all of its pieces; one word at the least."""
    first, last = words[1], words[-2]
    draw = random.random(last - first + 1) < SHARE
    draw[random.integers(len(draw))] |= not draw.any()
    chosen = draw[np.clip(words - first, 0, last - first)]
    return np.asarray(chosen & (words >= 0))
