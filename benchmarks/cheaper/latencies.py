"""One sentence by Notemill's LightPipeline, Spark NLP's, and a Hugging Face pipeline: p50, p99.

    python -m benchmarks.cheaper.latencies notes.jsonl

Each contender runs in a process of its own, `--rounds` times, in turn; a figure is the median of
the rounds. `times` is Spark NLP's p50 at as many threads divided by the row's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from annotators._runtime.model_folder import find_model
from benchmarks.cheaper.latency import MODEL
from benchmarks.environments import spark_nlp_python
from benchmarks.processes import ROOT
from benchmarks.reporting.tables import table
from benchmarks.twin import make_twin

SCRATCH = ROOT / "build" / "benchmarks"
BASIS = "Spark NLP fp32"


@dataclass(frozen=True)
class Contender:
    """A module of benchmarks/cheaper with its arguments, and the Python that runs it."""

    title: str
    module: str
    arguments: tuple[str, ...]
    python: str = sys.executable

    def run(self, texts: Path, threads: int, count: int) -> dict[str, float]:
        """What it says of its latency."""
        command = [self.python, "-m", f"benchmarks.cheaper.{self.module}", str(texts),
                   "--threads", str(threads), "--count", str(count), *self.arguments]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        told: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
        return told


def contenders(scratch: Path) -> list[Contender]:
    from benchmarks.torch_twin import make_torch_twin  # noqa: PLC0415 ([train])

    fp32 = make_twin(MODEL, scratch / "fp32")
    torch = make_torch_twin(fp32, scratch / "hugging_face")
    theirs = spark_nlp_python()
    int8 = str(find_model(MODEL).path)
    return [
        Contender(BASIS, "latency_spark_nlp", ("--model", str(fp32)), theirs),
        Contender("Spark NLP, our int8 graph", "latency_spark_nlp", ("--model", int8), theirs),
        Contender("Hugging Face fp32", "latency_hugging_face", ("--model", str(torch))),
        Contender("Notemill fp32", "latency", ("--model", str(fp32), "--early-exit", "off")),
        Contender("Notemill int8", "latency", ("--early-exit", "off")),
        Contender("Notemill int8, early exit", "latency", ("--early-exit", "auto")),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=200)
    given = parser.parse_args()
    ways = [(t, c) for t in given.threads for c in contenders(SCRATCH)]
    taken: dict[tuple[int, str], list[dict[str, float]]] = {(t, c.title): [] for t, c in ways}
    for number in range(given.rounds):
        for threads, contender in ways[::-1] if number % 2 else ways:
            told = contender.run(given.texts, threads, given.count)
            taken[threads, contender.title].append(told)
            print(f"{contender.title}, {threads}: {told}, load {os.getloadavg()[0]:.1f}",
                  file=sys.stderr, flush=True)  # fmt: skip
    middle = {
        way: {name: statistics.median(told[name] for told in rounds) for name in rounds[0]}
        for way, rounds in taken.items()
    }
    rows = [
        [title, threads, f"{found['p50_ms']:.1f}", f"{found['p99_ms']:.1f}",
         f"{middle[threads, BASIS]['p50_ms'] / found['p50_ms']:.2f}"]
        for (threads, title), found in middle.items()
    ]  # fmt: skip
    print(table(["one sentence by", "threads", "p50 ms", "p99 ms", "times"], rows))


if __name__ == "__main__":
    main()
