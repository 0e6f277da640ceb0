"""The kernels of the stages that need no model: rules, run over a batch of rows.

Each is a frozen dataclass that holds its stage's rules and is called with the annotations (or
texts) of a batch. The rules themselves, one text at a time, are in the module that each kernel
imports.
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
from annotators.core.containment import containing, matching
from annotators.core.sentences import SentenceRules, split_sentences
from annotators.core.spans import Spans, flat_spans
from annotators.core.tokens import TokenRules, compile_rules


@dataclass(frozen=True)
class AssembleDocuments:
    """Texts to documents: one a text, or one an element where the text is an array.

    A null text is one empty document, as in Spark NLP.
    """

    cleanup_mode: str = "disabled"

    def __call__(self, texts: Iterable[Any]) -> Annotations:
        """The documents of R rows: a string, None or a list of these each."""
        rows = [list(text) if isinstance(text, list) else [text] for text in texts]
        results = [clean(text or "", self.cleanup_mode) for row in rows for text in row]
        counts = [len(row) for row in rows]
        return Annotations(
            offsets=row_offsets(counts),
            begin=np.zeros(len(results), np.int32),
            end=np.fromiter(map(len, results), np.int32, len(results)),
            result=results,
            fields={"sentence": numbering(counts)},
        )


@dataclass(frozen=True)
class DetectSentences:
    """Documents to sentences; `sentence` numbers the sentences of a row from 0."""

    rules: SentenceRules = SentenceRules()

    def __call__(self, documents: Annotations) -> Annotations:
        """The sentences of R rows of documents, with offsets into the row's text."""
        found = (split_sentences(text, self.rules) for text in documents.result)
        return span_annotations(flat_spans(found), documents)


@dataclass(frozen=True)
class Tokenize:
    """Sentences (or documents) to tokens; a token carries its sentence's number.

    Raises ParamError when it is made where a pattern of the rules cannot be used.
    """

    rules: TokenRules = TokenRules()

    def __post_init__(self) -> None:
        compile_rules(self.rules)

    def __call__(self, sentences: Annotations) -> Annotations:
        """The tokens of R rows of sentences, with offsets into the row's text."""
        tokens = compile_rules(self.rules)(sentences.result)
        numbers = np.repeat(np.asarray(sentences.fields["sentence"], np.int32), tokens.counts)
        return span_annotations(tokens, sentences, numbers)


@dataclass(frozen=True)
class ConvertChunks:
    """Sentences, tokens and their labels to chunks, numbered over the row."""

    rules: ChunkRules = ChunkRules()

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
        return chunks_of_sentence(
            labels=[labels[i] for i in which],
            begins=tokens.begin[of_sentence].tolist(),
            ends=tokens.end[of_sentence].tolist(),
            confidences=confidences[of_sentence].tolist(),
            sentence_begin=int(sentences.begin[sentence]),
            sentence_text=sentences.result[sentence],
            rules=self.rules,
            words=[tokens.result[i] for i in which],
        )


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


def span_annotations(
    found: Spans, texts: Annotations, numbers: NDArray[np.int32] | None = None
) -> Annotations:
    """Spans found within annotated texts, as annotations of the texts' rows.

    numbers: int32[N], the `sentence` of each; None numbers them from 0 within each row.
    """
    shift = np.repeat(texts.begin, found.counts)
    offsets = row_offsets(found.counts)[texts.offsets]
    return Annotations(
        offsets=offsets,
        begin=found.begin + shift,
        end=found.end + shift,
        result=found.result,
        fields={"sentence": numbering(np.diff(offsets)) if numbers is None else numbers},
    )


def numbering(counts: Iterable[int] | NDArray[np.integer[Any]]) -> NDArray[np.int32]:
    """0, 1, 2, … again for each row."""
    sizes = np.fromiter(counts, np.int64)
    offsets = row_offsets(sizes)
    return (np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes)).astype(np.int32)


def _ints(values: Iterable[int]) -> NDArray[np.int32]:
    return np.fromiter(values, np.int32)
