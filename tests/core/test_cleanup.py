"""DocumentAssembler's cleanup modes: what Spark NLP gave, and laws for any text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotators.core.cleanup import CLEANUP_MODES, clean
from annotators.core.errors import ParamError

GOLDEN = json.loads(
    (Path(__file__).parents[1] / "data" / "spark_nlp" / "cleanup.json").read_text("utf-8")
)
LAW = settings(deadline=None)  # machines under load
TEXTS = st.lists(
    st.sampled_from(["a", "\\n", "\\r", "\\t", "\\", "n", "\n", "\t", "\r", " ", "\u00a0", "\x00"])
).map("".join)


@pytest.mark.parametrize("case", GOLDEN, ids=[str(number) for number in range(len(GOLDEN))])
def test_recorded_from_spark_nlp_5_5_3(case: dict[str, str]) -> None:
    assert clean(case["text"], case["mode"]) == case["result"]


def test_every_mode_is_recorded() -> None:
    assert {case["mode"] for case in GOLDEN} == set(CLEANUP_MODES)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ParamError, match="cleanupMode is 'strip', but must be one of: disabled"):
        clean("text", "strip")


@LAW
@given(TEXTS)
def test_inplace_keeps_every_offset(text: str) -> None:
    cleaned = clean(text, "inplace")

    assert len(cleaned) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, cleaned, strict=True))


@LAW
@given(TEXTS)
def test_shrink_leaves_single_blanks_inside(text: str) -> None:
    cleaned = clean(text, "shrink")

    assert "  " not in cleaned
    assert not set("\t\n\v\f\r") & set(cleaned)
    assert cleaned == cleaned.strip(" \x00")


@LAW
@given(TEXTS, st.sampled_from(CLEANUP_MODES))
def test_cleaning_never_lengthens(text: str, mode: str) -> None:
    assert len(clean(text, mode)) <= len(text)


@pytest.mark.parametrize("mode", CLEANUP_MODES)
@pytest.mark.parametrize("unit", ["\\r", " ", "\\r\\n", "\n "])
def test_long_texts_of_nothing_but_white_space_come_through(mode: str, unit: str) -> None:
    """A run of carriage returns would take hours if it were tried from each of them."""
    assert len(clean(unit * 100_000, mode)) <= len(unit) * 100_000
