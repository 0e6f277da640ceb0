"""The report's parts on scale and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.reporting.tables import table


def scale_part(report: Mapping[str, Any]) -> str:
    found = report["scale"]
    return "\n\n".join([_linear(found), _executors(found), _skew(found["skew"]), _paper(found)])


def _linear(found: Mapping[str, Any]) -> str:
    fit = found["fit"]
    rows = [
        [notes, f"{seconds:.2f}", f"{left:+.2f}"]
        for (notes, seconds), left in zip(found["points"], fit["residuals"], strict=True)
    ]
    return (
        "## Scale\n\nInt8, fused, every window inferred. Seconds grow with the notes: "
        f"{fit['seconds_at_none']:.2f} + {1000 * fit['seconds_a_note']:.2f} ms a note, "
        f"R² {fit['r_squared']:.4f}.\n\n" + table(["notes", "s", "residual"], rows)
    )


def _executors(found: Mapping[str, Any]) -> str:
    one, two = (found["executors"][key] for key in sorted(found["executors"], key=str))
    return (
        f"Two executors of one core (`local-cluster`) do {one / two:.2f} times the work of one: "
        f"{two:.1f} s against {one:.1f} s."
    )


def _skew(skew: Mapping[str, Any]) -> str:
    first, total = skew["characters"]
    return (
        f"Skew: {skew['notes']} notes over two partitions, the longer half in one "
        f"({first / total:.0%} of the characters). Even partitions: {skew['even']:.1f} s; skewed "
        f"ones as they are: {skew['skewed']:.1f} s; skewed, spread by `notemill annotate` by "
        f"characters (a shuffle included): {skew['spread_by_the_job']:.1f} s, "
        f"{skew['spread_by_the_job'] / skew['even'] - 1:+.0%} over even."
    )


def _paper(found: Mapping[str, Any]) -> str:
    p = found["paper"]
    return f"""### {p["notes"]:,} notes on {p["cores"]:,} cores, on paper

Arithmetic from the constants measured here ({1000 * found["seconds_a_task"]:.1f} ms a task that
does nothing, {p["model_load_seconds"]} s to open the model, {p["wordpieces_a_note"]} wordpieces a
note, the seconds a note above), for cores like these; nothing of it was run.

- {p["text_tb"]} TB of text, {p["tasks"]:,} tasks of four million characters, some
  {p["seconds_a_task"]:.0f} s each: {p["hours_annotating"]} hours of annotating, nearly all of it
  inference.
- The driver schedules {p["driver_tasks_a_second"]} tasks a second, {p["driver_hours_scheduling"]}
  hours of its time in all: it waits, not the executors.
- Opening models: once a slot, {p["model_load_seconds"]} s of the whole run, if workers are kept
  (`spark.python.worker.reuse`, Spark's default); the files lie on the workers, in the wheel.
- What breaks first: the shuffles. `annotate` sends all text through one to even out the work, and
  ids through another to find those that repeat; with fewer than ten thousand partitions each
  reduce task would fetch from every map task (tasks squared blocks). So: annotate in portions
  (by month, say) of some ten million notes, each a job of its own that can be repeated alone.
- Next: the driver's memory for the tasks' statistics, for which portions help as well; and output
  files, one a task, which want compaction."""


def memory_part(rows: Sequence[Mapping[str, Any]]) -> str:
    shown = [
        [r["name"], r["how"], r["slots"], f"{r['rss_mb']:,}", f"{r['all_mb']:,}",
         r["ms_512_wordpieces"]]
        for r in rows
    ]  # fmt: skip
    head = ["model", "how", "slots", "one worker MB", "all workers MB", "ms a batch of 512"]
    return (
        "## Memory of workers\n\nSpark's Python workers with a model open each and a batch run. "
        "One worker: its resident memory. All workers: shared pages counted once (PSS). Times are "
        "of a machine that may have been busy.\n\n" + table(head, shown)
    )
