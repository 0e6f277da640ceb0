"""The kernel of DocumentAssembler: texts to documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotators.core.annotations import Annotations, numbering, row_offsets
from annotators.core.cleanup import clean


@dataclass(frozen=True)
class AssembleDocuments:
    """Texts to documents: one per text, or one an element where the text is an array.

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
