"""What a worker remembers over a run: the logits of windows that it has inferred already."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float32]


@dataclass
class WindowMemory:
    """Logits by the bytes of a window's wordpieces, of at most `limit` windows.

    Float32[length, labels] of a token classifier, float32[labels] of a sequence classifier.

    The window that was asked for longest ago makes room for a new one. A window of 12 wordpieces
    with five labels takes some 0.5 KB.
    """

    limit: int
    known: dict[bytes, Logits] = field(default_factory=dict)

    def recall(self, key: bytes) -> Logits | None:
        """The logits of a window, if they are remembered; they count as used now."""
        found = self.known.pop(key, None)
        if found is not None:
            self.known[key] = found
        return found

    def keep(self, key: bytes, logits: Logits) -> Logits:
        """Remember the logits of a window; returns what is kept, a copy that holds no batch."""
        self.known.pop(key, None)
        while self.known and len(self.known) >= self.limit:
            del self.known[next(iter(self.known))]
        kept: Logits = logits.copy()
        if self.limit > 0:
            self.known[key] = kept
        return kept


_memories: dict[tuple[str, str, int], WindowMemory] = {}


def open_memory(sha256: str, provider: str, limit: int) -> WindowMemory:
    """This process' memory for a model's weights, made on first use."""
    return _memories.setdefault((sha256, provider, limit), WindowMemory(limit))
