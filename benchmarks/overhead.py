"""What everything but the model's own inference costs: `python benchmarks/overhead.py NOTES.jsonl`.

The notes, repeated, go through the fused int8 pipeline in Spark, warm; then the same partitions go
through the same plan in one plain process in which each call of the model is timed. The overhead is
the share of Spark's core-seconds (wall time times task slots) that the calls do not account for.
Left out: reading and writing files, Spark's start, the first run (models opened, workers started).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyspark.sql.functions as F
from pyspark.sql import DataFrame

from annotators import fuse
from annotators._planning import plan_stages
from annotators._runtime.program import slices
from annotators._runtime.session import Session
from annotators.core.plan import Step, run_plan
from jobs._spark import spark_session
from pipelines import PIPELINES

REPEATS = 10
SLOTS = 2
RUNS = 2


def main(path: str) -> None:
    notes = [json.loads(line)["text"] for line in Path(path).read_text("utf-8").splitlines()]
    spark = spark_session("overhead", f"local[{SLOTS}]")
    archive = spark.createDataFrame([(t,) for _ in range(REPEATS) for t in notes], ["text"])
    archive = archive.repartition(SLOTS).cache()
    stages = PIPELINES["clinical_ner"].build("text", None, "error")
    fused = fuse(stages.fit(archive), outputCols=["ner_chunk"])
    counted = fused.transform(archive).agg(F.sum(F.size("ner_chunk")).alias("chunks"))
    chunks, _ = _timed(counted)
    walls = [_timed(counted)[1] for _ in range(RUNS)]
    partitions = [
        [row["text"] for row in rows]
        for rows in archive.rdd.glom().collect()  # a benchmark on one machine, not the product
    ]
    plan = plan_stages(fused.stages[0].stages, archive.schema)
    inference = _inference_seconds(plan.steps, partitions)
    wall = sorted(walls)[len(walls) // 2]
    report = {
        "notes": len(notes) * REPEATS,
        "characters": sum(map(len, notes)) * REPEATS,
        "chunks": chunks,
        "wall_seconds": [round(w, 2) for w in walls],
        "slots": SLOTS,
        "inference_core_seconds": round(inference, 2),
        "overhead_share": round(1 - inference / (wall * SLOTS), 4),
    }
    print(json.dumps(report, indent=1))


def _timed(frame: DataFrame) -> tuple[int, float]:
    started = time.perf_counter()
    chunks = frame.first()["chunks"]
    return chunks, time.perf_counter() - started


def _inference_seconds(steps: Sequence[Step], partitions: Iterable[Sequence[str]]) -> float:
    """Seconds inside the model's calls when the partitions are annotated in this process."""
    spent = 0.0
    run = Session.run

    def timed(session: Session, feeds: Mapping[str, Any]) -> Any:
        nonlocal spent
        started = time.perf_counter()
        logits = run(session, feeds)
        spent += time.perf_counter() - started
        return logits

    Session.run = timed  # type: ignore[method-assign]
    try:
        for texts in partitions:
            for first, last in slices([len(text) for text in texts]):
                run_plan(steps, {"text": texts[first:last]})
    finally:
        Session.run = run  # type: ignore[method-assign]
    return spent


if __name__ == "__main__":
    main(sys.argv[1])
