"""What the measurements of etl make by themselves: notes, bad notes, figures."""

from collections import Counter

import pytest

from benchmarks.etl.kinds import KINDS, LARGE_KINDS, poisoned
from benchmarks.etl.nights import figures
from benchmarks.etl.notes import varied

TEXTS = [
    f"HISTORY\nThe patient {verb} pain. No fever since 2021.\nCough." for verb in ("has", "had")
]


def test_notes_are_varied_and_the_same_in_every_call():
    made = varied(TEXTS, 50)
    sentences = Counter(line for text in made for line in text.split("\n") if line != "HISTORY")

    assert made == varied(TEXTS, 50)
    assert max(sentences.values()) == 1
    assert made[0].startswith("HISTORY\nThe patient has pain on day 1. No fever since 2021.\n")
    assert max(map(len, varied(TEXTS, 5, 30))) <= 30 + len(" on day 9.")


def test_bad_notes_are_of_every_kind_as_many():
    made = poisoned(3 * len(KINDS) + 2, large=2)

    assert Counter(made.kinds.values()) == {3: len(KINDS), 1: 2}
    assert len({kind.name for kind in (*KINDS, *LARGE_KINDS)}) == len(KINDS) + len(LARGE_KINDS)
    assert max(map(len, made.first)) > 20_000_000
    assert sum(made.ends.values()) > sum(made.kinds.values())


def test_figures_are_of_medians():
    seconds = {"annotate": (100, 104), "first": (110, 112), "nothing new": (9, 10, 90),
               "1% changed": (12, 13)}  # fmt: skip
    measured = [
        {"night": night, "wall": wall, "cpu": 2 * wall}
        for night, several in seconds.items()
        for wall in several
    ]
    found = figures(measured)

    assert found["wall"]["etl to annotate"] == pytest.approx(111 / 102 - 1, abs=1e-4)
    assert found["cpu"]["nothing new to first"] == pytest.approx(10 / 111, abs=1e-4)
    assert found["wall"]["1% changed beyond start to annotating"] == pytest.approx(
        2.5 / 101, abs=1e-4
    )
