"""An archive in which every tenth note is wrong or odd, and the same archive without these notes.

    python -m benchmarks.etl.poisoned --notes 10000 --poisoned 1000

Every note of the first must be accounted for, as its kind says (kinds.py), and the other notes must
have the very rows that they have in the second.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.etl.kinds import ANNOTATED, NULL, Made, line, poisoned
from benchmarks.etl.notes import CORPORA, read_notes, varied
from benchmarks.etl.processes import took
from benchmarks.etl.runs import last_run

GOOD = "good "
COUNTS = ("rows_in", "notes_in", "notes_annotated", "notes_null", "notes_error")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notes", type=int, default=10_000)
    parser.add_argument("--poisoned", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=3, help="of them so many of 20 MB")
    parser.add_argument("--characters", type=int, default=400, help="where good notes are cut")
    parser.add_argument("--corpora", type=Path, default=CORPORA)
    parser.add_argument("--model", help="default: the pipeline's own")
    options = parser.parse_args()
    texts = varied(
        read_notes(options.corpora), options.notes - options.poisoned, options.characters
    )
    bad = poisoned(options.poisoned, options.large)
    with tempfile.TemporaryDirectory(prefix="poisoned-") as place:
        folder = Path(place)
        both = night(folder / "both", mixed(texts, bad), options.model)
        alone = night(folder / "alone", mixed(texts, Made()), options.model)
        faults = [*unaccounted(both, len(texts), bad), *differing(both, alone, len(texts))]
        counts = last_run(both, COUNTS)
    print(json.dumps({"kinds": len(bad.kinds), "bad notes": bad.ends, **counts,
                      "good notes as without the bad": not faults}))  # fmt: skip
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


def mixed(texts: list[str], bad: Made, seed: int = 3) -> tuple[list[bytes], list[bytes]]:
    """The lines of two files: good notes in both, bad ones anywhere among them."""
    draw = random.Random(seed)
    good = [line(f"{GOOD}{i}", text) for i, text in enumerate(texts)]
    half = len(good) // 2
    return (_among(good[:half], bad.first, draw), _among(good[half:], bad.second, draw))


def _among(good: list[bytes], bad: list[bytes], draw: random.Random) -> list[bytes]:
    """The good ones in their order, the bad ones in places that are drawn."""
    slots = [(draw.uniform(0, len(good)), some) for some in bad]
    every = [*((float(i), some) for i, some in enumerate(good)), *slots]
    return [some for _, some in sorted(every, key=lambda one: one[0])]


def night(folder: Path, files: tuple[list[bytes], list[bytes]], model: str | None) -> Path:
    """Annotate the lines of two files; the folder with the tables."""
    write_files(folder / "notes", files)
    config = folder / "etl.yaml"
    config.write_text(
        f"source: {{path: {folder / 'notes'}}}\nsink: {{path: {folder / 'archive'}}}\n"
        f"model: {model or 'null'}\n",
        encoding="utf-8",
    )
    took(["jobs.cli", "etl", str(config)], folder)
    return folder / "archive"


def write_files(folder: Path, files: tuple[list[bytes], list[bytes]]) -> None:
    """The lines in two files of a new folder."""
    folder.mkdir(parents=True)
    for number, lines in enumerate(files):
        (folder / f"{number}.jsonl").write_bytes(b"".join(one + b"\n" for one in lines))


def unaccounted(archive: Path, good: int, bad: Made) -> list[str]:
    """What the counts, `rejects` and `notes` say other than the kinds of the bad notes do."""
    rejects, run = pd.read_parquet(archive / "rejects"), last_run(archive, COUNTS)
    wanted = {
        "notes_in": good + sum(bad.ends.values()),
        "notes_annotated": good + bad.ends[ANNOTATED],
        "notes_null": bad.ends[NULL],
        "notes_error": sum(bad.rejects.values()),
    }
    faults = [f"{k} is {run[k]}, expected {n}" for k, n in wanted.items() if run[k] != n]
    told = Counter(f"{row.stage}: {row.exception}" for row in rejects.itertuples())
    faults += [
        f"{told[k]} rejects with {k}, expected {bad.rejects[k]}"
        for k in sorted({*told, *bad.rejects})
        if told[k] != bad.rejects[k]
    ]
    notes = pd.read_parquet(archive / "notes")
    if notes.note_id.duplicated().any():
        faults.append("a note is twice in `notes`")
    named = len(notes) + int(rejects.note_id.isna().sum())
    if named != wanted["notes_in"]:
        faults.append(f"{named} notes are in `notes` or nameless rejects")
    return faults


def differing(archive: Path, alone: Path, good: int) -> list[str]:
    """Tables whose rows of the good notes are not those of an archive of good notes only."""
    first, second = rows(archive), rows(alone)
    faults = [
        f"{table} of the good notes differ" for table in first if first[table] != second[table]
    ]
    if len(first["notes"]) != good:
        faults.append(f"{len(first['notes'])} good notes are in `notes`, expected {good}")
    return faults


def rows(archive: Path) -> dict[str, list[str]]:
    """The rows of the good notes as text, in order, without the run's id."""
    found: dict[str, list[str]] = {}
    for table in ("entities", "notes"):
        frame = pd.read_parquet(archive / table)
        some: Any = frame[frame.note_id.str.startswith(GOOD)].drop(
            columns="run_id", errors="ignore"
        )
        found[table] = sorted(json.dumps(one, default=str) for one in some.to_dict("records"))
    return found


if __name__ == "__main__":
    main()
