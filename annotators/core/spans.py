"""Spans found within texts, as flat arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from annotators.core.annotations import Annotations, numbering, row_offsets

Span = tuple[int, int, str]


@dataclass(frozen=True)
class Spans:
    """The spans found within T texts, text after text.

    counts: int64[T]. begin, end: int32[N], half-open, in characters of the text that a span is of.
    result: N strings, what the texts have there.
    """

    counts: NDArray[np.int64]
    begin: NDArray[np.int32]
    end: NDArray[np.int32]
    result: list[str]

    def tuples(self) -> list[Span]:
        """(begin, end, result) of each."""
        return list(zip(self.begin.tolist(), self.end.tolist(), self.result, strict=True))

    def where(self, kept: NDArray[np.bool_]) -> Spans:
        """The spans that `kept`, bool[N], is true for."""
        owners = np.repeat(np.arange(len(self.counts)), self.counts)
        return Spans(
            np.bincount(owners[kept], minlength=len(self.counts)),
            self.begin[kept],
            self.end[kept],
            [self.result[i] for i in np.flatnonzero(kept).tolist()],
        )


def flat_spans(of_texts: Iterable[list[Span]]) -> Spans:
    """The spans of each text as one value."""
    lists = list(of_texts)
    flat = list(chain.from_iterable(lists))
    return Spans(
        np.fromiter(map(len, lists), np.int64, len(lists)),
        np.array([begin for begin, _, _ in flat], np.int32),
        np.array([end for _, end, _ in flat], np.int32),
        [result for _, _, result in flat],
    )


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
