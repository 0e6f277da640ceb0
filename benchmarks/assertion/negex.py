"""How right assertion is over the NegEx corpus, beside medspaCy's ConText.

    python -m benchmarks.assertion.negex negex/devel.jsonl [--medspacy PYTHON] [--lines odd]

Each line of the corpus is a sentence with a condition marked in it. The packaged rules were written
on the even lines (the second, the fourth …). What is told is precision, recall and F1 of "negated",
"historical" and "other" (another's than the patient's).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from annotators import ContextualAssertion
from benchmarks.assertion.notes import Note, columns_of
from benchmarks.assertion.speed import MedSpaCy

AXES = {"negated": "negation", "historical": "temporality", "other": "experiencer"}


def notes_of(cases: Iterable[dict[str, Any]]) -> list[Note]:
    """Each case as a note of one sentence."""
    return [
        {
            "text": case["text"],
            "sentences": [[0, len(case["text"]), 0]],
            "tokens": [],
            "chunks": [[case["begin"], case["end"], 0]],
        }
        for case in cases
    ]


def said_by_notemill(notes: Sequence[Note]) -> list[dict[str, bool]]:
    made = ContextualAssertion.pretrained()._kernel()(*columns_of(notes))  # noqa: SLF001
    return [
        {value: made.fields[axis][i] == value for value, axis in AXES.items()}
        for i in range(len(notes))
    ]


def said_by_medspacy(notes: Sequence[Note], python: str) -> list[dict[str, bool]]:
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as annotated:
        annotated.write("".join(json.dumps(note) + "\n" for note in notes))
        annotated.flush()
        medspacy = MedSpaCy(python, Path(annotated.name))
        told = medspacy.run("tell")["told"]
        medspacy.close()
    return [one[0] or dict.fromkeys(AXES, False) for one in told]


def scores(cases: Sequence[dict[str, Any]], said: Sequence[dict[str, bool]]) -> dict[str, Any]:
    """Precision, recall and F1 of each value, and how often the corpus has it."""
    found = {}
    for value, axis in AXES.items():
        truth = [case[axis] == value for case in cases]
        pairs = [(t, one[value]) for t, one in zip(truth, said, strict=True)]
        both = sum(t and s for t, s in pairs)
        precision = both / max(sum(s for _, s in pairs), 1)
        recall = both / max(sum(truth), 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        figures = {"f1": f1, "precision": precision, "recall": recall}
        found[value] = {name: round(figure, 3) for name, figure in figures.items()}
        found[value]["cases"] = sum(truth)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--medspacy", help="a Python that has medspaCy")
    parser.add_argument("--lines", choices=("odd", "even", "all"), default="odd")
    given = parser.parse_args()
    cases = [json.loads(line) for line in given.corpus.read_text("utf-8").splitlines()]
    cases = {"odd": cases[::2], "even": cases[1::2], "all": cases}[given.lines]
    notes = notes_of(cases)
    told = {"lines": len(cases), "notemill": scores(cases, said_by_notemill(notes))}
    if given.medspacy:
        told["medspacy"] = scores(cases, said_by_medspacy(notes, given.medspacy))
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
