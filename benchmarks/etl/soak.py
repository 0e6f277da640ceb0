"""The driver of `notemill etl` killed by -9 at random moments, each time run again after it.

    python -m benchmarks.etl.soak parquet --kills 20
    python -m benchmarks.etl.soak delta --kills 20
    python -m benchmarks.etl.soak postgresql --kills 20

Each kill befalls a job that finds the tables of the night before: a part of the notes is new, a
part has changed, a part is as it was. After the kill readers must find whole notes; after the next
run the tables must be, row for row, those of a job that ran undisturbed into an empty place. Half
of the kills take the driver alone, half also its JVM and the Python workers. A kill that comes
after the end of the job does not count, and is made good by another.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.etl.notes import CORPORA, read_notes, varied
from benchmarks.etl.places import SINKS, Nights, changed, nights
from tests.java import short_lived
from tests.jobs.databases.kills import Place, completed, consistent, killed_when

BEFORE = 0.2
"""Of the kills this share comes before the first rows are written."""
TRIES = 3
"""For a kill that is to count, at most."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sink", choices=SINKS)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--notes", type=int, default=12)
    parser.add_argument("--slice", type=int, default=3, help="notes a commit")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpora", type=Path, default=CORPORA)
    options = parser.parse_args()
    short_lived()
    draw = random.Random(options.seed)
    texts = varied(read_notes(options.corpora), options.notes, 400)
    first, second = changed(texts, draw)
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as place,
        nights(options.sink, Path(place), first, second, slice_notes=options.slice) as two,
    ):
        found = soak(two, options.kills, draw)
    print(json.dumps({"sink": options.sink, **found}))
    sys.exit(0 if found["equal"] == found["consistent"] == options.kills else 1)


def soak(two: Nights, kills: int, draw: random.Random) -> dict[str, Any]:
    """Kill so many jobs, run each again; how many left whole notes, and how many equal tables."""
    before, span = stretches(two.place("timed"))
    print(f"undisturbed: rows after {before:.1f} s, then {span:.1f} s", flush=True)
    moments: Counter[str] = Counter()
    sound = equal = 0
    for kill in range(kills):
        for attempt in range(TRIES):
            place = two.place(f"p{kill}_{attempt}")
            if draw.random() < BEFORE:
                moment = in_planning(place, draw.uniform(0.3, 1) * before)
            else:
                moment = in_work(place, draw.uniform(0, span))
            alive = killed_when(place.start(), moment, group=draw.random() < 0.5)
            where = state(place, two.base) if alive else "after its end"
            moments[where] += 1
            if alive:
                break
        sound += consistent(place)
        completed(place)
        equal += place.rows() == two.wanted
        print(f"kill {kill + 1}, {where}: {sound} consistent, {equal} equal", flush=True)
    return {"kills": kills, "moments": dict(moments), "consistent": sound, "equal": equal}


def stretches(place: Place) -> tuple[float, float]:
    """Of an undisturbed job the seconds to its first rows, and those from there to its end."""
    began = time.monotonic()
    job = place.start()
    while job.poll() is None and not place.staged():
        time.sleep(0.02)
    first = time.monotonic()
    job.communicate()
    assert job.returncode == 0
    return first - began, time.monotonic() - first


def in_planning(place: Place, seconds: float) -> Callable[[], bool]:
    """So many seconds after the start, while the job starts, reads, annotates its first slice."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end or place.staged()


def in_work(place: Place, seconds: float) -> Callable[[], bool]:
    """So many seconds after the first rows are written."""
    since: list[float] = []

    def over() -> bool:
        if not since and place.staged():
            since.append(time.monotonic())
        return bool(since) and time.monotonic() >= since[0] + seconds

    return over


def state(place: Place, base: Place) -> str:
    """Where the kill found the job."""
    runs, staged = place.table("runs"), place.staged()
    if len(runs) == base.runs():
        return "before the first commit, rows written" if staged else "before any rows"
    if max(runs, key=lambda run: run["started"])["state"] == "done":
        return "after the last commit"
    return "between commits, rows written" if staged else "between commits"


if __name__ == "__main__":
    main()
