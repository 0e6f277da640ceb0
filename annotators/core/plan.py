"""A plan: the kernels of adjacent stages, run one after the other over a batch of rows.

One stage alone is a plan of one step, a fused pipeline a plan of several, and LightPipeline runs
the same plan on the driver. So the three ways of running cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotators.core.annotations import Annotations, concatenate, empty
from annotators.core.errors import NotemillError, RowError

Texts = Sequence[Any]
"""One value a row: a string, None, or a list of these (DocumentAssembler takes arrays too)."""

Kernel = Callable[..., Annotations]
"""Takes the annotations (or texts) of R rows, an argument an input; gives annotations of R rows."""


@dataclass(frozen=True)
class Step:
    """One kernel of a plan. `stage` names it in errors; inputs and output are column names.

    isolates: whether a row that fails keeps its place and its error is told; else it ends the run.
    """

    stage: str
    kernel: Kernel
    inputs: tuple[str, ...]
    output: str
    isolates: bool = True


@dataclass(frozen=True)
class Outcome:
    """What a plan made: the columns by name, and an error (or None) for each row."""

    columns: Mapping[str, Annotations]
    errors: list[str | None]


def run_plan(steps: Sequence[Step], columns: Mapping[str, Annotations | Texts]) -> Outcome:
    """Run the steps in order over the rows of `columns`.

    A row on which a kernel fails has no annotations from that step on, and its error names the
    stage and the class of the exception: "Tokenizer: ValueError". Errors of Notemill itself (a
    missing model, say) are not the row's fault and are raised. Raises RowError where a row fails
    in a step that does not isolate it.
    """
    known: dict[str, Any] = dict(columns)
    rows = _row_count(next(iter(known.values())))
    errors: list[str | None] = [None] * rows
    for step in steps:
        made, failures = _run_step(step, [known[name] for name in step.inputs], rows)
        if not step.isolates:
            for failure in filter(None, failures):
                raise RowError.failed(failure)
        known[step.output] = made
        errors = [first or then for first, then in zip(errors, failures, strict=True)]
    return Outcome({step.output: known[step.output] for step in steps}, errors)


def _run_step(step: Step, inputs: list[Any], rows: int) -> tuple[Annotations, list[str | None]]:
    """Run one kernel; where it fails, halve the rows until the guilty one stands alone."""
    try:
        return step.kernel(*inputs), [None] * rows
    except NotemillError:
        raise
    except Exception as failure:  # noqa: BLE001 (whatever a kernel raises is told of its row)
        if rows <= 1:
            return empty(rows), [f"{step.stage}: {type(failure).__name__}"] * rows
    middle = rows // 2
    halves = [
        _run_step(step, [_slice(values, first, last) for values in inputs], last - first)
        for first, last in ((0, middle), (middle, rows))
    ]
    return concatenate([made for made, _ in halves]), [*halves[0][1], *halves[1][1]]


def _slice(values: Any, first: int, last: int) -> Any:
    if isinstance(values, Annotations):
        return values.slice_rows(first, last)
    return values[first:last]


def _row_count(values: Annotations | Texts) -> int:
    return values.rows if isinstance(values, Annotations) else len(values)
