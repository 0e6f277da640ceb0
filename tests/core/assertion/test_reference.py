"""The kernel, which reads a batch at once, beside a reading sentence by sentence."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotators.core.assertion.kernel import AssertChunks, AssertionRules
from annotators.core.assertion.rules import Rule
from annotators.core.assertion.statuses import CHIEF
from tests.core.assertion.notes import HEADINGS, RULES, chunked, lines_of, read, tokens_of
from tests.core.assertion.reference import asserted

OWN = (
    Rule("planned", "before", "will have", literal=True),
    Rule("planned", "after", "scheduled", 3),
    Rule("absent", "after", "re:^no.*$"),
    Rule("absent", "before", "re:[^a-z](?=no pain)"),
    Rule("stop", "none", "denies"),
    Rule("absent", "before", "denies"),
    Rule("absent", "after", "denies"),
    Rule("absent", "before", r"re:\bno\b fever|rash"),
)
PIECES = [
    "no", "No", "denies", "history of", "old", "if", "mother", "possible", "but", "pain", "fever",
     "rash", ",", ":", ".", "\n", "denies:\n", "no:\n- ", "fever:\n", "\n- ", "\n1. ", "FAMILY HISTORY:", "\nPMH\n", "\nROS", "\nPLAN - ",
     "A PLAN:", "(-)", "[ ]", "[x]", ": no", "is not ruled out", "é", "不", "\U0001d518", "İ", "ΟΣ", "\u2019", "can\u2019t",
     "in 1999", "denies any alcohol", "year-old man with", "who", "12)", "no pain", "SOCIAL:", "_",
     "\u00a0", "&lt;", "<b>", "\x0c", "\0", "will have", "scheduled", "now", "history"]  # fmt: skip
NOTES = st.lists(
    st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join), min_size=1, max_size=4
)
PARAMS = [
    AssertionRules(RULES, HEADINGS),
    AssertionRules(RULES, HEADINGS, within=True, both="absent"),
    AssertionRules((*RULES, *OWN), HEADINGS, case_sensitive=True, window=(2, 4)),
    AssertionRules((*RULES, *OWN), HEADINGS, both="historical"),
    AssertionRules((*RULES, *OWN), HEADINGS, within=True, window=(0, 0)),
    AssertionRules(OWN, within=True, both="nothing", window=(-1, 1)),
]


def told_by_kernel(params, texts):
    made = read(texts, AssertChunks(params))
    names = ("negation", "certainty", "temporality", "experiencer", "trigger", "trigger_begin", "trigger_end", "section")  # fmt: skip
    return list(zip(made.result, *(made.fields[name] for name in names), strict=True))


def told_by_reference(params, texts):
    own = sorted({rule.status for rule in params.rules} - {*CHIEF, "none", "stop"})
    for text in texts:
        lines = lines_of(text)
        chunks = [
            (b, e, next((i for lo, hi, i in lines if lo <= b and e <= hi), -1))
            for b, e, _ in chunked(text)
        ]
        tokens = [begin for begin, _, _ in tokens_of(text)]
        for causes, section in asserted(params, ([(b, text[b:e]) for b, e, _ in lines], chunks, tokens)):  # fmt: skip
            status = next((s for s in (*own, *CHIEF) if s in causes), "present")
            sign = causes.get(status)
            yield (
                status,
                "negated" if "absent" in causes else "affirmed",
                "possible" if "possible" in causes else "certain",
                next((s for s in ("hypothetical", "historical") if s in causes), "recent"),
                "other" if "someone_else" in causes else "patient",
                *((sign.text, str(sign.begin), str(sign.end - 1)) if sign else ["NaN"] * 3),
                section or "NaN",
            )


@given(st.sampled_from(PARAMS), NOTES)
def test_a_batch_is_read_as_its_sentences_are(params, texts):
    assert told_by_kernel(params, texts) == list(told_by_reference(params, texts))


@pytest.mark.parametrize("params", PARAMS, ids=range(len(PARAMS)))
def test_many_notes_are_read_as_their_sentences_are(params):
    draw = random.Random(7)
    texts = [" ".join(draw.choices(PIECES, k=draw.randrange(60))) for _ in range(400)]
    assert told_by_kernel(params, texts) == list(told_by_reference(params, texts))
