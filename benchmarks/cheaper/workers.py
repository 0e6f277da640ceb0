"""What workers cost at their start: forked by `pyspark.daemon`, and by `annotators.daemon`.

    python -m benchmarks.cheaper.workers --rounds 5

A process each, in turn: `clinical_ner`, unfused, over 20 short notes in two slots; then 40 tasks
that hand on their rows, in workers that are up. Figures are medians.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT, below, cpu_seconds
from benchmarks.reporting.tables import table
from benchmarks.spark_timing import session
from pipelines.clinical_ner import clinical_ner

DAEMONS = ("pyspark.daemon", "annotators.daemon")
NOTES = [(i, "The patient denies chest pain. Takes aspirin 81 mg.") for i in range(20)]
TASKS = 40


def measured(daemon: str) -> dict[str, float]:
    """The figures of one process with that daemon."""
    command = [sys.executable, "-m", "benchmarks.cheaper.workers", "--daemon", daemon]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))


def run(daemon: str) -> dict[str, float]:
    """In this process: start a session, annotate, and measure."""
    spark = session(2, {"spark.python.daemon.module": daemon})
    notes = spark.createDataFrame(NOTES, "id int, text string").repartition(2).cache()
    notes.count()
    annotated = clinical_ner().fit(notes).transform(notes)
    first = seconds(annotated.collect)
    processes = [pid for pid in below(os.getpid()) if f"-m\0{daemon}" in _of(pid, "cmdline")]
    forked = {worker for pid in processes for worker in below(pid)}
    found = {
        "first `collect`, s": first,
        "CPU of all workers by then, s": sum(map(cpu_seconds, set(processes) - forked)),
        "memory of all workers, MB (Pss)": sum(map(_megabytes, processes)),
    }
    tasks = spark.range(0, TASKS, 1, TASKS).mapInPandas(_same, "id long")
    tasks.collect()
    return {**found, f"{TASKS} tasks in workers that are up, s": seconds(tasks.collect)}


def seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _same(frames: Iterator[Any]) -> Iterator[Any]:
    yield from frames


def _of(pid: int, name: str) -> str:
    """A file of /proc on a process; empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text("utf-8")
    except OSError:
        return ""


def _megabytes(pid: int) -> float:
    """What a process holds of memory; what several share is divided among them."""
    rows = _of(pid, "smaps_rollup").splitlines()
    return sum(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--daemon", choices=DAEMONS, help="measure this one, here, once")
    given = parser.parse_args()
    if given.daemon:
        print(json.dumps(run(given.daemon)))
        return
    rounds = [{daemon: measured(daemon) for daemon in DAEMONS} for _ in range(given.rounds)]
    rows = [
        [what, *(f"{statistics.median(r[daemon][what] for r in rounds):.2f}" for daemon in DAEMONS)]
        for what in rounds[0][DAEMONS[0]]
    ]
    print(table(["", *(f"`{daemon}`" for daemon in DAEMONS)], rows))


if __name__ == "__main__":
    main()
