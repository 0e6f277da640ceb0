"""tests/shares.py names files that are there, and keeps what shares a fixture in one process."""

from pathlib import Path

from tests.shares import ASIDE, LONGEST, TOGETHER, share_of, turn

ROOT = Path(__file__).resolve().parents[1]


def test_every_place_that_is_named_is_there():
    files = {share for share in LONGEST if share not in TOGETHER}
    places = {place for several in TOGETHER.values() for place in several} | {*ASIDE}

    assert [place for place in sorted(files | places) if not (ROOT / place).exists()] == []


def test_what_runs_aside_is_no_part_of_a_share():
    named = {*LONGEST, *(place for several in TOGETHER.values() for place in several)}

    assert [place for place in sorted(named) if place.startswith(ASIDE)] == []


def test_files_of_a_share_stay_together_and_others_alone():
    first, second, *_ = TOGETHER["wheel"]

    assert share_of(f"{first}::test_a") == share_of(f"{second}::test_b[::]") == "wheel"
    assert share_of("tests/core/test_plan.py::test_a") == "tests/core/test_plan.py"
    assert turn(f"{first}::test_a") < turn("tests/core/test_plan.py::test_a") == len(LONGEST)
