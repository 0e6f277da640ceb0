"""Where a fused run's time goes, from text to rows: on one core, without Spark and with it.

    taskset -c 1 python -m benchmarks.cheaper.where notes.jsonl --early-exit 0.998

The plan that `fuse` gives a worker runs in this process over Arrow, as a worker runs it; what takes
part is timed, each without what it calls of the others. `--spark` also times the same notes by
Spark on one slot: what that takes more is Spark's, and the way to Python and back. Seconds are of
CPU, since others may use the machine.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql.types import StringType, StructField, StructType

from annotators._runtime import arrow_boundary, inference, token_classifier
from annotators._runtime.early_exit import TwoGraphs
from annotators._runtime.inference import Inference
from annotators._runtime.program import InputColumn, OutputColumn, Program
from annotators._runtime.session import Session
from annotators._runtime.wordpieces import WordpieceEncoder
from annotators._spark.planning import plan_stages
from benchmarks.contenders.notemill import stages
from benchmarks.processes import run_contender
from benchmarks.reporting.tables import table
from benchmarks.workload import read_texts

PARTS: tuple[tuple[Any, str, str], ...] = (
    (arrow_boundary, "_inputs", "reading Arrow"),
    (arrow_boundary, "_write", "rows to Arrow"),
    (WordpieceEncoder, "encode", "wordpieces"),
    (Inference, "windows", "windows"),
    (Inference, "logits", "sorting, batches"),
    (inference, "_padded", "padding"),
    (Session, "_call", "onnxruntime"),
    (TwoGraphs, "over", "regrouping"),
    (TwoGraphs, "confidence", "how sure"),
    (TwoGraphs, "_finish", "regrouping"),
    (token_classifier, "activate", "scores"),
)
"""What is timed within stages: where it is, its name, and what it is called in the table."""


@dataclass
class Clock:
    """Seconds of CPU by part; what a part calls of the others is theirs."""

    spent: Counter[str] = field(default_factory=Counter)
    _inner: list[float] = field(default_factory=lambda: [0.0])

    @contextmanager
    def of(self, part: str) -> Iterator[None]:
        """Time a part."""
        started = time.process_time()
        self._inner.append(0.0)
        try:
            yield
        finally:
            taken = time.process_time() - started
            self.spent[part] += taken - self._inner.pop()
            self._inner[-1] += taken

    def timing(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed."""

        def timed(*given: Any, **named: Any) -> Any:
            with self.of(part):
                return function(*given, **named)

        return timed


def program_of(spec: dict[str, Any], clock: Clock) -> Program:
    """What `fuse` gives a worker, its kernels timed by the names of their stages."""
    plan = plan_stages(stages(spec), StructType([StructField("text", StringType())]))
    steps = [replace(s, kernel=clock.timing(f"{s.stage}, else", s.kernel)) for s in plan.steps]
    outputs = [o for o in plan.outputs if o.column == "ner_chunk"]
    return Program(
        tuple(InputColumn(i.column, i.fields) for i in plan.inputs),
        tuple(steps),
        tuple(OutputColumn(o.column, o.layout) for o in outputs),
    )


def seconds(program: Program, texts: list[str], clock: Clock) -> float:
    """CPU of one pass over all texts in one batch."""
    batch = pa.StructArray.from_arrays([pa.array(texts)], ["text"])
    started = time.process_time()
    with clock.of("slices, else"):
        for _ in arrow_boundary.annotate_arrays(program, iter([batch])):
            pass
    return time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--model", default="bert_token_classifier_ner_bc5cdr")
    parser.add_argument("--early-exit", default="auto")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--budget", type=int, default=512, help="wordpieces a batch")
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=4, help="how often the texts are given")
    parser.add_argument("--spark", action="store_true", help="also by Spark, on one slot")
    given = parser.parse_args()
    told = {
        "model": given.model, "early_exit": given.early_exit, "precision": given.precision,
        "budget": given.budget,
    }  # fmt: skip
    clock, texts = Clock(), read_texts(given.texts)
    for owner, name, part in PARTS:
        setattr(owner, name, clock.timing(part, getattr(owner, name)))
    program = program_of(told, clock)
    seconds(program, texts, clock)
    clock.spent.clear()
    passes = [seconds(program, texts * given.repeats, clock) for _ in range(given.passes)]
    whole = sum(clock.spent.values())
    rows = [
        [part, f"{taken / given.passes:.2f}", f"{taken / whole:.1%}"]
        for part, taken in clock.spent.most_common()
    ]
    notes = len(texts) * given.repeats
    rows.append(["all", f"{statistics.median(passes):.2f}", f"{notes / min(passes):.1f} notes/s"])
    if given.spark:
        spec = {**told, "texts": str(given.texts), "slots": 1, "warm": 24, "fused": True,
                "repeats": given.repeats}  # fmt: skip
        taken = [run_contender("notemill", spec)["cpu_seconds"] for _ in range(given.passes)]
        rows.append(["all, by Spark", f"{statistics.median(taken):.2f}",
                     f"{notes / min(taken):.1f} notes/s"])  # fmt: skip
    print(table(["part", "s of CPU a pass", "share"], rows))


if __name__ == "__main__":
    main()
