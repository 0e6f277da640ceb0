"""The kernel of SentenceDetectorDLModel: documents to sentences, by a small character model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotators._runtime.model_folder import ModelFolder
from annotators._runtime.session import open_session
from annotators.core.annotations import Annotations
from annotators.core.boundaries.detector import sentences_of_many
from annotators.core.boundaries.rules import BoundaryRules
from annotators.core.spans import flat_spans, span_annotations


@dataclass(frozen=True)
class DetectBoundaries:
    """Scores the places where a sentence may end; `sentence` numbers the sentences of a row."""

    model: ModelFolder
    rules: BoundaryRules
    provider: str = "cpu"
    threads: int = 1

    def __call__(self, documents: Annotations) -> Annotations:
        texts = documents.result
        found = sentences_of_many(texts, self.rules, self._score)
        split = (
            [(begin, end, text[begin:end]) for begin, end in spans]
            for text, spans in zip(texts, found, strict=True)
        )
        return span_annotations(flat_spans(split), documents)

    def _score(self, features: NDArray[np.uint8]) -> NDArray[np.float32]:
        session = open_session(self.model, self.provider, self.threads)
        return session.run({"features": features})
