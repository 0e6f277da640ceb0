"""The threshold for a fidelity: how sure a window must be to leave, chosen on held-out windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from seqeval.metrics.sequence_labeling import get_entities

from annotators._runtime.early_exit import LOGITS, TwoGraphs
from annotators._runtime.model_folder import ModelFolder
from annotators._runtime.session import Session
from annotators.core.tagging import tags
from jobs._acceleration.windows import Window, outputs_of
from jobs._training.data import DataError

FIDELITIES = (0.999, 0.998, 0.995, 0.99)
"""Those that every folder gets a threshold for, if the texts tell one."""

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Found = set[tuple[str, int, int]]


@dataclass(frozen=True)
class Judged:
    """Held-out windows, each as the head and as the whole model label it.

    sure: float64[W], how sure the head is. same, early, whole: int64[W], entities (of a sequence
    classifier: labels) that both find, that the head finds, that the model finds. pieces: int64[W].
    """

    sure: Floats
    same: Counts
    early: Counts
    whole: Counts
    pieces: Counts

    def leaving(self, threshold: float) -> NDArray[np.bool_]:
        return self.sure >= threshold

    def fidelity(self, threshold: float) -> float:
        """F1 of entities (for sequences: the share of equal labels) to the whole model's."""
        out = self.leaving(threshold)
        same = self.same[out].sum() + self.whole[~out].sum()
        found = self.early[out].sum() + self.whole[~out].sum() + self.whole.sum()
        return float(2 * same / found) if found else 1.0

    def share_of_windows(self, threshold: float) -> float:
        return float(self.leaving(threshold).mean()) if len(self.sure) else 0.0

    def share_of_pieces(self, threshold: float) -> float:
        total = self.pieces.sum()
        return float(self.pieces[self.leaving(threshold)].sum() / total) if total else 0.0


def joined(parts: Sequence[Judged]) -> Judged:
    """The windows of several files as one."""
    names = ("sure", "same", "early", "whole", "pieces")
    return Judged(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def whole_labels(session: Session, windows: Sequence[Window], model: ModelFolder) -> list[Found]:
    """What the whole model finds in each window."""
    found: list[Found] = [set()] * len(windows)
    for batch, _, _, (logits,) in outputs_of(session, windows, [session.output]):
        for row, number in enumerate(batch.tolist()):
            found[number] = _found(logits[row], windows[number], model)
    return found


def judge(
    runner: TwoGraphs, windows: Sequence[Window], model: ModelFolder, whole: Sequence[Found]
) -> Judged:
    """Compare the head's labels with the whole model's."""
    sure = np.ones(len(windows))
    early: list[Found] = [set()] * len(windows)
    for batch, ids, mask, (logits,) in outputs_of(runner.front, windows, [LOGITS]):
        sure[batch] = runner.confidence(ids, mask, logits)
        for row, number in enumerate(batch.tolist()):
            early[number] = _found(logits[row], windows[number], model)
    pairs = list(zip(early, whole, strict=True))
    return Judged(
        sure,
        np.array([len(a & b) for a, b in pairs], np.int64),
        np.array([len(a) for a, _ in pairs], np.int64),
        np.array([len(b) for _, b in pairs], np.int64),
        np.array([len(window.ids) for window in windows], np.int64),
    )


def _found(logits: NDArray[np.float32], window: Window, model: ModelFolder) -> Found:
    if logits.ndim == 1:
        return {(model.labels[int(logits.argmax())], 0, 0)}
    return set(get_entities(tags(logits[window.read], model.labels, model.decoding)))


def threshold_for(judged: Judged, fidelity: float) -> float | None:
    """The lowest threshold at which, and above which, the fidelity is reached; None for none.

    Differences are counted with one standard deviation more, their square root, since the lowest
    threshold is one that chance was kind to. It lies halfway between two windows, so that none of
    those it was chosen on is on the edge.
    """
    order = np.argsort(-judged.sure, kind="stable")
    sure = judged.sure[order]
    whole = judged.whole.sum()
    left = whole - np.cumsum(judged.whole[order])
    found = np.cumsum(judged.early[order]) + left + whole
    differing = np.cumsum((judged.early + judged.whole - 2 * judged.same)[order])
    reached = differing + np.sqrt(differing) <= (1 - fidelity) * found
    last = np.append(np.diff(sure) != 0, True)  # those alike in sureness leave together
    good = np.logical_and.accumulate(reached[last])
    if not good.any():
        return None
    edges = sure[last][good]
    following = sure[last][len(edges) :]
    return float((edges[-1] + (following[0] if len(following) else 0)) / 2)


def check_enough(found: int, windows: int, texts: int, fidelity: float, what: str) -> None:
    """Raise DataError where one difference alone would be more than the fidelity allows.

    found: entities (or labels) of the whole model in the windows held out of so many texts.
    """
    needed = math.ceil(1 / max(1 - fidelity, 1e-6) - 1e-6)
    if found >= needed:
        return
    more = f"about {math.ceil(texts * needed / found)} texts like these" if found else "other texts"
    raise DataError(
        f"too few texts to choose a threshold for fidelity {fidelity:g}: found {found} {what} in "
        f"the {windows} distinct windows held out of {texts} texts, expected {needed}: give "
        f"{more}, or a lower --fidelity"
    )


def thresholds(fidelity: float, judged: Judged) -> dict[str, float]:
    """Thresholds by fidelity, the greatest first, of those that the windows held out can tell."""
    found = {
        f"{one:g}": threshold_for(judged, one)
        for one in sorted({*FIDELITIES, fidelity}, reverse=True)
        if judged.whole.sum() >= 1 / (1 - one) or one == fidelity
    }
    return {name: value for name, value in found.items() if value is not None}


def figures(judged: Judged, threshold: float, done: float) -> dict[str, Any]:
    """What a threshold does and costs; done: the share of the layers before windows leave."""
    pieces = judged.share_of_pieces(threshold)
    return {
        "windows": len(judged.sure),
        "found": int(judged.whole.sum()),
        "f1_to_whole": round(judged.fidelity(threshold), 5),
        "windows_leave": round(judged.share_of_windows(threshold), 4),
        "wordpieces_leave": round(pieces, 4),
        "work_left_out": round(pieces * (1 - done), 4),
    }
