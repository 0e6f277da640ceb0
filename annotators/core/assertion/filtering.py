"""The kernel of AssertionFilterer: chunks whose status is wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from annotators.core.annotations import Annotations


@dataclass(frozen=True)
class FilterChunks:
    """Keeps the chunks that have a status in `wanted`, or that an expression of `regex` matches.

    dropped: statuses whose chunks go, whatever else. With neither wanted nor regex all others stay.
    """

    wanted: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    regex: tuple[str, ...] = ()
    case_sensitive: bool = False

    def __call__(
        self, sentences: Annotations, chunks: Annotations, assertions: Annotations
    ) -> Annotations:
        """The chunks of R rows that stay, as they were, each with its `assertion`.

        A chunk finds its status by its span; one without any is dropped.
        """
        del sentences
        statuses = _statuses(chunks, assertions)
        kept = np.array([s is not None and self._stays(s) for s in statuses], bool)
        offsets = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])[chunks.offsets]
        which = np.flatnonzero(kept)
        fields = {
            name: [values[i] for i in which] if isinstance(values, list) else values[which]
            for name, values in chunks.fields.items()
        }
        return Annotations(
            offsets=offsets,
            begin=chunks.begin[which],
            end=chunks.end[which],
            result=[chunks.result[i] for i in which],
            fields={**fields, "assertion": [statuses[i] or "" for i in which]},
        )

    def _stays(self, status: str) -> bool:
        folded = self._folded(status)
        if folded in map(self._folded, self.dropped):
            return False
        if not self.wanted and not self.regex:
            return True
        flags = re.RegexFlag(0) if self.case_sensitive else re.IGNORECASE
        return folded in map(self._folded, self.wanted) or any(
            re.search(expression, status, flags) for expression in self.regex
        )

    def _folded(self, status: str) -> str:
        return status if self.case_sensitive else status.casefold()


def _statuses(chunks: Annotations, assertions: Annotations) -> list[str | None]:
    """The status of each chunk: that of the assertion with its span, None where there is none."""
    found: list[str | None] = []
    bounds = zip(chunks.row_bounds(), assertions.row_bounds(), strict=True)
    begins, ends = assertions.begin.tolist(), assertions.end.tolist()
    spans = list(zip(chunks.begin.tolist(), chunks.end.tolist(), strict=True))
    for (first, last), (lo, hi) in bounds:
        known = {(begins[i], ends[i]): assertions.result[i] for i in range(hi - 1, lo - 1, -1)}
        found += [known.get(spans[i]) for i in range(first, last)]
    return found
