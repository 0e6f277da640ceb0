"""Early exit: windows whose labels are sure after some layers leave there, the others go on.

A folder that `notemill accelerate` made holds two graphs beside its model's: the front, with a head
that reads labels off the hidden states after a layer, and the back, from these to the model's own
logits. Neither holds weights: they lie in the model's file. A window leaves where the least sure of
its words has a greatest probability at or above a threshold. That is a matter of the window alone,
so that a result does not depend on its company.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotators._runtime.model_folder import BF16, MANIFEST, ModelFolder, read_manifest
from annotators._runtime.session import Session, feeds_of, open_session
from annotators._runtime.weights import check_weights
from annotators.core.decoding import activate
from annotators.core.errors import ModelError

FRONT, BACK = "exit.front.onnx", "exit.back.onnx"
PART = "exit"
HIDDEN, LOGITS = "hidden", "logits"
AGAIN = "Make the folder again with `notemill accelerate`."

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]
Batch = tuple[Ids, Mask]


@dataclass(frozen=True)
class EarlyExit:
    """Where windows leave and how sure they must be; holds data only and crosses to the workers.

    layer: the layer after which they may. fidelity: what the threshold was chosen for. front and
    back: the SHA-256 of the two graphs with the weights that they refer to.
    """

    layer: int
    fidelity: str
    threshold: float
    front: str
    back: str

    @property
    def name(self) -> str:
        """Tells this exit's logits from those of others."""
        return f"{self.front}:{self.threshold!r}"


@dataclass(frozen=True)
class ExitPart:
    """What a manifest says of early exit: thresholds by fidelity, and which one is the default."""

    layer: int
    thresholds: Mapping[str, float]
    default: str
    front: str
    back: str

    def at(self, fidelity: str) -> EarlyExit:
        return EarlyExit(self.layer, fidelity, self.thresholds[fidelity], self.front, self.back)


def read_exit_part(model: ModelFolder) -> ExitPart | None:
    """The exit part of a model's folder, None where it has none or it is of other weights.

    Raises ModelError where it is not as it should be, where it was made for another model.onnx, or
    where one of its graphs is missing or changed.
    """
    manifest = read_manifest(model.path)
    if PART not in manifest:
        return None
    part = _parsed(model, manifest[PART])
    listed = manifest.get("files", {}).get("model.onnx")
    of = manifest[PART]["of"]
    if of != listed:
        raise ModelError(
            f"the exit part of {model.path / MANIFEST} was made for weights {of[:12]}…, but its "
            f"model.onnx has {str(listed)[:12]}…. {AGAIN}"
        )
    if model.weights_name != "model.onnx" or model.precision == BF16:
        return None
    for name, sha256 in ((FRONT, part.front), (BACK, part.back)):
        check_weights(model.path / name, sha256)
    return part


def _parsed(model: ModelFolder, part: Any) -> ExitPart:
    try:
        found = ExitPart(
            int(part["layer"]),
            {str(name): float(value) for name, value in part["thresholds"].items()},
            str(part["default"]),
            str(part["sha256"]["front"]),
            str(part["sha256"]["back"]),
        )
        sound = found.default in found.thresholds and isinstance(part["of"], str)
    except (KeyError, TypeError, ValueError, AttributeError):
        sound = False
    if not sound or any(not 0 <= t <= 1 for t in found.thresholds.values()):
        raise ModelError(
            f"the exit part of {model.path / MANIFEST} is not as expected: a layer, thresholds "
            f"from 0 to 1 by fidelity, one of them as default, sha256 of front and back, and of. "
            f"{AGAIN}"
        )
    return found


@dataclass
class _Waiting:
    """Windows that did not leave: their states, ids and where their logits belong."""

    states: list[Floats] = field(default_factory=list)
    ids: list[Ids] = field(default_factory=list)
    places: list[tuple[Floats, slice | int]] = field(default_factory=list)

    def padded(self, more: int = 0) -> int:
        """Wordpieces of the batch that they make, with a window of `more` wordpieces too."""
        sizes = [len(ids) for ids in self.ids] + ([more] if more else [])
        return len(sizes) * max(sizes, default=0)


@dataclass(frozen=True)
class TwoGraphs:
    """The front over batches, and the back over those windows that do not leave, in new batches.

    begins_word: bool[V], whether a wordpiece begins a word. budget: padded wordpieces of a batch.
    """

    front: Session
    back: Session
    exit: EarlyExit
    begins_word: Mask
    budget: int

    def over(self, batches: Iterable[Batch]) -> tuple[list[Floats], bool]:
        """The logits of each batch, (float32[its wordpieces, labels] or float32[B, labels]), and
        whether there is a row a wordpiece.

        batches: sorted by length, so that windows that wait for the back are alike in length.
        """
        made: list[Floats] = []
        waiting = _Waiting()
        of_pieces = True
        for ids, mask in batches:
            logits, states = self.front.run_all(feeds_of(ids, mask), (LOGITS, HIDDEN))
            of_pieces = logits.ndim == mask.ndim + 1
            rows = np.ascontiguousarray(logits[mask] if of_pieces else logits)
            made.append(rows)
            first = np.cumsum(mask.sum(axis=1)) - mask.sum(axis=1)
            for i in np.flatnonzero(self.confidence(ids, mask, logits) < self.exit.threshold):
                length = int(mask[i].sum())
                if waiting.padded(length) > self.budget:
                    self._finish(waiting)
                    waiting = _Waiting()
                waiting.states.append(states[i, :length].copy())
                waiting.ids.append(ids[i, :length])
                start = int(first[i])
                waiting.places.append((rows, slice(start, start + length) if of_pieces else int(i)))
        self._finish(waiting)
        return made, of_pieces

    def confidence(self, ids: Ids, mask: Mask, logits: Floats) -> Floats:
        """float32[B]: how sure each window's labels are, those of its least sure word.

        Of a sequence classifier: the greatest probability. A window without a word is sure.
        """
        best: Floats = activate(logits.reshape(-1, logits.shape[-1]), "softmax").max(axis=1)
        if logits.ndim == mask.ndim:
            return best
        words = mask & self.begins_word[ids]
        words[:, 0] = False  # [CLS]; [SEP] begins no word either
        sure: Floats = np.where(words, best.reshape(mask.shape), np.float32(1)).min(axis=1)
        return sure

    def _finish(self, waiting: _Waiting) -> None:
        """Run the back over the windows that wait, and put their logits where they belong."""
        if not waiting.ids:
            return
        lengths = np.array([len(ids) for ids in waiting.ids])
        mask = np.arange(lengths.max()) < lengths[:, None]
        states = np.zeros((*mask.shape, waiting.states[0].shape[-1]), np.float32)
        states[mask] = np.concatenate(waiting.states)
        ids = np.zeros(mask.shape, np.int64)
        ids[mask] = np.concatenate(waiting.ids)
        logits = self.back.run({**feeds_of(ids, mask), HIDDEN: states})
        for i, (rows, place) in enumerate(waiting.places):
            rows[place] = logits[i, : lengths[i]] if isinstance(place, slice) else logits[i]


def open_two_graphs(
    model: ModelFolder,
    chosen: EarlyExit,
    provider: str,
    threads: int,
    begins_word: Mask,
    budget: int,
) -> TwoGraphs:
    """The runner of a folder's two graphs. Raises ModelError where they are not those chosen."""
    front, back = (
        open_session(replace(model, weights_name=name, sha256=sha256), provider, threads)
        for name, sha256 in ((FRONT, chosen.front), (BACK, chosen.back))
    )
    found = (front.outputs, tuple(port.feed for port in back.inputs))
    if not {LOGITS, HIDDEN} <= set(front.outputs) or HIDDEN not in found[1]:
        raise ModelError(
            f"the exit part of {model.path} does not fit its graphs: {FRONT} gives "
            f"{', '.join(found[0])} and {BACK} takes {', '.join(found[1])}; expected {HIDDEN} and "
            f"{LOGITS} of the first, {HIDDEN} to the second. {AGAIN}"
        )
    return TwoGraphs(front, back, chosen, begins_word, budget)
