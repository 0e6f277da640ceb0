"""Presets of replaceLabels: every type goes to one of three names, and goes through the rules."""

from annotators.core.chunks.presets import PROBLEM_TEST_TREATMENT
from annotators.core.chunks.rules import ChunkRules, chunks_of_sentence

TEXT = "CT today showed pneumonia 3.1 amoxicillin"
TOKENS = [
    ("CT", "B-Diagnostic_procedure"),
    ("today", "B-Date"),
    ("showed", "O"),
    ("pneumonia", "B-Disease_disorder"),
    ("3.1", "B-Lab_value"),
    ("amoxicillin", "B-Medication"),
]
PRESET = tuple(PROBLEM_TEST_TREATMENT.items())


def named(rules):
    begins = [TEXT.index(word) for word, _ in TOKENS]
    ends = [begin + len(word) for begin, (word, _) in zip(begins, TOKENS, strict=True)]
    found = chunks_of_sentence(
        [label for _, label in TOKENS], begins, ends, [1.0] * len(TOKENS), 0, TEXT, rules
    )
    return [(chunk.result, chunk.entity) for chunk in found]


def test_the_names_are_those_of_ner_clinical():
    assert set(PROBLEM_TEST_TREATMENT.values()) == {"PROBLEM", "TEST", "TREATMENT"}


def test_other_types_keep_their_names():
    assert named(ChunkRules(replace_labels=PRESET)) == [
        ("CT", "TEST"),
        ("today", "Date"),
        ("pneumonia", "PROBLEM"),
        ("3.1", "Lab_value"),
        ("amoxicillin", "TREATMENT"),
    ]


def test_its_types_as_a_white_list_leave_the_others_out():
    rules = ChunkRules(replace_labels=PRESET, white_list=tuple(PROBLEM_TEST_TREATMENT))

    assert named(rules) == [("CT", "TEST"), ("pneumonia", "PROBLEM"), ("amoxicillin", "TREATMENT")]
