"""A tagger's labels of sentences whose tokens are given, without Spark."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from annotators._runtime.early_exit import EarlyExit
from annotators._runtime.inference import Inference
from annotators._runtime.model_folder import ModelFolder
from annotators._runtime.token_classifier import ClassifyTokens
from annotators.core.annotations import Annotations, row_offsets
from jobs._training.data import Example


def labelled(
    model: ModelFolder, examples: Sequence[Example], exits: EarlyExit | None = None
) -> Annotations:
    """The labels of the examples' N tokens, a row an example.

    By the kernel that pipelines run, with the longest windows that the model has; exits: where sure
    sentences leave it early.
    """
    inference = Inference(model, not model.lowercase, model.max_length, 0, exits=exits)
    counts = np.array([len(example.tokens) for example in examples], np.int64)
    words = [word for example in examples for word in example.tokens]
    sizes = np.array([len(word) + 1 for word in words], np.int64)
    offsets = row_offsets(counts)
    ends = np.cumsum(sizes) - 1
    starts = ends + 1 - sizes
    shift = np.repeat(np.append(starts, 0)[offsets[:-1]], counts)
    texts = [" ".join(example.tokens) for example in examples]
    zeros = np.zeros(len(texts), np.int32)
    lengths = np.array([len(text) for text in texts], np.int32)
    rows = np.arange(len(texts) + 1)
    sentences = Annotations(rows, zeros, lengths, texts, {"sentence": zeros})
    tokens = Annotations(
        offsets, (starts - shift).astype(np.int32), (ends - shift).astype(np.int32), words
    )
    return ClassifyTokens(inference)(sentences, tokens)


def found_tags(
    model: ModelFolder, examples: Sequence[Example], exits: EarlyExit | None = None
) -> list[list[str]]:
    """The labels of each example's tokens."""
    made = labelled(model, examples, exits)
    return [made.result[lo:hi] for lo, hi in made.row_bounds()]
