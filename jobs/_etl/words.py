"""What a plan and a run say for people: counts and places, never text of a note."""

from __future__ import annotations

from jobs._etl.batch import Plan
from jobs._etl.job import Work
from jobs.sinks.tables import Run


def plan_lines(work: Work, plan: Plan | None) -> list[str]:
    """What --dry-run says."""
    config, made = work.config, work.ready.pedigree
    lines = [
        f"source       {config.source.shown()}",
        f"sink         {config.sink.shown()}",
        f"pipeline     {config.job.pipeline}, fingerprint {made.fingerprint[:16]}",
        *[
            f"model        {n}, SHA-256 {sha[:16]}, {made.precision}"
            for n, sha in made.models.items()
        ],
    ]
    if plan is None:
        return [*lines, "there are no notes in the source: nothing would change"]
    counts = plan.counts
    gone = "removed" if config.job.deleted == "remove" else "kept"
    return [
        *lines,
        f"notes        {counts.todo + counts.unchanged + counts.nameless} in {counts.rows} rows",
        f"  new        {counts.new}",
        f"  changed    {counts.changed}",
        f"  changed    {counts.stale} by another pipeline or model",
        f"  unchanged  {counts.unchanged}",
        f"  no id      {counts.nameless}",
        f"  gone       {counts.gone}, which would be {gone}",
        f"to annotate  {counts.todo - plan.left} in {len(plan.slices)} slices",
    ]


def said(run: Run | None, sink: str) -> list[str]:
    """What a run says at its end: counts only."""
    if run is None:
        return ["there are no notes in the source: nothing was changed."]
    # A clock that was put back makes a run end before it began.
    seconds = max(0.0, ((run.ended or run.started) - run.started).total_seconds())
    return [
        (
            f"{run.notes_in} notes: {run.notes_new} new, {run.notes_changed} changed, "
            f"{run.notes_unchanged} unchanged, {run.notes_deleted} deleted, {run.notes_left} left; "
            f"{run.entities} entities, {run.notes_error} errors in {seconds:.0f} s. "
            f"Written to {sink}."
        )
    ]
