"""From the command to the first entity: how long a process takes that annotates 2 or 20 notes.

    python -m benchmarks.cheaper.first_entity notes.jsonl

Notemill's and Spark NLP's frames and LightPipelines (start.py), and `notemill annotate`, whose
entities are there when it ends. Each runs `--rounds` times, in turn; figures are medians, in
seconds since the process was started.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.cheaper.latencies import SCRATCH
from benchmarks.cheaper.latency import MODEL
from benchmarks.cheaper.start import ALL, FIRST
from benchmarks.environments import spark_nlp_python
from benchmarks.processes import ROOT
from benchmarks.reporting.tables import table
from benchmarks.twin import make_twin
from benchmarks.workload import read_texts

Command = list[str]


def seconds(command: Command) -> tuple[float, float]:
    """From the start of a process to its first entity, and to its last; its end where it is mute.

    Raises CalledProcessError where it fails.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = time.perf_counter()
    told: dict[str, float] = {}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    ) as process:  # fmt: skip
        for line in process.stdout or ():
            told.setdefault(line.strip(), time.perf_counter() - started)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    ended = time.perf_counter() - started
    return told.get(FIRST, ended), told.get(ALL, ended)


def commands(texts: Path, count: int, scratch: Path) -> dict[str, Command]:
    """What is run over the first `count` notes, by what it is called in the table."""
    fp32 = str(make_twin(MODEL, SCRATCH / "fp32"))
    few = scratch / f"{count}.jsonl"
    rows = [{"id": i, "text": text} for i, text in enumerate(read_texts(texts)[:count])]
    few.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    python, theirs = sys.executable, spark_nlp_python()

    def start(who: str, how: str) -> Command:
        runs, model = (python, MODEL) if who == "notemill" else (theirs, fp32)
        return [runs, "-m", "benchmarks.cheaper.start", who, how, str(few), str(count), model]

    annotate = [python, "-m", "jobs.cli", "annotate", str(few), str(scratch / "out"),
                "--id-col", "id", "--text-col", "text"]  # fmt: skip
    return {
        "Notemill, LightPipeline": start("notemill", "light"),
        "Notemill, frame, fused": start("notemill", "frame"),
        "notemill annotate": annotate,
        "Spark NLP, LightPipeline": start("spark_nlp", "light"),
        "Spark NLP, frame": start("spark_nlp", "frame"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--notes", type=int, nargs="+", default=[2, 20])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    taken: dict[tuple[str, int], list[tuple[float, float]]] = {}
    with TemporaryDirectory() as scratch:
        for _ in range(given.rounds):
            for count in given.notes:
                for title, command in commands(given.texts, count, Path(scratch)).items():
                    taken.setdefault((title, count), []).append(seconds(command))
                    shutil.rmtree(Path(scratch) / "out", ignore_errors=True)
                    print(f"{title}, {count}: {taken[title, count][-1]}, load "
                          f"{os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)  # fmt: skip
    rows = [
        [title, count, *(f"{statistics.median(part):.1f}" for part in zip(*found, strict=True))]
        for (title, count), found in taken.items()
    ]
    print(table(["what runs", "notes", "s to the first entity", "s to the last"], rows))


if __name__ == "__main__":
    main()
