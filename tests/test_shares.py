"""tests/shares.py names files that are there, and keeps what shares a fixture in one process."""

from pathlib import Path

from tests.shares import LONGEST, TOGETHER, WITHOUT_SESSION, next_for, share_of, turn

ROOT = Path(__file__).resolve().parents[1]


def test_every_place_that_is_named_is_there():
    files = {share for share in (*LONGEST, *WITHOUT_SESSION) if share not in TOGETHER}
    places = {place for several in TOGETHER.values() for place in several}

    assert [place for place in sorted(files | places) if not (ROOT / place).exists()] == []


def test_files_of_a_share_stay_together_and_others_alone():
    first, second, *_ = TOGETHER["wheel"]

    assert share_of(f"{first}::test_a") == share_of(f"{second}::test_b[::]") == "wheel"
    assert share_of("tests/stages/test_params.py::test_a") == "tests/stages/test_params.py"
    assert share_of("tests/core/tokens/test_tokens.py::test_a") == "core"
    assert share_of("tests/hugging_face/test_logits.py::test_a") == "hugging face"


def test_the_longest_begin_first_and_those_without_a_session_last():
    nodes = ("tests/jobs/test_cli.py::a", "tests/test_canary.py::a", "tests/core/test_plan.py::a")
    longest = f"{TOGETHER['wheel'][0]}::test_a"

    assert sorted([*nodes, longest], key=turn) == [longest, *nodes]


def test_a_third_process_takes_what_needs_no_session():
    left = ["wheel", "tests/jobs/test_cli.py", "tests/test_canary.py", "core"]

    assert [next_for(process, left) for process in ("gw0", "gw1", "gw2")] == [
        "wheel",
        "wheel",
        "tests/test_canary.py",
    ]
    assert next_for("gw2", left[:2]) is None
