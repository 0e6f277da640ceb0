"""Scale: linear in the notes, in the executors, whatever the partitions; and a job on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.prepare import Prepared
from benchmarks.processes import run_contender
from benchmarks.reporting.figures import line

NOTES, CORES = 1_000_000_000, 1_000
CHARACTERS_A_TASK = 4_000_000
"""jobs/annotate.py cuts notes into tasks of so many characters."""


def measure_scale(p: Prepared, slots: int, *, quick: bool) -> dict[str, Any]:
    """Times over 1 to 32 times the notes, over one and two executors, even and skewed."""
    spec = {
        "texts": p.texts, "slots": slots, "warm": 4, "model": p.int8, "fused": True, "base": 20,
        "multiples": [1, 2, 4] if quick else [1, 2, 4, 8, 16, 32],
        "skew_repeats": 1 if quick else 2,
    }  # fmt: skip
    grown = run_contender("scale", spec)
    executors = {
        count: run_contender("notemill", _on_executors(p, count, 1 if quick else 3))["seconds"]
        for count in (1, 2)
    }
    fit = line([(notes, seconds) for notes, seconds in grown["points"]])
    fed = p.about["wordpieces"]["fed"] / p.about["notes"]
    characters = p.about["characters"] / p.about["notes"]
    return {
        **grown,
        "fit": fit,
        "executors": executors,
        "paper": paper(grown, fit["seconds_a_note"] * slots, characters, fed),
    }


def _on_executors(p: Prepared, count: int, repeats: int) -> dict[str, Any]:
    return {
        "texts": p.texts, "slots": count, "warm": 24, "model": p.int8, "fused": True,
        "repeats": repeats, "master": f"local-cluster[{count},1,2048]",
        "options": {"spark.executor.memory": "2g", "spark.driver.memory": "2g"},
    }  # fmt: skip


def paper(
    measured: Mapping[str, Any], core_seconds_a_note: float, characters: float, fed: float
) -> dict[str, Any]:
    """A run of NOTES on CORES, from what was measured here: arithmetic, not a measurement."""
    tasks = NOTES * characters / CHARACTERS_A_TASK
    working = NOTES * core_seconds_a_note / CORES
    scheduling = tasks * measured["seconds_a_task"]
    return {
        "notes": NOTES,
        "cores": CORES,
        "wordpieces_a_note": round(fed),
        "text_tb": round(NOTES * characters / 1e12, 2),
        "tasks": round(tasks),
        "seconds_a_task": round(working * CORES / tasks, 1),
        "hours_annotating": round(working / 3600, 2),
        "driver_hours_scheduling": round(scheduling / 3600, 3),
        "driver_tasks_a_second": round(tasks / working, 1),
        "model_load_seconds": round(measured["model_load_seconds"], 2),
    }
