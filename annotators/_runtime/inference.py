"""Windows of wordpieces in, logits out: each distinct window once, alike in length, in batches.

The wordpieces of all rows of a batch are pooled; windows cover what is too long for the model;
identical windows are inferred once; the rest is sorted by length and batched by wordpieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotators._runtime.early_exit import EarlyExit, open_two_graphs
from annotators._runtime.model_folder import ModelFolder
from annotators._runtime.onnx_graph import read_graph
from annotators._runtime.session import Session, feeds_of, open_session
from annotators._runtime.window_memory import WindowMemory, open_memory
from annotators._runtime.wordpieces import WordpieceEncoder, open_encoder
from annotators.core.annotations import row_offsets
from annotators.core.batching import by_length, distinct, ranges
from annotators.core.errors import ModelError
from annotators.core.windows import Windows, cover

Ids = NDArray[np.int64]
Logits = NDArray[np.float32]
SPECIAL = 2
"""[CLS] and [SEP], which every window carries."""


@dataclass(frozen=True)
class WindowLogits:
    """The logits of W windows.

    values: float32[P, labels]; a token classifier's window has a row a wordpiece, [CLS] and [SEP]
    included, a sequence classifier's has one row. first: int64[W], a window's first row.
    of_pieces: whether there is a row a wordpiece.
    """

    values: Logits
    first: Ids
    of_pieces: bool


@dataclass(frozen=True)
class Inference:
    """Which model to run and how; holds data only and crosses to the workers.

    max_length: wordpieces per window, with [CLS] and [SEP]. overlap: wordpieces that neighbouring
    windows share. batch_wordpieces: padded wordpieces per call of the model. once: whether windows
    of the same wordpieces are inferred once. remembered: how many windows' logits a worker keeps.
    exits: where sure windows leave early, None where all go through the whole model.
    """

    model: ModelFolder
    case_sensitive: bool
    max_length: int
    overlap: int
    batch_wordpieces: int = 512
    provider: str = "cpu"
    threads: int = 1
    once: bool = True
    remembered: int = 0
    exits: EarlyExit | None = None

    def encoder(self) -> WordpieceEncoder:
        return open_encoder(self.model, self.case_sensitive)

    def windows(self, offsets: Ids) -> Windows:
        size = max(1, self.max_length - SPECIAL)
        return cover(offsets, size, max(1, size - min(self.overlap, size // 2)))

    def logits(self, pieces: Ids, windows: Windows) -> WindowLogits:
        """The logits of each window; at least one is given."""
        if not self.once:
            return self._infer(pieces, windows.start, windows.stop)
        spans = zip(windows.start.tolist(), windows.stop.tolist(), strict=True)
        keys = [pieces[lo:hi].tobytes() for lo, hi in spans]
        firsts, inverse = distinct(keys)
        start, stop = windows.start[firsts], windows.stop[firsts]
        if self.remembered:
            name = self.exits.name if self.exits else self.model.sha256 + self.model.precision
            memory = open_memory(name, self.provider, self.remembered)
            wanted = [keys[i] for i in firsts.tolist()]
            found = self._recall_or_infer(memory, wanted, pieces, start, stop)
        else:
            found = self._infer(pieces, start, stop)
        return WindowLogits(found.values, found.first[inverse], found.of_pieces)

    def _recall_or_infer(
        self, memory: WindowMemory, keys: list[bytes], pieces: Ids, start: Ids, stop: Ids
    ) -> WindowLogits:
        """The logits of distinct windows: those remembered as they are, the others inferred."""
        recalled = [memory.recall(key) for key in keys]
        new = np.array([i for i, logits in enumerate(recalled) if logits is None], np.int64)
        if len(new):
            fresh = self._infer(pieces, start[new], stop[new])
            sizes = stop - start + SPECIAL if fresh.of_pieces else np.ones_like(start)
            for i, row in zip(new.tolist(), fresh.first.tolist(), strict=True):
                made = fresh.values[row : row + int(sizes[i])]
                recalled[i] = memory.keep(keys[i], made if fresh.of_pieces else made[0])
        parts = [logits for logits in recalled if logits is not None]
        rows = [np.atleast_2d(logits) for logits in parts]
        first = row_offsets([len(logits) for logits in rows])[:-1]
        return WindowLogits(np.concatenate(rows), first, of_pieces=parts[0].ndim > 1)

    def _infer(self, pieces: Ids, start: Ids, stop: Ids) -> WindowLogits:
        """Run the model over windows pieces[start:stop], sorted by length, batch by batch."""
        lengths = stop - start + SPECIAL
        order = np.argsort(lengths, kind="stable")
        ordered = pieces[ranges(start[order], stop[order])]
        made, of_pieces = self._over(ordered, lengths)
        first = np.empty(len(start), np.int64)
        first[order] = row_offsets(lengths[order])[:-1] if of_pieces else np.arange(len(start))
        return WindowLogits(np.concatenate(made), first, of_pieces)

    def _over(self, ordered: Ids, lengths: Ids) -> tuple[list[Logits], bool]:
        """The logits of each batch in turn, and whether there is a row a wordpiece."""
        if self.exits is not None:
            begins = self.encoder().begins_word
            runner = open_two_graphs(
                self.model, self.exits, self.provider, self.threads, begins, self.batch_wordpieces
            )
            made, of_pieces = runner.over(self._batches(ordered, lengths, None))
            self._check_labels(made[-1])
            return made, of_pieces
        session = open_session(self.model, self.provider, self.threads)
        whole: list[Logits] = []
        of_pieces = True
        for ids, mask in self._batches(ordered, lengths, session.length):
            output = self._run(session, ids, mask)
            of_pieces = output.ndim == mask.ndim + 1
            whole.append(output[mask] if of_pieces else output)
        return whole, of_pieces

    def _batches(
        self, ordered: Ids, lengths: Ids, fixed: int | None
    ) -> Iterator[tuple[Ids, NDArray[np.bool_]]]:
        """Padded batches of windows; ordered: their wordpieces, the shortest window's first."""
        encoder = self.encoder()
        done = 0
        for batch in by_length(lengths, self.batch_wordpieces):
            sizes = lengths[batch]
            count = int(sizes.sum()) - SPECIAL * len(batch)
            yield _padded(encoder, ordered[done : done + count], sizes, fixed)
            done += count

    def _run(self, session: Session, ids: Ids, mask: NDArray[np.bool_]) -> Logits:
        output = session.run(feeds_of(ids, mask))
        self._check_labels(output)
        return output

    def _check_labels(self, output: Logits) -> None:
        if output.shape[-1] != len(self.model.labels):
            raise ModelError(
                f"model {self.model.reference} gives {output.shape[-1]} scores, but its folder "
                f"lists {len(self.model.labels)} labels."
            )


def longest_window(model: ModelFolder) -> int:
    """Wordpieces a window at most: as the folder says, or fewer where the graph tells."""
    graph = read_graph(model.weights)
    return min(model.max_length, (graph and graph.longest_window()) or model.max_length)


def _padded(
    encoder: WordpieceEncoder, pieces: Ids, lengths: Ids, fixed: int | None
) -> tuple[Ids, NDArray[np.bool_]]:
    """Windows as one array: (ids int64[B, L], mask bool[B, L]).

    pieces: those of the B windows, one after the other; lengths: with [CLS] and [SEP].
    fixed: L where the model takes no other.
    """
    width = int(lengths.max()) if fixed is None else fixed
    column = np.arange(width)
    ids = np.full((len(lengths), width), encoder.pad, np.int64)
    ids[(column > 0) & (column < lengths[:, None] - 1)] = pieces
    ids[:, 0] = encoder.cls
    ids[np.arange(len(lengths)), lengths - 1] = encoder.sep
    return ids, column < lengths[:, None]
