"""The kernels of the BERT stages: sentences and tokens in, labels and scores out.

The wordpieces of all rows of a batch are pooled; windows cover what is too long for the model;
identical windows are inferred once; the rest is sorted by length and batched by wordpieces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotators._runtime.model_folder import ModelFolder
from annotators._runtime.session import Session, open_session
from annotators._runtime.wordpieces import WordpieceEncoder, open_encoder
from annotators.core.annotations import Annotations, row_offsets
from annotators.core.batching import by_length, distinct
from annotators.core.containment import containing
from annotators.core.decoding import activate, combine
from annotators.core.errors import ModelError
from annotators.core.windows import Windows, cover, home_window

Ids = NDArray[np.int64]
Logits = NDArray[np.float32]
SPECIAL = 2
"""[CLS] and [SEP], which every window carries."""


@dataclass(frozen=True)
class Inference:
    """Which model to run and how; holds data only and crosses to the workers.

    max_length: wordpieces a window, [CLS] and [SEP] included. overlap: wordpieces that neighbouring
    windows share. batch_wordpieces: padded wordpieces a call of the model.
    """

    model: ModelFolder
    case_sensitive: bool
    max_length: int
    overlap: int
    batch_wordpieces: int = 512
    provider: str = "cpu"
    threads: int = 1

    def encoder(self) -> WordpieceEncoder:
        return open_encoder(self.model, self.case_sensitive)

    def windows(self, offsets: Ids) -> Windows:
        size = max(1, self.max_length - SPECIAL)
        return cover(offsets, size, max(1, size - min(self.overlap, size // 2)))

    def logits(self, pieces: Ids, windows: Windows) -> tuple[list[Logits], Ids]:
        """Run the model over each distinct window.

        Returns the logits of each distinct window (a token classifier's [length, labels] with the
        special positions, a sequence classifier's [labels]) and int64[W], each window's like.
        """
        spans = zip(windows.start.tolist(), windows.stop.tolist(), strict=True)
        firsts, inverse = distinct([pieces[lo:hi].tobytes() for lo, hi in spans])
        encoder = self.encoder()
        session = open_session(self.model, self.provider, self.threads)
        starts, stops = windows.start[firsts], windows.stop[firsts]
        made: list[Logits] = [np.empty(0, np.float32)] * len(firsts)
        for batch in by_length(stops - starts + SPECIAL, self.batch_wordpieces):
            output = self._run(session, encoder, pieces, starts[batch], stops[batch])
            for row, which in enumerate(batch.tolist()):
                made[which] = output[row]
        return made, inverse

    def _run(
        self, session: Session, encoder: WordpieceEncoder, pieces: Ids, starts: Ids, stops: Ids
    ) -> Logits:
        width = int((stops - starts).max()) + SPECIAL
        ids = np.full((len(starts), width), encoder.pad, np.int64)
        ids[:, 0] = encoder.cls
        for row, (lo, hi) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
            ids[row, 1 : hi - lo + 1] = pieces[lo:hi]
            ids[row, hi - lo + 1] = encoder.sep
        lengths = (stops - starts + SPECIAL)[:, None]
        mask = (np.arange(width) < lengths).astype(np.int64)
        output = session.run(
            {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        )
        if output.shape[-1] != len(self.model.labels):
            raise ModelError(
                f"model {self.model.reference} gives {output.shape[-1]} scores, but its folder "
                f"lists {len(self.model.labels)} labels."
            )
        return output


@dataclass(frozen=True)
class ClassifyTokens:
    """Labels each token from the logits of its first wordpiece, in its most central window."""

    inference: Inference

    def __call__(self, sentences: Annotations, tokens: Annotations) -> Annotations:
        labels = self.inference.model.labels
        home = containing(sentences, tokens)
        kept = np.flatnonzero(home >= 0)
        scores = activate(self._token_logits(tokens, home, kept), "softmax")
        words = tokens.result if len(kept) == len(tokens) else [tokens.result[i] for i in kept]
        return Annotations(
            offsets=np.searchsorted(kept, tokens.offsets),
            begin=tokens.begin[kept],
            end=tokens.end[kept],
            result=[labels[i] for i in scores.argmax(axis=1).tolist()] if len(kept) else [],
            fields={"sentence": _sentence_numbers(sentences, home[kept]), "word": words},
            scores=scores,
            labels=labels,
        )

    def _token_logits(self, tokens: Annotations, home: Ids, kept: Ids) -> Logits:
        count = len(self.inference.model.labels)
        if len(kept) == 0:
            return np.empty((0, count), np.float32)
        words = [tokens.result[i] for i in kept.tolist()]
        pieces, word_offsets = self.inference.encoder().encode(words)
        sequence, offsets = _sequences(home[kept], word_offsets)
        windows = self.inference.windows(offsets)
        made, inverse = self.inference.logits(pieces, windows)
        window = home_window(windows, sequence, word_offsets[:-1])
        if made[0].ndim != SPECIAL:
            raise ModelError(f"model {self.inference.model.reference} labels no tokens.")
        place = (word_offsets[:-1] - windows.start[window] + 1).tolist()
        like = inverse[window].tolist()
        return np.stack([made[w][p] for w, p in zip(like, place, strict=True)])


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
        made, inverse = self.inference.logits(pieces, windows)
        if made[0].ndim != 1:
            raise ModelError(f"model {self.inference.model.reference} labels no sequences.")
        scores = activate(np.stack(made), self.activation)[inverse]
        return combine(scores, windows.sequence, len(sentences), self.long_document)

    def _each(self, sentences: Annotations, scores: Logits) -> Annotations:
        numbers = _sentence_numbers(sentences, np.arange(len(sentences)))
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


def _sequences(home: Ids, word_offsets: Ids) -> tuple[Ids, Ids]:
    """Number the sentences that have words 0, 1, … : (int64[N] a word's, offsets into pieces)."""
    starts = np.flatnonzero(np.diff(home, prepend=-1))
    sequence = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(home))))
    return sequence, word_offsets[np.append(starts, len(home))]


def _sentence_numbers(sentences: Annotations, which: Ids) -> NDArray[np.int32]:
    return np.asarray(sentences.fields["sentence"], np.int32)[which]
