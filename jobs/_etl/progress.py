"""How far a run is, by notes: a line that moves on a terminal, a line of JSON at times in a log."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

from jobs._etl.plan import Slice
from jobs._run.quiet import current_log
from jobs._run.slots import over_connect
from jobs.sinks.tables import Run


@dataclass(frozen=True)
class _At:
    """Where a run is: its row so far, the slice that is annotated, and that slice's tasks."""

    run: Run
    part: Slice | None
    tasks: int


class Progress:
    """Tells of a run from time to time while it lasts; called as batch.Told says.

    Notes of the slice in work are estimated by its tasks: their partitions have equal work. Spark's
    own progress bar gives these, and a Spark Connect server its progress messages.
    """

    def __init__(self, spark: SparkSession, seconds: float) -> None:
        self._spark = spark
        self._terminal = sys.stderr.isatty()
        self._seconds = 1.0 if self._terminal else seconds
        self._began = time.monotonic()
        self._at: _At | None = None
        self._of_server: dict[int, tuple[int, int]] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __call__(self, run: Run, part: Slice | None, tasks: int) -> None:
        """Note where the run is."""
        self._of_server = {}
        if (log := current_log()) is not None:
            log.tasks = None
        self._at = _At(run, part, tasks)

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Tell while this lasts."""
        if (log := current_log()) is not None:
            log.own_bar = True
        if over_connect(self._spark):
            self._spark.registerProgressHandler(self._hear)  # type: ignore[arg-type]
        self._thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._thread.join()
            if self._terminal and self._at is not None:
                sys.stderr.write("\r" + " " * 78 + "\r")

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            if self._at is None:
                continue
            told = self._figures(self._at)
            if self._terminal:
                sys.stderr.write("\r" + _bar(told).ljust(78)[:78])
            else:
                sys.stderr.write(json.dumps({"event": "progress", **told}) + "\n")
            sys.stderr.flush()

    def _figures(self, at: _At) -> dict[str, Any]:
        run, seconds = at.run, time.monotonic() - self._began
        finished = run.notes_annotated + run.notes_null + run.notes_error
        total = run.notes_new + run.notes_changed
        done = min(total, finished + (round(at.part.notes * self._share(at)) if at.part else 0))
        rate = done / seconds if seconds > 0 else 0.0
        return {
            "run_id": run.run_id,
            "notes_done": done,
            "notes_total": total,
            "notes_committed": finished,
            "notes_per_second": round(rate, 2),
            "eta_seconds": round((total - done) / rate) if rate else None,
            "error_rate": round(run.notes_error / finished, 4) if finished else 0.0,
        }

    def _share(self, at: _At) -> float:
        """How much of the slice's work is done, by its tasks."""
        log = current_log()
        seen = [log.tasks] if log is not None and log.tasks else []
        seen += list(self._of_server.values())
        return max((done / tasks for done, tasks in seen if tasks == at.tasks), default=0.0)

    def _hear(self, stages: Any, **_: Any) -> None:
        for stage in stages or ():
            self._of_server[stage.stage_id] = (stage.num_completed_tasks, stage.num_tasks)


def _bar(told: dict[str, Any]) -> str:
    left = "" if told["eta_seconds"] is None else f", {told['eta_seconds']} s left"
    errors = f", {told['error_rate']:.1%} errors" if told["error_rate"] else ""
    return (
        f"{told['notes_done']} of {told['notes_total']} notes, "
        f"{told['notes_per_second']:.1f} a second{left}{errors}"
    )
