"""The kernel of NerConverter: sentences, tokens and their labels to chunks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotators.core.annotations import Annotations, numbering, row_offsets
from annotators.core.assertion.headings import headings_of, parse_headings
from annotators.core.chunks.rules import Chunk, ChunkRules, chunks_of_sentence
from annotators.core.containment import containing, matching
from annotators.core.seen import seen_whole


@dataclass(frozen=True)
class ConvertChunks:
    """Sentences, tokens and their labels to chunks, numbered over the row.

    headings: lines of a table (see core/assertion/headings.py); what is a heading is not a chunk.
    """

    rules: ChunkRules = ChunkRules()
    headings: tuple[str, ...] = ()

    def __call__(
        self, sentences: Annotations, tokens: Annotations, ner: Annotations
    ) -> Annotations:
        """The chunks of R rows; a token's label is the one that begins where it does."""
        home = containing(sentences, tokens)
        labels, confidences = _labels_of(tokens, ner)
        numbers = np.asarray(sentences.fields["sentence"], np.int32)
        made: list[tuple[int, Chunk]] = []
        order = np.argsort(home, kind="stable")
        order = order[home[order] >= 0]
        starts = np.flatnonzero(np.diff(home[order], prepend=-1))
        for of_sentence in np.split(order, starts[1:]):
            if len(of_sentence):
                s = int(home[of_sentence[0]])
                chunks = self._chunks(sentences, tokens, s, of_sentence, labels, confidences)
                made += [(s, chunk) for chunk in chunks]
        owners = np.fromiter((s for s, _ in made), np.int64, len(made))
        counts = np.diff(np.searchsorted(owners, sentences.offsets))
        chunks = [chunk for _, chunk in made]
        return Annotations(
            offsets=row_offsets(counts),
            begin=_ints(chunk.begin for chunk in chunks),
            end=_ints(chunk.end for chunk in chunks),
            result=[chunk.result for chunk in chunks],
            fields={
                "entity": [chunk.entity for chunk in chunks],
                "sentence": numbers[owners],
                "chunk": numbering(counts),
                "confidence": np.array(
                    [np.nan if c.confidence is None else c.confidence for c in chunks], np.float32
                ),
            },
        )

    def _chunks(
        self,
        sentences: Annotations,
        tokens: Annotations,
        sentence: int,
        of_sentence: NDArray[np.int64],
        labels: list[str],
        confidences: NDArray[np.float32],
    ) -> list[Chunk]:
        which = of_sentence.tolist()
        chunks = chunks_of_sentence(
            labels=[labels[i] for i in which],
            begins=tokens.begin[of_sentence].tolist(),
            ends=tokens.end[of_sentence].tolist(),
            confidences=confidences[of_sentence].tolist(),
            sentence_begin=int(sentences.begin[sentence]),
            sentence_text=sentences.result[sentence],
            rules=self.rules,
            words=[tokens.result[i] for i in which],
        )
        if not chunks or not self.headings:
            return chunks
        text, start = seen_whole(sentences.result[sentence]), int(sentences.begin[sentence])
        heads = headings_of(text, parse_headings(self.headings, "headings"))
        spans = [(head.begin + start, head.end + start) for head in heads]
        return [c for c in chunks if not any(b <= c.begin and c.end <= e for b, e in spans)]


def _labels_of(tokens: Annotations, ner: Annotations) -> tuple[list[str], NDArray[np.float32]]:
    """Each token's label and its confidence; O and NaN for a token without a label.

    Labels are matched to tokens by where they begin, as in Spark NLP, whose classifiers leave
    tokens without a label when they cut a sentence.
    """
    found = matching(tokens, ner)
    if len(found) == len(ner) and (found == np.arange(len(ner))).all():
        return ner.result, ner.confidence()
    confidences = np.append(ner.confidence(), np.float32(np.nan))[found]
    return [ner.result[i] if i >= 0 else "O" for i in found.tolist()], confidences


def _ints(values: Iterable[int]) -> NDArray[np.int32]:
    return np.fromiter(values, np.int32)
