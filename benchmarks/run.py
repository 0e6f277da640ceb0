"""The benchmark: every contender on the same notes and cores, then the report.

    python -m benchmarks.run --notes ../shared/corpora/aci-bench/notes.jsonl --out benchmarks

Writes report.json, REPORT.md and chart.png. Needs the extras [train,bench]; Spark NLP's environment
is made on the first run (benchmarks/environments.py). `--only` runs some parts again and keeps what
report.json holds of the others. The machine should have nothing else to do.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from annotators._export.processor import processor_flags, processor_name
from benchmarks import plan, scale
from benchmarks.environments import spark_nlp_jars, spark_nlp_python
from benchmarks.memory import measure_memory
from benchmarks.prepare import prepare
from benchmarks.processes import ROOT, run_contender
from benchmarks.reporting.figures import entity_f1
from benchmarks.reporting.report import made_on, write_report

PARTS = ("timings", "profile", "scale", "memory")
KEPT = ("timings", "failed")
FEW = 24
"""Notes to warm up on, to try settings with, and to compare entities on."""


def main() -> None:
    given = _arguments()
    out = Path(given.out)
    out.mkdir(parents=True, exist_ok=True)
    kept = out / "report.json"
    report: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    limit = 4 if given.quick else given.limit
    few = 2 if given.quick else min(FEW, limit or FEW)
    prepared = prepare(Path(given.notes), Path(given.scratch), few, limit)
    machine = _machine(given.slots)
    report["about"] = {**prepared.about, **machine, "few": few, "quick": given.quick}
    parts: dict[str, Callable[[], Any]] = {
        "timings": lambda: _timings(report, prepared, given, few, kept),
        "profile": lambda: _profile(prepared, quick=given.quick),
        "scale": lambda: scale.measure_scale(prepared, given.slots, quick=given.quick),
        "memory": lambda: measure_memory(prepared, Path(given.scratch), quick=given.quick),
    }
    for part, measure in parts.items():
        if part in given.only:
            report[part] = measure()
            report["made"] = {**report.get("made", {}), part: made_on(machine)}
            _keep(report, kept)
            write_report(report, out)
            print(f"{part}: written to {out / 'REPORT.md'}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "--notes", default=str(ROOT.parent / "shared/corpora/aci-bench/notes.jsonl")
    )
    parser.add_argument("--out", default=str(ROOT / "benchmarks"))
    parser.add_argument("--scratch", default=str(ROOT / "build" / "benchmarks"))
    parser.add_argument("--slots", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--keys", nargs="+", help="only these rows, or groups of rows")
    parser.add_argument("--limit", type=int, help="only so many notes, on a busy machine")
    parser.add_argument("--passes", type=int, default=3, help="of the rows whose ratios matter")
    parser.add_argument("--quick", action="store_true", help="a few notes, to see that it runs")
    return parser.parse_args()


def _timings(
    report: dict[str, Any], prepared: Any, given: argparse.Namespace, few: int, kept: Path
) -> dict[str, Any]:
    """The rows asked for, beside those of earlier runs; `failed` has what did not run.

    Each is kept as soon as it is there: a busy machine may stop the run.
    """
    timings, failed = ({**report.get(name, {})} if given.keys else {} for name in KEPT)
    chunks: dict[str, Any] = {}
    jars = spark_nlp_jars()
    pythons = {plan.HERE: sys.executable, plan.OLD: spark_nlp_python()}
    every = plan.rows(prepared, given.slots, few, jars, quick=given.quick)
    rows = [r for r in every if not given.keys or {r.key, r.group} & set(given.keys)]
    for row in rows:
        _made_for(row, prepared)
        timings.pop(row.key, None)
        failed.pop(row.key, None)
        try:
            timing = _timed(row, pythons[row.where])
        except RuntimeError as failure:
            print(f"{row.key}: {failure}", flush=True)
            failed[row.key] = {"title": row.title, "said": str(failure).split(":\n")[0]}
        else:
            chunks[row.key] = timing.pop("chunks", [])
            timings[row.key] = timing
        _keep({**report, "timings": timings, "failed": failed}, kept)
    _more_passes(rows, timings, pythons, given)
    for key, found in chunks.items():
        old = timings[key]["where"] == plan.OLD
        wanted = chunks.get(f"notemill_fp32_fused_{'old' if old else 'new'}", [])
        timings[key]["agreement"] = entity_f1(found, wanted)
    report["failed"] = failed
    return timings


def _more_passes(
    rows: list[plan.Row], timings: dict[str, Any], pythons: dict[str, str], given: Any
) -> None:
    """Time some rows again, in turn; `passes` has the seconds of each, `seconds` their median."""
    some = [row for row in rows if row.key in plan.AGAIN and row.key in timings]
    for row in some:
        timings[row.key]["passes"] = [timings[row.key]["seconds"]]
    for _ in range(0 if given.quick else given.passes - 1):
        for row in some:
            timed = _timed(plan.again(row, timings[row.key]), pythons[row.where])
            timings[row.key]["passes"].append(timed["seconds"])
    for row in some:
        timings[row.key]["seconds"] = statistics.median(timings[row.key]["passes"])


def _timed(row: plan.Row, python: str) -> dict[str, Any]:
    """What a row's contender tells, told on the console too. Raises RuntimeError where it fails.

    load: what the machine had to do in the last minute, this row included.
    """
    started = time.monotonic()
    timing = run_contender(row.contender, row.spec, python)
    took, load = time.monotonic() - started, os.getloadavg()[0]
    rate = timing["notes"] / timing["seconds"]
    said = f"{timing['seconds']:.1f} s, {rate:.1f} notes/s ({took:.0f} s, load {load:.1f})"
    print(f"{row.key}: {said}", flush=True)
    about = {"title": row.title, "where": row.where, "group": row.group, "load": round(load, 1)}
    return {**about, **timing}


def _keep(report: dict[str, Any], kept: Path) -> None:
    kept.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


def _profile(prepared: Any, *, quick: bool) -> dict[str, Any]:
    """Time by operator of both precisions, at the budget that Notemill's stages take."""
    told = {"windows": prepared.windows, "budget": 512, "every": 20 if quick else 1}
    return {
        precision: run_contender("operators", {**told, "model": getattr(prepared, precision)})
        for precision in ("fp32", "int8")
    }


def _made_for(row: plan.Row, prepared: Any) -> None:
    """Make what only some rows need, and torch makes."""
    if row.group == "base":
        from benchmarks.cheaper.bert_base import make_bert_base  # noqa: PLC0415

        make_bert_base(Path(prepared.base))
    elif row.contender == "hugging_face":
        from benchmarks.torch_twin import make_torch_twin  # noqa: PLC0415 (torch)

        make_torch_twin(Path(prepared.fp32), Path(prepared.hugging_face))


def _machine(slots: int) -> dict[str, Any]:
    """What the figures belong to."""
    flags = processor_flags()
    known = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "cpu": processor_name(),
        "flags": [flag for flag in known if flag in flags],
        "slots": slots,
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    main()
