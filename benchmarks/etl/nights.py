"""What a night costs: the first, one with nothing new, one with a hundredth changed.

    python -m benchmarks.etl.nights --notes 5000 --rounds 2

A round is `notemill annotate` and `notemill etl` into an empty folder, one after the other, over
the same notes; so what else the machine does befalls both. Then, on the last round's tables, nights
with nothing new and nights with 1% of the notes changed. Each is a process of its own, its start
included. Times are wall clock, and the processor's time of all processes of the command.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.etl.notes import CORPORA, read_notes, varied, write_jsonl
from benchmarks.etl.processes import Took, took
from benchmarks.etl.runs import last_run

CHANGED = 0.01
COUNTS = ("notes_in", "notes_new", "notes_changed", "notes_unchanged", "notes_annotated")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notes", type=int, default=5_000)
    parser.add_argument("--characters", type=int, help="where notes are cut; default: they are not")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--later", type=int, default=3, help="nights of each kind after the first")
    parser.add_argument("--corpora", type=Path, default=CORPORA)
    parser.add_argument("--model", help="default: the pipeline's own")
    options = parser.parse_args()
    texts = varied(read_notes(options.corpora), options.notes, options.characters)
    with tempfile.TemporaryDirectory(prefix="nights-") as place:
        measured = list(nights(Path(place), texts, options.rounds, options.later, options.model))
    for one in measured:
        print(json.dumps(one))
    about = {"notes": len(texts), "characters": sum(map(len, texts))}
    print(json.dumps({**about, **figures(measured)}, indent=1))


def nights(
    folder: Path, texts: list[str], rounds: int, later: int, model: str | None
) -> Iterator[dict[str, Any]]:
    """Each night that was run: its kind, what it took, and the counts of its row in `runs`."""
    notes, archive, config = folder / "notes.jsonl", folder / "archive", folder / "etl.yaml"
    write_jsonl(notes, texts)
    config.write_text(
        f"source: {{path: {notes}}}\nsink: {{path: {archive}}}\nmodel: {model or 'null'}\n", "utf-8"
    )
    annotate = ["jobs.cli", "annotate", str(notes), str(folder / "out"), "--overwrite"]
    etl = ["jobs.cli", "etl", str(config)]
    for _ in range(rounds):
        yield _told("annotate", took([*annotate, *(["--model", model] if model else [])], folder))
        shutil.rmtree(archive, ignore_errors=True)
        yield _night("first", took(etl, folder), archive)
    for number in range(later):
        yield _night("nothing new", took(etl, folder), archive)
        few = range(number, len(texts), round(1 / CHANGED))
        texts = [f"{t}\nAddendum {number}." if i in few else t for i, t in enumerate(texts)]
        write_jsonl(notes, texts)
        yield _night("1% changed", took(etl, folder), archive)


def figures(measured: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians by kind, and what the goals ask for, in wall clock and in the processor's time."""
    found: dict[str, Any] = {}
    for unit in ("wall", "cpu"):
        of = {
            kind: median(one[unit] for one in measured if one["night"] == kind)
            for kind in dict.fromkeys(one["night"] for one in measured)
        }
        first, idle = of["first"], of.get("nothing new", 0.0)
        found[unit] = {
            **{kind: round(seconds, 1) for kind, seconds in of.items()},
            "etl to annotate": round(first / of["annotate"] - 1, 4),
        }
        if "1% changed" in of:
            work = of["1% changed"] - idle
            found[unit]["nothing new to first"] = round(idle / first, 4)
            found[unit]["1% changed beyond start to annotating"] = round(work / (first - idle), 4)
    return found


def _night(kind: str, spent: Took, archive: Path) -> dict[str, Any]:
    return {**_told(kind, spent), **last_run(archive, COUNTS)}


def _told(kind: str, spent: Took) -> dict[str, Any]:
    return {"night": kind, "wall": round(spent.wall, 2), "cpu": round(spent.cpu, 2)}


if __name__ == "__main__":
    main()
