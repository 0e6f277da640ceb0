"""Candidates, features and spans of the learned sentence detector, without its model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotators.core.boundaries import detector as boundaries
from annotators.core.boundaries.classes import CLASSES
from annotators.core.boundaries.detector import SCORE_ROWS
from annotators.core.boundaries.features import AFTER, BUCKETS, LINE_COLUMN, WIDTH, Features
from annotators.core.boundaries.rules import SPARK_NLP_IMPOSSIBLE_PENULTIMATES, BoundaryRules
from annotators.core.boundaries.texts import BEFORE

DEVEL = Path(__file__).parents[2] / "data" / "sentences"
TEXTS = st.text(st.sampled_from(' \n\r\t\x0c\xa0ab.AB19!?:;•-()[]"”…é😀\ud800\uffff'), max_size=200)


def always(features: Features) -> np.ndarray:
    return np.ones(len(features), np.float32)


def never(features: Features) -> np.ndarray:
    return np.zeros(len(features), np.float32)


def by_features(features: Features) -> np.ndarray:
    """A score that depends on every feature, so that a change in any one shows."""
    weights = np.arange(1, WIDTH + 1, dtype=np.int64) * 7919
    return ((features.astype(np.int64) @ weights) % 101 / 100).astype(np.float32)


def split(
    text: str, rules: BoundaryRules | None = None, score: boundaries.Scorer = always
) -> list[str]:
    return [text[b:e] for b, e in boundaries.sentences(text, rules or BoundaryRules(), score)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (" \n\t ", []),
        (".", ["."]),
        ("no stop at all", ["no stop at all"]),
        ("One. Two", ["One.", "Two"]),
        ("One.\r\nTwo\r\n", ["One.", "Two"]),
        ("He left (see above.) She stayed.", ["He left (see above.)", "She stayed."]),
        ("“He left.” She stayed.", ["“He left.”", "She stayed."]),
        ("Was it 0.5 mg? It was .25 mg!", ["Was it 0.5 mg?", "It was .25 mg!"]),
        ("Wait... Now?! Yes…  Go", ["Wait...", "Now?!", "Yes…", "Go"]),
        (
            "It spread.[1,2] It grew.12 It died.(3) End",
            ["It spread.[1,2]", "It grew.12", "It died.(3)", "End"],
        ),
        ("5 mg.Next", ["5 mg.", "Next"]),
        ("a: b; c, d", ["a: b; c, d"]),
        ("A\x85B\u2028C\x0cD", ["A", "B", "C", "D"]),
        ("Fine 😀. Next\xa0one. \ud800", ["Fine 😀.", "Next\xa0one.", "\ud800"]),
    ],
)
def test_all_candidates_cut(text: str, parts: list[str]) -> None:
    assert split(text) == parts


def test_a_blank_line_needs_no_scorer_and_a_line_break_does() -> None:
    assert split("CHIEF COMPLAINT\n\nCough\nand fever", score=never) == [
        "CHIEF COMPLAINT",
        "Cough\nand fever",
    ]
    assert split("A\r\n \t\r\nB\rC", score=never) == ["A", "B\rC"]


def test_blank_lines_never_reach_the_scorer() -> None:
    seen: list[int] = []

    def counting(features: Features) -> np.ndarray:
        seen.append(len(features))
        return always(features)

    assert split("A\n\nB\n\nC", score=counting) == ["A", "B", "C"]
    assert seen == []


def test_the_threshold_is_inclusive() -> None:
    def half(features: Features) -> np.ndarray:
        return np.full(len(features), 0.5, np.float32)

    assert split("A. B", score=half) == ["A.", "B"]
    assert split("A. B", BoundaryRules(threshold=0.51), half) == ["A. B"]


def test_custom_bounds_stay_in_the_sentence_and_are_regular_expressions() -> None:
    rules = BoundaryRules(custom_bounds=(r"\|+", ";"))
    assert split("a|| b; c. d", rules) == ["a||", "b;", "c.", "d"]
    assert split("a|| b; c. d", rules, never) == ["a||", "b;", "c. d"]


def test_only_custom_bounds() -> None:
    rules = BoundaryRules(custom_bounds=(";",), use_custom_bounds_only=True)
    assert split("a. b;\n\n c. d", rules) == ["a. b;", "c. d"]
    assert split("a. b", BoundaryRules(use_custom_bounds_only=True)) == ["a. b"]


def test_lengths_leave_sentences_out() -> None:
    text = "Hm. A longer one. A very much longer sentence."
    assert split(text, BoundaryRules(min_length=4, max_length=13)) == ["A longer one."]
    assert split(text, BoundaryRules(min_length=3)) == split(text)


def test_nothing_is_too_long_by_default() -> None:
    assert split("x" * 200_000) == ["x" * 200_000]
    assert split("Long. " + "x" * 50, BoundaryRules(max_length=49)) == ["Long."]


def test_long_sentences_are_split_at_white_space() -> None:
    rules = BoundaryRules(split_length=10)
    assert split("one two three  four incomprehensible five. Six.", rules) == [
        "one two",
        "three",
        "four",
        "incomprehensible",
        "five.",
        "Six.",
    ]


def test_impossible_penultimates_are_whole_words() -> None:
    rules = BoundaryRules(impossible_penultimates=("al", "No", "e.g"))
    assert split("(Lee et al.) Then (really.) End", rules) == ["(Lee et al.) Then (really.)", "End"]
    text = "Lee et al. No. 5 was renal. (No. 6, e.g. this)"
    assert split(text, rules) == ["Lee et al. No. 5 was renal.", "(No. 6, e.", "g. this)"]


@pytest.mark.parametrize("text", ["A.A", "A.", "See A. Then"])
def test_an_impossible_penultimate_that_is_the_only_candidate_ends_nothing(text: str) -> None:
    assert split(text, BoundaryRules(impossible_penultimates=("A",))) == [text]


def test_the_documented_list_of_penultimates() -> None:
    rules = BoundaryRules(impossible_penultimates=SPARK_NLP_IMPOSSIBLE_PENULTIMATES)
    assert split("Dr. Lee vs. Dr. Kim. Then", rules) == ["Dr. Lee vs. Dr. Kim.", "Then"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"min_length": -1}, "min_length is -1"),
        ({"min_length": 5, "max_length": 4}, "min_length is 5 and max_length 4"),
        ({"split_length": 0}, "split_length is 0"),
        ({"threshold": 1.5}, "threshold is 1.5"),
        ({"custom_bounds": ("(",)}, "is not a regular expression"),
        ({"custom_bounds": ("x*",)}, "matches the empty string"),
    ],
)
def test_wrong_rules_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BoundaryRules(**wrong)  # type: ignore[arg-type]


@given(TEXTS)
def test_spans_are_trimmed_ordered_and_lose_only_white_space(text: str) -> None:
    for score in (always, never, by_features):
        spans = boundaries.sentences(text, BoundaryRules(), score)
        at = 0
        for begin, end in spans:
            assert at <= begin < end
            assert not text[at:begin].strip()
            assert text[begin:end].strip() == text[begin:end]
            at = end
        assert not text[at:].strip()


@given(st.lists(TEXTS, max_size=6))
def test_a_text_is_cut_the_same_alone_and_among_others(texts: list[str]) -> None:
    rules = BoundaryRules(custom_bounds=("ab",), impossible_penultimates=("A",))
    alone = [boundaries.sentences(text, rules, by_features) for text in texts]
    assert boundaries.sentences_of_many(texts, rules, by_features) == alone


@given(TEXTS)
def test_features_are_small_and_belong_to_candidates(text: str) -> None:
    at = boundaries.candidates(text)
    found = boundaries.features(text, at)
    assert found.shape == (len(at), WIDTH)
    assert found.dtype == np.uint8
    assert (found[:, : BEFORE + AFTER] < CLASSES).all()
    assert (found[:, BEFORE + AFTER :] < BUCKETS).all()
    assert (np.diff(at) > 0).all()
    assert all(0 < end < len(text) and not text[end - 1].isspace() for end in at.tolist())


def test_kinds_of_white_space_look_alike() -> None:
    def seen(text: str) -> list[list[int]]:
        return boundaries.features(text, boundaries.candidates(text)).tolist()

    assert seen("Pain in arm.\nFever\nat night") == seen("Pain in arm.\r\nFever\r\nat night")
    assert seen("Pain in arm. Fever at night") == seen("Pain\xa0in\tarm.\u2009Fever at night")


def test_a_wrapped_line_and_a_list_item_differ() -> None:
    wrapped = "The patient was admitted to the ward with chest\npain that began at night"
    listed = "- Chest\n- pain that began at night"
    (prose,) = boundaries.features(wrapped, boundaries.candidates(wrapped))
    (item,) = boundaries.features(listed, boundaries.candidates(listed))
    lines = slice(BEFORE + AFTER + LINE_COLUMN, WIDTH)
    assert (prose[lines] != item[lines]).any()


@pytest.mark.parametrize(
    "item",
    ["2.1. Course", "3) Plan", "(1) Plan", "a. Plan", "o plan", "[ ] plan", "# Plan", "• plan"],
)
def test_a_line_that_opens_an_item_is_told_from_one_that_goes_on(item: str) -> None:
    def lines(text: str) -> list[int]:
        (row,) = boundaries.features(text, np.array([text.index("\n")]))
        return row[BEFORE + AFTER + LINE_COLUMN :].tolist()

    assert lines(f"Pain\n{item}")[11] in (1, 2, 3)
    assert lines("Pain\nword plan")[11] == 0


def test_a_text_in_one_case_is_told_from_others() -> None:
    def case(text: str) -> int:
        return int(
            boundaries.features(text, np.array([text.index(".") + 1]))[0, BEFORE + AFTER + 3]
        )

    assert [case(t) for t in ("no pain. no fever", "No pain. No fever", "NO PAIN. NO FEVER")] == [
        0,
        1,
        2,
    ]
    assert case("12. 13") == 0


def test_many_texts_reach_the_scorer_in_bounded_calls() -> None:
    calls: list[int] = []

    def counting(features: Features) -> np.ndarray:
        calls.append(len(features))
        return always(features)

    spans = boundaries.sentences_of_many(["A b. C d." * 3] * 500, BoundaryRules(), counting)
    assert len(spans) == 500
    assert sum(calls) == 500 * 5
    assert len(calls) == 1
    calls.clear()
    long = "Some words here. " * 60_000  # 1 MB
    assert len(boundaries.sentences(long, BoundaryRules(), counting)) == 60_000
    assert max(calls) <= SCORE_ROWS
    assert sum(calls) == 59_999


@pytest.mark.parametrize(
    ("name", "notes", "marked"), [("aci_bench", 10, 591), ("mts_dialog", 24, 286)]
)
def test_every_marked_sentence_can_be_found(name: str, notes: int, marked: int) -> None:
    """The hand-marked ends are candidates, so that the scorer alone decides."""
    rows = [
        json.loads(line) for line in (DEVEL / f"{name}_devel.jsonl").read_text("utf-8").splitlines()
    ]
    assert (len(rows), sum(len(row["sentences"]) for row in rows)) == (notes, marked)
    for row in rows:
        ends = {*boundaries.candidates(row["text"]).tolist(), len(row["text"].rstrip())}
        assert {end for _, end in row["sentences"]} <= ends, row["note_id"]


@pytest.mark.parametrize("text", ["et al., 2005", "5 mg./kg", "a 60-yr.-old man", "3.5%"])
def test_a_stop_before_a_joining_mark_is_no_candidate(text: str) -> None:
    assert split(text) == [text]
