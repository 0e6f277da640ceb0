"""The driver of `notemill etl` killed by -9 at random moments, over and over, on changing notes.

    python -m benchmarks.etl.soak --kills 20

After each kill the tables must be whole: each note once, its entities all there, none of others.
At the end the job runs undisturbed, and its tables must be those of one run in another folder.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pandas as pd

TABLES = ("entities", "notes", "rejects")
WORDS = [
    "the",
    "patient",
    "denies",
    "pain",
    "and",
    "takes",
    "aspirin",
    "5",
    "mg",
    "for",
    "fever",
    "diabetes",
    "cough",
    "daily",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--notes", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", help="default: the pipeline's own")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        notes = {i: text(draw) for i in range(options.notes)}
        began = time.monotonic()
        finish(start(folder, "archive", notes, options.model))
        whole = time.monotonic() - began
        moments = Counter()
        for kill in range(options.kills):
            for i in draw.sample(sorted(notes), 10):
                notes[i] = text(draw)
            notes[options.notes + kill] = text(draw)
            process = start(folder, "archive", notes, options.model)
            time.sleep(draw.uniform(0.2, 1.1) * whole)
            ended = process.poll() is not None
            process.send_signal(signal.SIGKILL)
            process.communicate()
            moments["after its end" if ended else "in its work"] += 1
            check(folder / "archive")
        finish(start(folder, "archive", notes, options.model))
        finish(start(folder, "undisturbed", notes, options.model))
        check(folder / "archive")
        equal = rows(folder / "archive") == rows(folder / "undisturbed")
        states = Counter(pd.read_parquet(folder / "archive" / "runs").state)
        print(json.dumps({"kills": dict(moments), "a run, s": round(whole, 1),
                          "runs": dict(states), "equal": equal}))  # fmt: skip
        sys.exit(0 if equal else 1)


def text(draw: random.Random) -> str:
    return " ".join(draw.choices(WORDS, k=40)) + "."


def start(folder: Path, sink: str, notes: dict[int, str], model: str | None) -> subprocess.Popen:
    source, config = folder / "notes.jsonl", folder / f"{sink}.yaml"
    lines = [json.dumps({"note_id": i, "text": t}) + "\n" for i, t in notes.items()]
    source.write_text("".join(lines), encoding="utf-8")
    config.write_text(
        f"source: {{path: {source}}}\nsink: {{path: {folder / sink}}}\nslice_notes: 5\n"
        f"partitions: 2\nmodel: {model or 'null'}\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "jobs.etl", str(config)]
    return subprocess.Popen(
        command, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def finish(process: subprocess.Popen) -> None:
    said = process.communicate()[0]
    assert process.returncode == 0, said.decode()


def check(archive: Path) -> None:
    """Raise AssertionError unless notes and entities are of one moment."""
    now = Path(os.path.realpath(archive / "_current"))
    notes, entities = (pd.read_parquet(now / name) for name in ("notes", "entities"))
    assert notes.note_id.is_unique
    counted = entities.groupby("note_id").size().to_dict()
    assert counted == {n.note_id: n.entities for n in notes.itertuples() if n.entities}


def rows(archive: Path) -> dict[str, list[str]]:
    found = {}
    for name in TABLES:
        frame = pd.read_parquet(archive / name).drop(columns="run_id", errors="ignore")
        found[name] = sorted(json.dumps(r, default=str) for r in frame.to_dict("records"))
    return found


if __name__ == "__main__":
    main()
