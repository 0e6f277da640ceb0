import random
import re
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotators.core.annotations import empty
from annotators.core.assertion.kernel import AssertChunks, AssertionRules
from annotators.core.assertion.rules import Rule
from annotators.core.assertion.statuses import CHIEF, FIELDS
from annotators.core.errors import ParamError
from tests.core.assertion.notes import (
    CLINICAL,
    RULES,
    annotations,
    chunked,
    lines_of,
    read,
    tokens_of,
)


def asserted(text, *chunks, kernel=CLINICAL):
    """Status and metadata of each chunk; every line is a sentence."""
    spans = [(text.index(c), text.index(c) + len(c), 0) for c in chunks]
    made = kernel(
        annotations([lines_of(text)], [text]),
        annotations([tokens_of(text)], [text]),
        annotations([spans], [text]),
    )
    assert len(made) == len(chunks)
    return [
        {"status": made.result[i], **{name: made.fields[name][i] for name in made.fields}}
        for i in range(len(chunks))
    ]


def statuses(text, *chunks, kernel=CLINICAL):
    return [one["status"] for one in asserted(text, *chunks, kernel=kernel)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She denies chest pain.", {"chest pain": "absent"}),
        ("no fever, chills or cough", {"fever": "absent", "chills": "absent", "cough": "absent"}),
        ("Denies:\n nausea, vomiting\nCough.", {"nausea": "absent", "vomiting": "absent", "Cough": "present"}),
        ("Denies:\n- nausea\n- fever\nCough.", {"nausea": "absent", "fever": "absent", "Cough": "present"}),
        ("Fever: no", {"Fever": "absent"}),
        ("Fever: no, cough: yes", {"Fever": "absent", "cough": "present"}),
        ("Edema - none", {"Edema": "absent"}),
        ("negative for stroke/CVA", {"stroke": "absent", "CVA": "absent"}),
        ("chest pain (-)", {"chest pain": "absent"}),
        ("fever (+), chest pain (-)", {"fever": "present", "chest pain": "absent"}),
        ("(-) fever, (+) cough", {"fever": "absent", "cough": "present"}),
        ("[x] rash [ ] headache", {"rash": "present", "headache": "absent"}),
        ("[ ] headache [x] rash", {"rash": "present", "headache": "absent"}),
        ("no fever but cough", {"fever": "absent", "cough": "present"}),
        ("No murmur, presents with dyspnea", {"murmur": "absent", "dyspnea": "present"}),
        ("no increase of the effusion", {"effusion": "present"}),
        ("Pneumonia is not ruled out.", {"Pneumonia": "possible"}),
        ("Pulmonary embolism was ruled out.", {"Pulmonary embolism": "absent"}),
        ("rule out pneumonia", {"pneumonia": "possible"}),
        ("Return if fever recurs.", {"fever": "hypothetical"}),
        ("history of asthma", {"asthma": "historical"}),
        ("No history of asthma", {"asthma": "absent"}),
        ("father had prostate cancer", {"prostate cancer": "someone_else"}),
        ("No family history of cancer", {"cancer": "someone_else"}),
        ("FAMILY HISTORY\nAsthma.\nPLAN\nSee for cough.", {"Asthma": "someone_else", "cough": "present"}),
        ("FAMILY HISTORY: Breast cancer.\nHPI: Cough.", {"Breast cancer": "someone_else", "Cough": "present"}),
        ("MEDICAL HISTORY: asthma", {"asthma": "historical"}),
        ("PMH: asthma\nHPI: cough", {"asthma": "historical", "cough": "present"}),
        ("REVIEW OF SYSTEMS\nGI: no nausea, vomiting", {"nausea": "absent", "vomiting": "absent"}),
        ("PATIENT DENIES CHEST PAIN", {"CHEST PAIN": "absent"}),
        ("patient denies chest pain but has had cough for days", {"chest pain": "absent", "cough": "present"}),
        ("Der Husten ist besser. Pas de fièvre. 熱はない", {"Husten": "present", "fièvre": "present", "熱": "present"}),
        ("Cough.", {"Cough": "present"}),
    ],
)  # fmt: skip
def test_what_a_note_says(text, expected):
    assert dict(zip(expected, statuses(text, *expected), strict=True)) == expected


def test_each_axis_is_told_beside_the_chief_status():
    (one,) = asserted("FH: Mother never had possible asthma.", "asthma")

    assert one["status"] == "someone_else"
    assert {name: one[name] for name in FIELDS} == {
        "negation": "negated",
        "certainty": "possible",
        "temporality": "recent",
        "experiencer": "other",
        "trigger": "Mother",
        "trigger_begin": "4",
        "trigger_end": "9",
        "section": "family_history",
    }


def test_a_heading_decides_where_nothing_else_does():
    text = "FAMILY HISTORY\nAsthma."
    (one,) = asserted(text, "Asthma")
    assert (one["trigger"], one["trigger_begin"], one["trigger_end"]) == (
        "FAMILY HISTORY",
        "0",
        "13",
    )


def test_a_heading_is_no_trigger_and_nothing_is_said_of_a_chunk_in_it():
    assert statuses("FAMILY HISTORY: none\nHISTORY: cough", "FAMILY", "cough") == [
        "present",
        "present",
    ]


OWN = (
    Rule("absent", "before", "without", literal=True),
    Rule("absent", "after", "free", literal=True),
)


def test_a_status_may_take_a_trigger_on_each_side():
    both = AssertChunks(AssertionRules(OWN, both="absent"))
    assert statuses("without pain", "pain", kernel=both) == ["present"]
    assert statuses("without pain free", "pain", kernel=both) == ["absent"]


def test_triggers_may_lie_within_a_chunk():
    assert statuses(
        "pain without aura", "pain without aura", kernel=AssertChunks(AssertionRules(OWN))
    ) == ["present"]
    within = AssertChunks(AssertionRules(OWN, within=True))
    assert statuses("pain without aura", "pain without aura", kernel=within) == ["absent"]


@pytest.mark.parametrize(("window", "status"), [(-1, "absent"), (3, "absent"), (2, "present"), (0, "present")])  # fmt: skip
def test_triggers_may_be_looked_for_in_a_window(window, status):
    kernel = AssertChunks(AssertionRules(OWN, window=(window, 0)))
    assert statuses("without any more pain", "pain", kernel=kernel) == [status]


def test_a_status_of_ones_own_goes_first():
    own = Rule("planned", "before", "will have", literal=True)
    kernel = AssertChunks(AssertionRules((*RULES, own)))
    assert statuses("If so she will have surgery", "surgery", kernel=kernel) == ["planned"]


def test_rules_that_cannot_be_used_are_told_before_a_job():
    with pytest.raises(ParamError, match=r"^a rule for 'absent': bad pattern: [^\n]+\.$"):
        AssertionRules((Rule("absent", "before", "re:(no"),))


def test_chunks_without_sentence_and_rows_without_anything():
    chunk = annotations([[(0, 4, 0)], []], ["pain", ""])
    made = CLINICAL(empty(2, chunk), empty(2, chunk), chunk)
    assert (made.result, made.fields["section"]) == (["present"], ["NaN"])
    nothing = CLINICAL(annotations([[(0, 4, 0)]], ["pain"]), empty(1, chunk), empty(1, chunk))
    assert (nothing.result, nothing.rows) == ([], 1)


def test_overlapping_chunks_each_have_their_status():
    assert statuses("no chest pain", "chest pain", "pain", "no chest") == [
        "absent",
        "absent",
        "present",
    ]


def test_ten_thousand_chunks_in_a_sentence_take_no_quadratic_time():
    text = "no pain, " * 10_000
    spans = [(m.start(), m.end(), 0) for m in re.finditer("pain", text)]
    started = time.process_time()
    made = CLINICAL(annotations([lines_of(text)], [text]), empty(1), annotations([spans], [text]))
    assert set(made.result) == {"absent"}
    assert time.process_time() - started < 5


PIECES = st.sampled_from(
    ["no", "denies", "history of", "if", "mother", "possible", "but", "pain", "fever", "rash", ",",
     ":", ".", "\n", "- ", "FAMILY HISTORY:", "PMH", "ROS", "(-)", "[ ]", "is not ruled out", "é", "不"]
)  # fmt: skip
NOTES = st.lists(st.lists(PIECES, max_size=25).map(" ".join), min_size=1, max_size=5)


def told(made):
    return [made.result, {name: list(values) for name, values in made.fields.items()}]


@given(NOTES)
def test_every_chunk_has_one_status_and_triggers_stand_where_they_say(texts):
    made = read(texts)
    chunks = annotations([chunked(text) for text in texts], texts)
    assert made.offsets.tolist() == chunks.offsets.tolist()
    assert (made.begin.tolist(), made.end.tolist()) == (chunks.begin.tolist(), chunks.end.tolist())
    assert set(made.result) <= {"present", *CHIEF}
    for row, (first, last) in enumerate(made.row_bounds()):
        for i in range(first, last):
            trigger = made.fields["trigger"][i]
            assert (trigger == "NaN") == (made.result[i] == "present")
            if trigger != "NaN":
                begin, end = (
                    int(made.fields["trigger_begin"][i]),
                    int(made.fields["trigger_end"][i]),
                )
                assert texts[row][begin : end + 1] == trigger


@given(NOTES, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_rules_changes_nothing(texts, random):
    shuffled = list(RULES)
    random.shuffle(shuffled)
    kernel = AssertChunks(replace(CLINICAL.rules, rules=tuple(shuffled)))
    assert told(read(texts, kernel)) == told(read(texts))


@given(NOTES)
def test_a_note_alone_is_read_as_among_others(texts):
    alone = [status for text in texts for status in read([text]).result]
    assert alone == read(texts).result


def test_random_letters_break_nothing():
    rng = random.Random(5)
    texts = ["".join(chr(rng.choice([10, 32, 45, 58, 304, 8217, 128512, rng.randrange(32, 1200)])) for _ in range(300)) + " no pain" for _ in range(50)]  # fmt: skip
    assert len(read(texts)) >= 100
