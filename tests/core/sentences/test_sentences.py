"""SentenceDetector's rules: what Spark NLP gave, where we differ on purpose, laws for any text."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from annotators.core.errors import ParamError
from annotators.core.java.regex import compile_java
from annotators.core.sentences.rules import SentenceRules, split_sentences

GOLDEN = json.loads(
    (Path(__file__).parents[2] / "data" / "spark_nlp" / "sentences.json").read_text("utf-8")
)
LAW = settings(deadline=None)  # machines under load
FIELDS = {
    "useAbbreviations": "use_abbreviations",
    "detectLists": "detect_lists",
    "customBounds": "custom_bounds",
    "customBoundsStrategy": "custom_bounds_strategy",
    "useCustomBoundsOnly": "use_custom_bounds_only",
    "minLength": "min_length",
    "maxLength": "max_length",
    "splitLength": "split_length",
}


def rules_from(params: dict[str, Any]) -> SentenceRules:
    """The rules of Spark NLP's params."""
    values: dict[str, Any] = {
        FIELDS[name]: tuple(value) if isinstance(value, list) else value
        for name, value in params.items()
    }
    return SentenceRules(**values)


def characters(text: str, utf16: int) -> int:
    """The character that a UTF-16 offset of Spark NLP's stands before."""
    return len(text.encode("utf-16-le")[: 2 * utf16].decode("utf-16-le"))


def results(text: str, **fields: Any) -> list[str]:
    return [result for _, _, result in split_sentences(text, SentenceRules(**fields))]


@pytest.mark.parametrize("case", GOLDEN, ids=[str(number) for number in range(len(GOLDEN))])
def test_recorded_from_spark_nlp_5_5_3(case: dict[str, Any]) -> None:
    text = case["text"]
    expected = [
        (characters(text, begin), characters(text, end + 1), result)
        for begin, end, result in case["sentences"]
    ]

    assert split_sentences(text, rules_from(case["params"])) == expected


# Differences from Spark NLP that stay. What it gives is said in each test.


def test_offsets_count_characters_not_utf16_units() -> None:
    """Spark NLP: 0 to 6 and 8 to 9 (`end` inclusive), one more for the emoji."""
    assert split_sentences("Pain 😀. No.") == [(0, 7, "Pain 😀."), (8, 11, "No.")]


@pytest.mark.parametrize("mark", "\uf051\uf056\uf057╚╦╞╟╔╩╤╥")
def test_spark_nlp_marks_in_a_text_are_text(mark: str) -> None:
    """Spark NLP writes `.`, `?` or nothing for most of them, and the sentence is at -1."""
    assert results(f"One {mark} two. Three.") == [f"One {mark} two.", "Three."]


def test_a_bound_left_out_inside_a_kept_quote_stays_in_the_sentence() -> None:
    """Spark NLP: result `He said 'no'Then left.` at -1."""
    text = "He said 'no'\nThen left. End."

    assert split_sentences(text, SentenceRules(custom_bounds=("\n",))) == [
        (0, 23, "He said 'no'\nThen left."),
        (24, 28, "End."),
    ]


@pytest.mark.parametrize("char", "\\$")
def test_a_quote_may_stand_before_a_backslash_or_dollar_sign(char: str) -> None:
    """Spark NLP loses the backslash, and with it the position; the dollar sign is no trouble."""
    assert results(f"He said 'no. no'{char} x. End.") == [f"He said 'no. no'{char} x.", "End."]


def test_a_word_over_split_length_does_not_move_what_follows() -> None:
    """Spark NLP: every piece of the sentence begins one later than it does in the text."""
    assert split_sentences("abcdef gh.", SentenceRules(split_length=3)) == [
        (0, 6, "abcdef"),
        (7, 10, "gh."),
    ]


# Our own rule: lines.

NOTE = """CHIEF COMPLAINT

Annual exam

MEDICATIONS
1. Aspirin 81 mg
   once a day
2. Metformin 500 mg b.i.d.
- ice
after the walk
Return in two
weeks. PLAN: none
PLAN: call if worse
Assessment and plan:
stable
"""


def test_headings_items_and_blank_lines_end_sentences_if_asked_to() -> None:
    expected = [
        "CHIEF COMPLAINT",
        "Annual exam",
        "MEDICATIONS",
        "1. Aspirin 81 mg\n   once a day",
        "2. Metformin 500 mg b.i.d.",
        "- ice\nafter the walk",
        "Return in two\nweeks.",
        "PLAN: none",
        "PLAN: call if worse",
        "Assessment and plan:",
        "stable",
    ]

    assert results(NOTE, break_at_lines=True) == expected


def test_lines_in_capitals_are_no_headings_where_all_is_in_capitals() -> None:
    assert results("PATIENT SEEN\nTODAY. WELL", break_at_lines=True) == [
        "PATIENT SEEN\nTODAY.",
        "WELL",
    ]


def test_blank_lines_end_sentences_and_are_none_but_with_blanks_that_java_keeps() -> None:
    """However many: each costs a step of Python's own loop, not a look for sentences."""
    assert results("He rests\n \n\t\nand eats", break_at_lines=True) == ["He rests", "and eats"]
    assert results("He\n\n\u2003\n\neats", break_at_lines=True) == ["He", "\u2003", "eats"]
    far = "He rests." + "\n" * 1_000_000 + "She eats."
    assert results(far, break_at_lines=True) == ["He rests.", "She eats."]


# Params.


def test_an_unknown_strategy_is_refused() -> None:
    with pytest.raises(ParamError, match="'split', but must be one of: none, append, prepend"):
        SentenceRules(custom_bounds_strategy="split")


@pytest.mark.parametrize("bound", ["(", "[a", "a)", r"\G", r"\p{IsLatin}", "(?q)a", "(?<=a+)b"])
def test_a_bound_that_cannot_be_compiled_is_refused(bound: str) -> None:
    with pytest.raises(ParamError, match="SentenceDetector: param 'customBounds': "):
        SentenceRules(custom_bounds=(bound,))


@pytest.mark.parametrize(
    ("java", "text", "found"),
    [
        ("a(?i)b|c", "aB C ab c AB", ["aB", "C", "ab", "c"]),
        ("a(?i:b)c", "aBc aBC", ["aBc"]),
        ("(?:(?i)a)b", "Ab AB", ["Ab"]),
        ("[a-d&&[^b]]", "abcde", ["a", "c", "d"]),
        ("[^a-c&&[b-z]]", "abcd", ["a", "d"]),
        ("[a[x-z]]", "axbz", ["a", "x", "z"]),
        ("[]a]", "a]b", ["a", "]"]),
        (r"[\w-.]", "a-.b!", ["a", "-", ".", "b"]),
        (r"[^\h\v]+", "a\u2003b\u2028c", ["a", "b", "c"]),
        (r"\Qa.b\E+", "a.bb axb", ["a.bb"]),
        (r"\b.", "ab ²é", ["a", " ", "é"]),
        (r"\B.", "ab ²é", ["b", "²"]),
        (r"\s", " \u00a0\u2003\t", [" ", "\t"]),
        (r"\d", "1\u0661", ["1"]),
        (".", "a\u0085\u2028\rb", ["a", "b"]),
        ("(?s).", "a\n", ["a", "\n"]),
        ("(?m)^.", "ab\r\ncd", ["a", "c"]),
        ("(?m).$", "ab\r\ncd", ["b", "d"]),
        (".$", "ab\r\n", ["b"]),
        (r"\R", "\r\n\n", ["\r\n", "\n"]),
        (r"(?<!\d|No)\.", "1. No. x.", ["."]),
        (r"(?<=a|bc)x", "ax bcx cx", ["x", "x"]),
        (r"\p{Lu}\P{L}", "É1 é1 AB", ["É1"]),
        (r"(?<q>['x])\w\k<q>", "'a' xbx 'cx", ["'a'", "xbx"]),
        (r"\x{1F600}|\u0041|\x42|\0103|\cJ", "😀ABC\n", ["😀", "A", "B", "C", "\n"]),
    ],
)
def test_bounds_are_java_regular_expressions(java: str, text: str, found: list[str]) -> None:
    assert [match[0] for match in compile_java(java).pattern.finditer(text)] == found


# Laws.

TRICKY = st.lists(
    st.sampled_from(
        [
            *(".", "...", ";", "!", "?", "'", '"', "(", ")", "[", "]", "-", ":", ",", "°", "╞"),
            *("1", " 2. ", " 10.)", "-3.", "(a)", "b)", "A.", "Dr.", "etc.", "no.", "e.g.", "p.m."),
            *("a.b.c", "word", "Word", "I", "😀", "é", "\uf050", "\uf051", "\uf056", "\uf057"),
            *(" ", " ", " ", "\n", "\n\n", "\r\n", "\t", "\x00", "\u2028", "\u00a0"),
        ]
    ),
    max_size=40,
).map("".join)
BOUNDS = st.lists(st.sampled_from(["\n", ";", r"\s", "[a-z]+", "x*", r"\W", "'"]), max_size=2)
RULES = st.builds(
    SentenceRules,
    use_abbreviations=st.booleans(),
    detect_lists=st.booleans(),
    custom_bounds=BOUNDS.map(tuple),
    custom_bounds_strategy=st.sampled_from(["none", "append", "prepend"]),
    use_custom_bounds_only=st.booleans(),
    min_length=st.integers(0, 5),
    max_length=st.none() | st.integers(5, 20),
    split_length=st.none() | st.integers(0, 10),
    break_at_lines=st.booleans(),
)


@LAW
@given(TRICKY | st.text(), RULES)
@example("'a'\n", SentenceRules(custom_bounds=("\n",)))
def test_spans_are_ordered_disjoint_and_hold_their_result(text: str, rules: SentenceRules) -> None:
    sentences = split_sentences(text, rules)

    assert all(0 <= begin < end <= len(text) for begin, end, _ in sentences)
    assert all(one[1] <= other[0] for one, other in pairwise(sentences))
    assert all(text[begin:end] == result for begin, end, result in sentences)


@LAW
@given(TRICKY | st.text(), st.booleans())
def test_without_bounds_nothing_but_blanks_is_left_out(text: str, lines: bool) -> None:
    """A `\\uf050` of the text's own is a bound, here as in Spark NLP."""
    text = text.replace("\uf050", "")

    spans = split_sentences(text, SentenceRules(break_at_lines=lines))
    edges = [0, *(edge for begin, end, _ in spans for edge in (begin, end)), len(text)]
    outside = "".join(text[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2))

    assert all(char <= " " for char in outside)


@LAW
@given(st.lists(st.sampled_from(["ab", "c", "def.", "😀", ""]), max_size=12).map(" ".join))
def test_pieces_fit_into_split_length_unless_a_word_does_not(text: str) -> None:
    for result in results(text, split_length=6):
        assert len(result.encode("utf-16-le")) // 2 <= 6


@pytest.mark.parametrize(
    "unit", ["'a ", "''", '"a ', "[a ", "(a", "!", "a.", "1a.", " 1. ", "...  "]
)
def test_long_texts_of_nothing_but_triggers_come_through(unit: str) -> None:
    """Each would take hours if a step went back over the text for each of its triggers."""
    text = unit * (300_000 // len(unit))

    assert sum(end - begin for begin, end, _ in split_sentences(text)) > 0
