"""The kernel of SentenceDetector: documents to sentences, by rules."""

from __future__ import annotations

from dataclasses import dataclass

from annotators.core.annotations import Annotations
from annotators.core.sentences.rules import SentenceRules, split_sentences
from annotators.core.spans import flat_spans, span_annotations


@dataclass(frozen=True)
class DetectSentences:
    """Documents to sentences; `sentence` numbers the sentences of a row from 0."""

    rules: SentenceRules = SentenceRules()

    def __call__(self, documents: Annotations) -> Annotations:
        """The sentences of R rows of documents, with offsets into the row's text."""
        found = (split_sentences(text, self.rules) for text in documents.result)
        return span_annotations(flat_spans(found), documents)
