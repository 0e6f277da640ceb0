"""The kernels of the stages that need no model: rules, run over a batch of rows.

Each is a frozen dataclass that holds its stage's rules and is called with the annotations (or texts)
of a batch. The rules themselves, one text at a time, are in the module that each kernel imports.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotators.core.annotations import Annotations, row_offsets
from annotators.core.chunks import Chunk, ChunkRules, chunks_of_sentence
from annotators.core.cleanup import clean
from annotators.core.containment import containing
from annotators.core.sentences import SentenceRules, split_sentences
from annotators.core.tokens import TokenRules, compile_rules

Span = tuple[int, int, str]


@dataclass(frozen=True)
class AssembleDocuments:
    """Texts to documents: one a text, or one an element where the text is an array.

    A null text is one empty document, as in Spark NLP.
    """

    cleanup_mode: str = "disabled"

    def __call__(self, texts: Iterable[Any]) -> Annotations:
        rows = [list(text) if isinstance(text, list) else [text] for text in texts]
        results = [clean(text or "", self.cleanup_mode) for row in rows for text in row]
        counts = [len(row) for row in rows]
        return Annotations(
            offsets=row_offsets(counts),
            begin=np.zeros(len(results), np.int32),
            end=np.fromiter(map(len, results), np.int32, len(results)),
            result=results,
            fields={"sentence": _numbering(counts)},
        )


@dataclass(frozen=True)
class DetectSentences:
    """Documents to sentences; `sentence` numbers the sentences of a row from 0."""

    rules: SentenceRules = SentenceRules()

    def __call__(self, documents: Annotations) -> Annotations:
        split = [split_sentences(text, self.rules) for text in documents.result]
        counts = [sum(map(len, split[lo:hi])) for lo, hi in documents.row_bounds()]
        return _spans(split, documents.begin, counts, _numbering(counts))


@dataclass(frozen=True)
class Tokenize:
    """Sentences (or documents) to tokens; a token carries its sentence's number."""

    rules: TokenRules = TokenRules()

    def __call__(self, sentences: Annotations) -> Annotations:
        tokenize = compile_rules(self.rules)
        split = [tokenize(text) for text in sentences.result]
        sizes = np.fromiter(map(len, split), np.int64, len(split))
        before = row_offsets(sizes)
        counts = np.diff(before[sentences.offsets])
        numbers = np.repeat(np.asarray(sentences.fields["sentence"], np.int32), sizes)
        return _spans(split, sentences.begin, counts, numbers)


@dataclass(frozen=True)
class ConvertChunks:
    """Sentences, tokens and their labels to chunks, numbered over the row."""

    rules: ChunkRules = ChunkRules()

    def __call__(self, sentences: Annotations, tokens: Annotations, ner: Annotations) -> Annotations:
        home = containing(sentences, ner)
        confidences = ner.confidence()
        rows = [
            self._row(sentences, ner, home, confidences, sentence_range, label_range)
            for sentence_range, label_range in zip(
                sentences.row_bounds(), ner.row_bounds(), strict=True
            )
        ]
        counts = [len(row) for row in rows]
        chunks = [chunk for row in rows for chunk in row]
        return Annotations(
            offsets=row_offsets(counts),
            begin=_ints(chunk.begin for chunk, _ in chunks),
            end=_ints(chunk.end for chunk, _ in chunks),
            result=[chunk.result for chunk, _ in chunks],
            fields={
                "entity": [chunk.entity for chunk, _ in chunks],
                "sentence": _ints(number for _, number in chunks),
                "chunk": _numbering(counts),
                "confidence": np.array(
                    [np.nan if c.confidence is None else c.confidence for c, _ in chunks],
                    np.float32,
                ),
            },
        )

    def _row(
        self,
        sentences: Annotations,
        ner: Annotations,
        home: NDArray[np.int64],
        confidences: NDArray[np.float32],
        sentence_range: tuple[int, int],
        label_range: tuple[int, int],
    ) -> list[tuple[Chunk, int]]:
        """The chunks of one row, each with its sentence's number."""
        lo, hi = label_range
        of_row = home[lo:hi]
        made: list[tuple[Chunk, int]] = []
        for s in np.unique(of_row[of_row >= 0]).tolist():
            chosen = lo + np.flatnonzero(of_row == s)
            chunks = chunks_of_sentence(
                labels=[ner.result[i] for i in chosen.tolist()],
                begins=ner.begin[chosen].tolist(),
                ends=ner.end[chosen].tolist(),
                confidences=confidences[chosen].tolist(),
                sentence_begin=int(sentences.begin[s]),
                sentence_text=sentences.result[s],
                rules=self.rules,
            )
            made += [(chunk, int(s) - sentence_range[0]) for chunk in chunks]
        return made


def _spans(
    split: list[list[Span]],
    begins: NDArray[np.int32],
    counts: Iterable[int] | NDArray[np.integer[Any]],
    numbers: NDArray[np.int32],
) -> Annotations:
    """Spans found within texts that begin at `begins`, as annotations of rows."""
    sizes = np.fromiter(map(len, split), np.int64, len(split))
    shift = np.repeat(begins, sizes)
    flat = [span for spans in split for span in spans]
    return Annotations(
        offsets=row_offsets(counts),
        begin=_ints(span[0] for span in flat) + shift,
        end=_ints(span[1] for span in flat) + shift,
        result=[span[2] for span in flat],
        fields={"sentence": numbers},
    )


def _numbering(counts: Iterable[int]) -> NDArray[np.int32]:
    """0, 1, 2, … again for each row."""
    sizes = np.fromiter(counts, np.int64)
    offsets = row_offsets(sizes)
    return (np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes)).astype(np.int32)


def _ints(values: Iterable[int]) -> NDArray[np.int32]:
    return np.fromiter(values, np.int32)
