"""The speed of assertion beside medspaCy's ConText, in turns on one core.

    taskset -c 1 python -m benchmarks.assertion.speed annotated.jsonl MEDSPACY_PYTHON --passes 9

annotated.jsonl is made by benchmarks.assertion.notes, MEDSPACY_PYTHON has medspaCy
(`pip install medspacy==1.3.1`). Both are given sentences, tokens and chunks, both have run once
before. What is told is seconds of CPU: medians, and the median, lowest and highest of the passes'
ratios. Notemill also tells sections, which ConText does not.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

from annotators import ContextualAssertion
from benchmarks.assertion.notes import columns_of, read_notes

MEDSPACY = Path(__file__).with_name("medspacy_context.py")


class MedSpaCy:
    """ConText in a process of its own, which runs a pass when it is asked."""

    def __init__(self, python: str, annotated: Path) -> None:
        self._process = subprocess.Popen(
            [python, str(MEDSPACY), str(annotated)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, what: str = "time") -> dict[str, Any]:
        """Seconds of a pass; with `tell` what ConText says, too."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """Let the process end."""
        self._process.communicate()


def compare(annotated: Path, python: str, passes: int) -> dict[str, float]:
    notes = read_notes(annotated)
    columns, kernel = columns_of(notes), ContextualAssertion.pretrained()._kernel()  # noqa: SLF001
    alone = [[column.slice_rows(i, i + 1) for column in columns] for i in range(len(notes))]
    medspacy = MedSpaCy(python, annotated)
    found: list[dict[str, float]] = []
    for _ in range(passes + 1):
        peer = medspacy.run()
        started = time.process_time()
        kernel(*columns)
        ours = time.process_time() - started
        started = time.process_time()
        for note in alone:
            kernel(*note)
        found.append({
            "notemill": ours,
            "notemill_note_by_note": time.process_time() - started,
            "context": peer["context"],
            "context_documents": peer["documents"],
            "ratio": peer["context"] / ours,
        })  # fmt: skip
    medspacy.close()
    ratios = [one["ratio"] for one in found[1:]]
    medians = {name: statistics.median(one[name] for one in found[1:]) for name in found[0]}
    told = {**medians, "lowest": min(ratios), "highest": max(ratios)}
    chunks = len(columns[2])
    told["microseconds_a_chunk"] = 1e6 * medians["notemill"] / chunks
    return {"chunks": chunks, **{name: round(value, 4) for name, value in told.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("annotated", type=Path)
    parser.add_argument("medspacy_python")
    parser.add_argument("--passes", type=int, default=9)
    given = parser.parse_args()
    print(json.dumps(compare(given.annotated, given.medspacy_python, given.passes), indent=1))


if __name__ == "__main__":
    main()
