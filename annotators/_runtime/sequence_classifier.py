"""The kernel of BertForSequenceClassification: sentences and tokens in, categories out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotators._runtime.inference import Inference
from annotators.core.annotations import Annotations, row_offsets
from annotators.core.containment import containing
from annotators.core.decoding import activate, combine
from annotators.core.errors import ModelError

Ids = NDArray[np.int64]
Logits = NDArray[np.float32]


@dataclass(frozen=True)
class ClassifySequences:
    """Labels each sentence (or each document, with `coalesce`) from its tokens.

    long_document: how the windows of one long sentence become one result, see core/decoding.py.
    threshold: gives every label whose score is over it; None gives the one with the highest score.
    """

    inference: Inference
    activation: str = "softmax"
    long_document: str = "mean"
    coalesce: bool = False
    threshold: float | None = None

    def __call__(self, sentences: Annotations, tokens: Annotations) -> Annotations:
        scores = self._sentence_scores(sentences, tokens)
        return (
            self._documents(sentences, scores) if self.coalesce else self._each(sentences, scores)
        )

    def _sentence_scores(self, sentences: Annotations, tokens: Annotations) -> Logits:
        count = len(self.inference.model.labels)
        if len(sentences) == 0:
            return np.empty((0, count), np.float32)
        home = containing(sentences, tokens)
        order = np.argsort(home, kind="stable")
        order = order[home[order] >= 0]
        words = [tokens.result[i] for i in order.tolist()]
        pieces, word_offsets = self.inference.encoder().encode(words)
        offsets = word_offsets[np.searchsorted(home[order], np.arange(len(sentences) + 1))]
        windows = self.inference.windows(offsets)
        made = self.inference.logits(pieces, windows)
        if made.of_pieces:
            raise ModelError(f"model {self.inference.model.reference} labels no sequences.")
        scores = activate(made.values[made.first], self.activation)
        return combine(scores, windows.sequence, len(sentences), self.long_document)

    def _each(self, sentences: Annotations, scores: Logits) -> Annotations:
        numbers = np.asarray(sentences.fields["sentence"], np.int32)
        return self._results(sentences.offsets, sentences.begin, sentences.end, numbers, scores)

    def _documents(self, sentences: Annotations, scores: Logits) -> Annotations:
        """One result a row that has sentences: their mean scores, from first to last sentence."""
        filled = np.flatnonzero(np.diff(sentences.offsets))
        starts, stops = sentences.offsets[filled], sentences.offsets[filled + 1]
        sums = np.add.reduceat(scores, starts, axis=0) if len(filled) else scores[:0]
        means = (sums / (stops - starts)[:, None]).astype(np.float32)
        return self._results(
            row_offsets((np.diff(sentences.offsets) > 0).astype(np.int64)),
            sentences.begin[starts],
            sentences.end[stops - 1],
            np.zeros(len(filled), np.int32),
            means,
        )

    def _results(
        self,
        offsets: Ids,
        begin: NDArray[np.int32],
        end: NDArray[np.int32],
        numbers: NDArray[np.int32],
        scores: Logits,
    ) -> Annotations:
        labels = self.inference.model.labels
        if self.threshold is None:
            which = np.arange(len(scores))
            best = scores.argmax(axis=1) if len(scores) else which
        else:
            which, best = np.nonzero(scores > self.threshold)
        return Annotations(
            offsets=np.searchsorted(which, offsets),
            begin=begin[which],
            end=end[which],
            result=[labels[i] for i in best.tolist()],
            fields={"sentence": numbers[which]},
            scores=scores[which],
            labels=labels,
        )
