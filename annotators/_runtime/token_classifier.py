"""The kernel of BertForTokenClassification: sentences and tokens in, token labels out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotators._runtime.inference import Inference
from annotators.core.annotations import Annotations
from annotators.core.containment import containing
from annotators.core.decoding import activate
from annotators.core.errors import ModelError
from annotators.core.tagging import decoded
from annotators.core.windows import home_window

Ids = NDArray[np.int64]
Logits = NDArray[np.float32]


@dataclass(frozen=True)
class ClassifyTokens:
    """Labels each token from the logits of its first wordpiece, in its most central window.

    The labels of a sentence are decoded as the model says (core/tagging.py).
    """

    inference: Inference

    def __call__(self, sentences: Annotations, tokens: Annotations) -> Annotations:
        model = self.inference.model
        home = containing(sentences, tokens)
        kept = np.flatnonzero(home >= 0)
        logits = self._token_logits(tokens, home, kept)
        scores = activate(logits, "softmax", model.temperature)
        starts = np.flatnonzero(np.diff(home[kept], prepend=-1))
        best = decoded(logits, starts, model.labels, model.decoding)
        words = tokens.result if len(kept) == len(tokens) else [tokens.result[i] for i in kept]
        return Annotations(
            offsets=np.searchsorted(kept, tokens.offsets),
            begin=tokens.begin[kept],
            end=tokens.end[kept],
            result=[model.labels[i] for i in best.tolist()],
            fields={
                "sentence": np.asarray(sentences.fields["sentence"], np.int32)[home[kept]],
                "word": words,
            },
            scores=scores,
            labels=model.labels,
        )

    def _token_logits(self, tokens: Annotations, home: Ids, kept: Ids) -> Logits:
        count = len(self.inference.model.labels)
        if len(kept) == 0:
            return np.empty((0, count), np.float32)
        words = [tokens.result[i] for i in kept.tolist()]
        pieces, word_offsets = self.inference.encoder().encode(words)
        sequence, offsets = _sequences(home[kept], word_offsets)
        windows = self.inference.windows(offsets)
        made = self.inference.logits(pieces, windows)
        if not made.of_pieces:
            raise ModelError(f"model {self.inference.model.reference} labels no tokens.")
        window = home_window(windows, sequence, word_offsets[:-1])
        place = word_offsets[:-1] - windows.start[window] + 1
        return made.values[made.first[window] + place]


def _sequences(home: Ids, word_offsets: Ids) -> tuple[Ids, Ids]:
    """Number the sentences that have words 0, 1, … : (int64[N] a word's, offsets into pieces)."""
    starts = np.flatnonzero(np.diff(home, prepend=-1))
    sequence = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(home))))
    return sequence, word_offsets[np.append(starts, len(home))]
