"""Examples in, windows of wordpieces out.

Token labels sit on a token's first wordpiece, other positions hold IGNORED. A sentence or text
that is longer than the window becomes several windows: nothing is cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs._training.data import IGNORED, Example


@dataclass(frozen=True)
class Window:
    """Wordpiece ids with [CLS] and [SEP]; labels per piece (for a text: its own); its example.

    soft: probabilities of the labels by teachers, (pieces, labels), for a text (1, labels).
    """

    input_ids: tuple[int, ...]
    labels: tuple[int, ...]
    example: int
    tokens: tuple[int, ...]
    soft: NDArray[np.float32] | None = None


def _pack(pieces: Sequence[Sequence[int]], room: int) -> list[list[int]]:
    """Group indices of consecutive tokens so that no group has more than `room` pieces."""
    groups: list[list[int]] = [[]]
    used = 0
    for index, ids in enumerate(pieces):
        size = min(len(ids), room)
        if used + size > room:
            groups.append([])
            used = 0
        groups[-1].append(index)
        used += size
    return groups


def encode_tokens(
    examples: Sequence[Example], tokenizer: Any, labels: Sequence[str], max_length: int
) -> list[Window]:
    """Windows of sentences; an O of a partially annotated file gets the id len(labels)."""
    ids = {label: index for index, label in enumerate(labels)}
    room = max_length - 2
    windows: list[Window] = []
    for number, example in enumerate(examples):
        backend = tokenizer.backend_tokenizer
        encoding = backend.encode(
            list(example.tokens), is_pretokenized=True, add_special_tokens=False
        )
        pieces: list[list[int]] = [[] for _ in example.tokens]
        for piece, word in zip(encoding.ids, encoding.word_ids, strict=True):
            pieces[word].append(piece)
        for group in _pack(pieces, room):
            input_ids, targets, words = [tokenizer.cls_token_id], [IGNORED], [-1]
            for index in group:
                tag = example.tags[index]
                target = len(labels) if example.partial and tag == "O" else ids[tag]
                for position, piece in enumerate(pieces[index][:room]):
                    input_ids.append(piece)
                    targets.append(IGNORED if position else target)
                    words.append(-1 if position else index)
            windows.append(
                Window(
                    (*input_ids, tokenizer.sep_token_id), (*targets, IGNORED), number, (*words, -1)
                )
            )
    return windows


def encode_texts(
    examples: Sequence[Example], tokenizer: Any, labels: Sequence[str], max_length: int
) -> list[Window]:
    """Windows of texts; every window of a long text carries its label."""
    ids = {label: index for index, label in enumerate(labels)}
    room = max_length - 2
    windows = []
    for number, example in enumerate(examples):
        pieces = tokenizer.backend_tokenizer.encode(example.tokens[0], add_special_tokens=False).ids
        for start in range(0, max(len(pieces), 1), room):
            input_ids = (
                tokenizer.cls_token_id,
                *pieces[start : start + room],
                tokenizer.sep_token_id,
            )
            targets = tuple(ids[tag] for tag in example.tags)
            windows.append(Window(input_ids, targets, number, ()))
    return windows
