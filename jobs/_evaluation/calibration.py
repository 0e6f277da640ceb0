"""Whether scores mean what they say, and the temperature that makes them do so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotators._runtime.early_exit import EarlyExit
from annotators._runtime.model_folder import ModelFolder
from annotators.core.decoding import activate
from jobs._evaluation.tagging import labelled
from jobs._training.data import Example

Logits = NDArray[np.float32]
Ids = NDArray[np.int64]
BINS = 15
LOWEST, HIGHEST = 0.2, 10.0
_SMALLEST = 1e-30
_GOLDEN = (math.sqrt(5) - 1) / 2


def token_logits(
    model: ModelFolder, examples: Sequence[Example], exits: EarlyExit | None = None
) -> tuple[Logits, Ids]:
    """float32[N, labels] logits (each row up to a constant) of N tokens, and their true labels."""
    scores = np.asarray(labelled(replace(model, temperature=1.0), examples, exits).scores)
    ids = {label: i for i, label in enumerate(model.labels)}
    true = np.array([ids[tag] for example in examples for tag in example.tags], np.int64)
    return np.log(np.maximum(scores, _SMALLEST)), true


def fitted_temperature(logits: Logits, true: Ids) -> float:
    """The temperature under which the true labels are likeliest, to three digits.

    Golden-section search over its logarithm; the likelihood has one peak (it is concave in 1/T).
    """
    low, high = math.log(LOWEST), math.log(HIGHEST)
    while high - low > 1e-4:
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if _surprise(logits, true, math.exp(left)) < _surprise(logits, true, math.exp(right)):
            high = right
        else:
            low = left
    return round(math.exp((low + high) / 2), 3)


def _surprise(logits: Logits, true: Ids, temperature: float) -> float:
    rows = logits.astype(np.float64) / temperature
    rows -= rows.max(axis=1, keepdims=True)
    likely = rows[np.arange(len(true)), true] - np.log(np.exp(rows).sum(axis=1))
    return -float(likely.mean())


def calibration_error(logits: Logits, true: Ids, temperature: float) -> float:
    """Expected calibration error: |accuracy - mean score| over bins of the top score, weighted."""
    if len(true) == 0:
        return 0.0
    scores = activate(logits, "softmax", temperature)
    top = scores.max(axis=1).astype(np.float64)
    right = (logits.argmax(axis=1) == true).astype(np.float64)
    bins = np.minimum((top * BINS).astype(np.int64), BINS - 1)
    gaps = np.abs(np.bincount(bins, right, BINS) - np.bincount(bins, top, BINS))
    return float(gaps.sum() / len(true))
