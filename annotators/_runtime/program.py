"""What crosses to the workers, and how they run it: a plan, a slice of the rows at a time.

Two boundaries read rows for it and write what it makes: arrow_boundary.py where Spark has Arrow
UDFs (4.1 on), pandas_boundary.py elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import numpy as np
import pyarrow as pa

from annotators.core.annotations import Annotations, FieldValues, Ints, concatenate, empty
from annotators.core.errors import RowError
from annotators.core.java.number_format import java_floats
from annotators.core.plan import Outcome, Step, Texts, run_plan

CHARACTERS_AT_ONCE = 1_000_000
"""Rows are annotated in slices of about so many characters, which bounds a worker's memory."""

LARGE_BATCH, GOOD_BATCH = 256_000_000, 64_000_000
"""Characters of an Arrow batch beyond which a worker advises smaller ones, and of such."""

ERROR = "error"

_LOG = logging.getLogger("notemill")
_advised: list[int] = []
"""The rows of the batch that this worker has told of."""


@dataclass(frozen=True)
class InputColumn:
    """An input column: its name, and the metadata fields that are read; None for a text column."""

    column: str
    fields: tuple[str, ...] | None


@dataclass(frozen=True)
class AnnotationLayout:
    """What the annotations of an output column look like.

    fields: the metadata keys that the kernel fills, in order; a key in `optional` is left out of an
    annotation's metadata where its value is NaN. labels: one more key each, with its score.
    """

    annotator_type: str
    fields: tuple[str, ...]
    labels: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


@dataclass(frozen=True)
class OutputColumn:
    """An output column that is asked for."""

    column: str
    layout: AnnotationLayout


@dataclass(frozen=True)
class Program:
    """All that a worker needs to annotate rows. It crosses to workers, so it holds data only."""

    inputs: tuple[InputColumn, ...]
    steps: tuple[Step, ...]
    outputs: tuple[OutputColumn, ...]


Read = Callable[[int, int], Mapping[str, Annotations | Texts]]
"""The input columns of the rows first:last. Raises UnicodeDecodeError (Arrow: ArrowInvalid)."""


def public_name(output_index: int) -> str:
    """The name of one annotation column in the struct that an Arrow UDF returns."""
    return f"column_{output_index}"


def slices(characters: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Half-open ranges of rows of about CHARACTERS_AT_ONCE each; no rows are one empty range."""
    ends = np.cumsum(characters)
    if len(ends) and ends[-1] > LARGE_BATCH:
        _advise_batches(len(ends), int(ends[-1]))
    which = ends // CHARACTERS_AT_ONCE
    starts = [0, *(np.flatnonzero(np.diff(which)) + 1).tolist(), len(characters)]
    return pairwise(starts)


def _advise_batches(rows: int, characters: int) -> None:
    """Tell, once in a worker, of batches that take much memory, in the JVM and here."""
    if not _advised:
        _advised.append(rows)
        _LOG.warning(
            "notemill: an Arrow batch has %d rows of %d characters, which JVM and worker hold at "
            "once: set spark.sql.execution.arrow.maxRecordsPerBatch to %d.",
            rows, characters, max(1, rows * GOOD_BATCH // characters),
        )  # fmt: skip


def annotate_rows(program: Program, first: int, last: int, read: Read) -> Outcome:
    """Run the program over rows; where they cannot be read, halve them until one stands alone.

    Raises RowError for such a row where its stage was not told to keep failures to their rows.
    """
    try:
        columns = read(first, last)
    except (UnicodeDecodeError, pa.ArrowInvalid):
        if last - first <= 1:
            return _failed(program, last - first)
    else:
        return run_plan(program.steps, columns)
    middle = (first + last) // 2
    parts = [annotate_rows(program, *ends, read) for ends in ((first, middle), (middle, last))]
    joined = {
        step.output: concatenate([part.columns[step.output] for part in parts])
        for step in program.steps
    }
    return Outcome(joined, [error for part in parts for error in part.errors])


def _failed(program: Program, rows: int) -> Outcome:
    reader = program.steps[0]
    told = f"{reader.stage}: {UnicodeDecodeError.__name__}"
    if not reader.isolates:
        raise RowError.failed(told)
    return Outcome({step.output: empty(rows) for step in program.steps}, [told] * rows)


def metadata_columns(made: Annotations, layout: AnnotationLayout) -> dict[str, list[str] | Ints]:
    """Each metadata key's N values, as texts or as integers; nothing for no annotations."""
    if not len(made):
        return {}
    columns = {name: _texts_or_integers(made.fields[name]) for name in layout.fields}
    if made.scores is not None:
        texts = java_floats(made.scores)
        columns |= {label: texts[k :: len(layout.labels)] for k, label in enumerate(layout.labels)}
    return columns


def metadata_texts(made: Annotations, layout: AnnotationLayout) -> dict[str, list[str]]:
    """Each metadata key's N values as the public column writes them."""
    return {
        name: values if isinstance(values, list) else list(map(str, values.tolist()))
        for name, values in metadata_columns(made, layout).items()
    }


def _texts_or_integers(values: FieldValues) -> list[str] | Ints:
    if isinstance(values, list) or values.dtype.kind != "f":
        return cast("list[str] | Ints", values)
    return java_floats(np.asarray(values, np.float32))
