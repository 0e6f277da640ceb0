"""The kernel of SentenceDetector: documents to sentences, by rules."""

from __future__ import annotations

from dataclasses import dataclass

from annotators.core.annotations import Annotations
from annotators.core.seen import seen
from annotators.core.sentences.rules import Sentence, SentenceRules, split_sentences
from annotators.core.spans import flat_spans, span_annotations


@dataclass(frozen=True)
class DetectSentences:
    """Documents to sentences; `sentence` numbers the sentences of a row from 0.

    as_seen: sentences are found in the text as a reader sees it; they are the text's own.
    """

    rules: SentenceRules = SentenceRules()
    as_seen: bool = False

    def __call__(self, documents: Annotations) -> Annotations:
        """The sentences of R rows of documents, with offsets into the row's text."""
        find = self._find_as_seen if self.as_seen else self._find
        return span_annotations(flat_spans(map(find, documents.result)), documents)

    def _find(self, text: str) -> list[Sentence]:
        return split_sentences(text, self.rules)

    def _find_as_seen(self, text: str) -> list[Sentence]:
        return [(begin, end, text[begin:end]) for begin, end, _ in self._find(seen(text))]
