from pathlib import Path

import pytest

import annotators
from annotators.core.assertion.headings import headings_of, parse_headings
from annotators.core.assertion.phrases import expand
from annotators.core.assertion.rules import Rule, parse
from annotators.core.assertion.sheets.sheet import sheet_of
from annotators.core.assertion.triggers import Triggers
from annotators.core.errors import ParamError

DATA = Path(annotators.__file__).parent / "data"
HEADINGS = parse_headings(
    tuple((DATA / "sections.tsv").read_text("utf-8").splitlines()), "sections.tsv"
)


def test_phrases_are_written_short():
    assert expand("den(y|ies) | no [sign of]") == [
        ("denies",), ("deny",), ("no",), ("no", "sign", "of"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "absent\tbefore\tre:(no",
        "absent\tbefore\tre:x*",
        "absent\tbefore\t(no",
        "absent\tbefore\tno]",
        "absent\tbefore\tno | ",
        "absent\tbefore\t" + "(a|b)" * 20,
        "gone\tbefore\tno",
        "absent\tabove\tno",
        "absent\tnone\tno",
        "stop\tbefore\tbut",
        "absent\tno",
        "absent\tbefore\tno\tfar",
    ],
)
def test_a_bad_rule_is_told_with_file_and_line(line):
    with pytest.raises(ParamError, match=r"^mine\.tsv, line 2: [^\n]+\.$"):
        parse(["# rules", line], "mine.tsv")


@pytest.mark.parametrize("line", ["plan\tPlan", "plan\tgone\tplan", "\t\tplan", "plan\t\t(plan"])
def test_a_bad_heading_is_told_with_file_and_line(line):
    with pytest.raises(ParamError, match=r"^mine\.tsv, line 2: [^\n]+\.$"):
        parse_headings(("# headings", line), "mine.tsv")


def found(text, *rules, **params):
    triggers, sheet = Triggers(rules, **params), sheet_of([text])
    made = triggers.in_sheet(sheet)
    spans = zip(*(column.tolist() for column in made), strict=True)
    return [(triggers.rules[rule].status, sheet.text[b:e]) for b, e, rule in spans]


NO = Rule("absent", "before", "no")
NO_CHANGE = Rule("none", "none", "no change")


def test_of_triggers_that_overlap_the_first_and_longest_counts():
    assert found("No change, no pain", NO, NO_CHANGE) == [("none", "No change"), ("absent", "no")]


def test_a_pseudo_trigger_stands_alone_and_others_of_one_span_together():
    other = Rule("historical", "before", "no")
    assert found("no pain", NO, other) == [("absent", "no"), ("historical", "no")]
    assert found("no pain", NO, Rule("none", "none", "re:no")) == [("none", "no")]


def test_phrases_are_whole_words_and_case_counts_where_asked():
    assert found("nothing Known; NO pain", NO) == [("absent", "NO")]
    assert found("NO pain", NO, case_sensitive=True) == []


def test_a_typographic_apostrophe_is_one():
    assert found("can\N{RIGHT SINGLE QUOTATION MARK}t", Rule("absent", "before", "can't")) == [
        ("absent", "can\N{RIGHT SINGLE QUOTATION MARK}t")
    ]


@pytest.mark.parametrize(
    ("text", "heading", "section"),
    [
        ("Past Medical History: asthma", "Past Medical History", "past_medical_history"),
        ("FAMILY HX", "FAMILY HX", "family_history"),
        ("FAMILY HISTORY: cancer", "FAMILY HISTORY", "family_history"),
        ("FAMILY HX Mother had cancer.", "FAMILY HX", "family_history"),
        ("Medications", "Medications", "medications"),
        ("HPI: 43-year-old", "HPI", "history_of_present_illness"),
        ("2. ROS:", "ROS", "review_of_systems"),
        ("**A/P:** stable", "A/P", "assessment_and_plan"),
        ("## Social History", "Social History", "social_history"),
        ("PMH - asthma", "PMH", "past_medical_history"),
        ("1130 HOURS CLINICAL HISTORY: pain", "CLINICAL HISTORY", "clinical_history"),
        ("• Musculoskeletal: Reports pain.", "Musculoskeletal", None),
        ("Ears, Nose, Mouth and Throat: clear", "Ears, Nose, Mouth and Throat", None),
        ("Examination of the right knee: swelling", "Examination of the right knee", None),
        ("TRANSPORT NOTES:", "TRANSPORT NOTES", ""),
    ],
)
def test_headings_are_found(text, heading, section):
    (one,) = headings_of(text, HEADINGS)
    assert (text[one.begin : one.end], one.section.name) == (heading, section)


@pytest.mark.parametrize(
    "text", ["Plan to see her.", "Medications were stopped.", "Chest pain: none", "", "::", "•"]
)
def test_what_is_no_heading(text):
    assert headings_of(text, HEADINGS) == []


def test_a_sentence_of_several_lines_may_have_several_headings():
    text = "Cardiovascular\nNo murmurs.\nPLAN"
    assert [text[h.begin : h.end] for h in headings_of(text, HEADINGS)] == [
        "Cardiovascular",
        "PLAN",
    ]


def test_no_packaged_heading_is_in_two_sections():
    lines = (DATA / "sections.tsv").read_text("utf-8").splitlines()
    tables = [parse_headings((line,), "sections.tsv") for line in lines]
    assert sum(map(len, tables)) == len(HEADINGS)
