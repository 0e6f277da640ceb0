"""One pass of the job over a source: the plan, then slice after slice, each a commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs._etl.annotation import (
    Annotator,
    Outcome,
    annotated,
    outcome,
    rejects,
    repeated_of,
    rows_of,
    tables_of,
    tasks_for,
)
from jobs._etl.plan import (
    CHANGED,
    GONE,
    STALE,
    STATE,
    Counts,
    Slice,
    compared,
    counted,
    glance,
    nameless_differ,
    nameless_rows,
    slices,
    within,
)
from jobs._run.exit_codes import InputError, TooManyErrorsError
from jobs.sinks.sink import Sink
from jobs.sinks.tables import NOTE_ID, REJECTS, Run
from jobs.sources.files import ERROR
from jobs.sources.records import FILE

Told = Callable[[Run, Slice | None, int], None]
"""Called before each slice with the run so far and the slice's tasks, after the last with None."""


@dataclass(frozen=True)
class Rules:
    """What a configuration says of how a run goes (jobs/_etl/config.py)."""

    slice_notes: int
    remove: bool
    allow_empty: bool
    limit: int | None
    keep_fingerprints: bool
    max_error_rate: float
    commit_at_rate: bool


@dataclass(frozen=True)
class Plan:
    """What a run has to do. frame: a row per note (plan.py). nameless: whether rows without an id
    are to be put into `rejects`; forgets_nameless: whether such rows of earlier runs go.
    """

    frame: DataFrame
    rows: DataFrame
    counts: Counts
    slices: list[Slice]
    nameless: bool
    forgets_nameless: bool
    removed: int
    left: int

    @property
    def idle(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.slices or self.nameless or self.forgets_nameless or self.removed)


@contextmanager
def planned(
    notes: DataFrame, sink: Sink, fingerprint: str, rules: Rules, batch: int | None = None
) -> Iterator[Plan]:
    """The plan of a run, kept while this lasts.

    batch: the frame is a batch of a stream, which has none of what came before; None: it is all of
    the source. Raises InputError for a source that has become empty, or has a file that cannot be
    read, where notes that are gone would be removed.
    """
    rows = glance(notes).persist()
    frame = compared(rows, sink.done(), fingerprint).persist()
    try:
        counts = counted(frame)
        removed = counts.gone if rules.remove and batch is None else 0
        if removed and not counts.rows and not rules.allow_empty:
            raise InputError(
                f"the source is empty, and `deleted: remove` would take all {removed} notes out of "
                "the tables: if that is meant, run it with --allow-empty."
            )
        if removed and rows.where(F.col(ERROR) == FILE).count():
            raise InputError(
                "a file of the source cannot be read to its end, and `deleted: remove` would take "
                "its notes for gone: mend it, or run with --set deleted=keep."
            )
        parts = slices(frame, counts, rules.slice_notes, rules.limit)
        # The first batch of a stream begins it anew, so rows without an id come again.
        begins = not batch and nameless_differ(rows, counts, sink.read(REJECTS))
        nameless = counts.nameless > 0 and (begins or bool(batch))
        left = counts.todo - sum(part.notes for part in parts)
        yield Plan(frame, rows, counts, parts, nameless, begins, removed, left)
    finally:
        frame.unpersist()
        rows.unpersist()


def run_plan(
    plan: Plan, notes: DataFrame, sink: Sink, by: Annotator, rules: Rules, run: Run, told: Told
) -> Run:
    """Do what a plan says; gives the finished run.

    Raises TooManyErrorsError, with all that was committed before in place.
    """
    run = counting(run, plan)
    last = len(plan.slices) - 1
    for i, part in enumerate(plan.slices):
        tasks = tasks_for(by, notes.sparkSession, part)
        told(run, part, tasks)
        made = annotated(by, notes, plan.frame, part, tasks, doubled=plan.counts.doubled > 0)
        try:
            counts = outcome(made)
            by.check_same()
            repeated = repeated_of(plan.frame, part) if plan.counts.repeated else None
            several = repeated.count() if repeated is not None else 0
            tables = tables_of(by, made, counts, repeated if several else None)
            rows = rows_of(tables, counts, several)
            run = _added(run, counts, several, part.notes - several - counts.notes)
            _check_rate(run, rules, sink)
            if i == last and plan.nameless:
                rows[REJECTS] = rows.get(REJECTS, 0) + plan.counts.nameless
                tables = _with_nameless(tables, plan, run)
            run = _dated(run, "done" if i == last else "running")
            sink.commit(_replaced(plan, part, rules, last=i == last), tables, run, rows)
        finally:
            made.unpersist()
    if not plan.slices:
        run = _dated(run, "done")
        sink.commit(_replaced(plan, None, rules, last=True), _with_nameless({}, plan, run), run)
    told(run, None, 0)
    if error_rate(run) > rules.max_error_rate:
        raise TooManyErrorsError(
            f"{error_rate(run):.1%} of the notes failed, at most {rules.max_error_rate:.1%} may; "
            "all is in the tables (on_error_rate: commit)."
        )
    return run


def counting(run: Run, plan: Plan) -> Run:
    """The run with what its plan counts. Rows without an id are new unless they were there."""
    counts = plan.counts
    nameless = counts.nameless if plan.nameless else 0
    new = sum(part.new for part in plan.slices)
    return replace(
        run,
        rows_in=counts.rows,
        notes_in=counts.todo + counts.unchanged + counts.nameless,
        notes_new=new + nameless,
        notes_changed=counts.todo - plan.left - new,
        notes_unchanged=counts.unchanged + counts.nameless - nameless,
        notes_deleted=plan.removed,
        notes_left=plan.left,
        notes_error=nameless,
    )


def _added(run: Run, counts: Outcome, repeated: int, missed: int) -> Run:
    """The run with a slice more. missed: notes that changed between the plan and the reading."""
    of_new = min(missed, run.notes_new)
    return replace(
        run,
        notes_new=run.notes_new - of_new,
        notes_changed=run.notes_changed - (missed - of_new),
        notes_left=run.notes_left + missed,
        notes_annotated=run.notes_annotated + counts.notes - counts.null - counts.error,
        notes_null=run.notes_null + counts.null,
        notes_error=run.notes_error + counts.error + repeated,
        entities=run.entities + counts.entities,
    )


def _dated(run: Run, state: str) -> Run:
    return replace(run, state=state, ended=datetime.now(timezone.utc))


def _check_rate(run: Run, rules: Rules, sink: Sink) -> None:
    """Raise TooManyErrorsError, nothing of the slice committed, where that is the rule."""
    rate = error_rate(run)
    if rate > rules.max_error_rate and not rules.commit_at_rate:
        sink.commit(None, {}, _dated(run, "aborted"))
        raise TooManyErrorsError(
            f"{rate:.1%} of the notes failed, at most {rules.max_error_rate:.1%} may: what was "
            "annotated since the last commit is not in the tables. `on_error_rate: commit` puts it "
            "there all the same."
        )


def error_rate(run: Run) -> float:
    """Notes with an error to notes that were looked at."""
    seen = run.notes_annotated + run.notes_null + run.notes_error
    return run.notes_error / seen if seen else 0.0


def _replaced(plan: Plan, part: Slice | None, rules: Rules, *, last: bool) -> DataFrame | None:
    """The ids whose rows go with a commit; None where there are none."""
    old = [CHANGED] if rules.keep_fingerprints else [CHANGED, STALE]
    frames = []
    if part is not None and any(getattr(plan.counts, state) for state in old):
        frames.append(within(plan.frame, part).where(F.col(STATE).isin(*old)).select(NOTE_ID))
    if last and plan.removed:
        frames.append(plan.frame.where(F.col(STATE) == GONE).select(NOTE_ID))
    if last and plan.forgets_nameless:
        null = F.lit(None).cast(plan.frame.schema[NOTE_ID].dataType).alias(NOTE_ID)
        frames.append(plan.frame.sparkSession.range(1).select(null))
    return reduce(DataFrame.unionByName, frames) if frames else None


def _with_nameless(tables: dict[str, DataFrame], plan: Plan, run: Run) -> dict[str, DataFrame]:
    """The tables with a reject for each row without an id, where these are others than before."""
    if not plan.nameless:
        return tables
    rows = rejects(nameless_rows(plan.rows).select(NOTE_ID, ERROR), run.run_id).coalesce(1)
    known = tables.get(REJECTS)
    return {**tables, REJECTS: rows if known is None else known.unionByName(rows)}
