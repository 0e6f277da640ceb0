"""The report's parts on several models over the same notes, and on a model of BERT-base's size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.reporting.figures import EACH_ALONE, each_alone, rate
from benchmarks.reporting.tables import table

HEAD = [
    "contender",
    "Spark",
    "notes",
    "s",
    "notes/s",
    "times as many",
    "CPU s a note",
    "times less CPU",
    "JVM MB",
    "worker MB",
]


def several_part(timings: Mapping[str, Any], failed: Mapping[str, Any]) -> str:
    """Rows of the group `several`, against Spark NLP's three sessions; empty without any."""
    if not _of(timings, "several"):
        return ""
    summed = {
        key: {**timing, "title": "Spark NLP 5.5.3 fp32, the three alone, added up"}
        for key, timing in each_alone(timings).items()
    }
    return (
        "## Several models over the same notes\n\nTwo models of entities and a classifier of "
        "sentences (`benchmarks/prepare.py` names them) in one pipeline. Notemill fuses them. "
        "Spark NLP cannot load a second folder in a session (each is added to its files as "
        "`model.onnx`): its models were saved first, each in a session of its own, and loaded "
        "together; and each ran alone.\n\n"
        + _rows({**_of(timings, "several"), **summed}, EACH_ALONE)
        + _failures(failed, "several")
    )


def base_part(timings: Mapping[str, Any], failed: Mapping[str, Any]) -> str:
    """Rows of the group `base`, against Spark NLP tuned; empty without any."""
    rows = _of(timings, "base")
    if not rows:
        return ""
    return (
        "## BERT-base\n\nA model of BERT-base's size (12 layers of 768) with random weights, whose "
        "words are all O (`benchmarks/cheaper/bert_base.py`): for speed only.\n\n"
        + _rows(rows, "base_spark_nlp_tuned")
        + _failures(failed, "base")
    )


def _of(timings: Mapping[str, Any], group: str) -> dict[str, Any]:
    return {key: timing for key, timing in timings.items() if timing["group"] == group}


def _rows(timings: Mapping[str, Any], slow: str) -> str:
    """A table; `times as many` notes a second as `slow`, where that was run."""
    rows = []
    for timing in timings.values():
        times = f"{rate(timing) / rate(timings[slow]):.2f}" if slow in timings else ""
        cpu = _cpu(timing)
        less = f"{_cpu(timings[slow]) / cpu:.2f}" if slow in timings else ""
        peak = timing["peak_mb"]
        rows.append(
            [timing["title"], timing.get("spark", "none"), timing["notes"],
             f"{timing['seconds']:.1f}", f"{rate(timing):.2f}", times, f"{cpu:.3f}", less,
             f"{peak['jvm']:,}", f"{peak['worker']:,}"]
        )  # fmt: skip
    return table(HEAD, rows)


def _cpu(timing: Mapping[str, Any]) -> float:
    """Seconds of CPU a note."""
    return float(timing["cpu_seconds"] / timing["notes"])


def _failures(failed: Mapping[str, Any], group: str) -> str:
    """What did not run, and what it said."""
    found = [row for key, row in failed.items() if key.startswith(group)]
    return "".join(f"\n\nDid not run: {row['title']} (`{row['said']}`)." for row in found)
