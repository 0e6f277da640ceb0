"""Chunks: equal to what Spark NLP 5.5.3's NerConverter gave, and the decided improvements."""

import json
import math
import pathlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotators.core.annotations import UNREADABLE
from annotators.core.chunks.rules import Chunk, ChunkRules, chunks_of_sentence, label_scheme

GOLDEN = json.loads(
    (pathlib.Path(__file__).parents[2] / "data" / "spark_nlp" / "chunks.json").read_text("utf-8")
)
RULES = {
    "chunks": ChunkRules(),
    "no_schema": ChunkRules(has_no_schema=True),
    "white_list": ChunkRules(white_list=("Disease", "PER", "A")),
}


def chunks(labels, sentence_begin=0, confidences=None, words=None, **rules):
    """Chunks of the words w0 w1 w2 ... with these labels."""
    labels = labels.split(" ") if isinstance(labels, str) else labels
    begins = [sentence_begin + 3 * i for i in range(len(labels))]
    return chunks_of_sentence(
        labels,
        begins,
        [begin + 2 for begin in begins],
        confidences or [math.nan] * len(labels),
        sentence_begin,
        " ".join(f"w{i}" for i in range(len(labels))),
        ChunkRules(**rules),
        words,
    )


def shown(labels, **rules):
    """`type:words` of each chunk."""
    return [f"{c.entity}:{c.first_token}-{c.last_token}" for c in chunks(labels, **rules)]


@pytest.mark.parametrize("kind", list(RULES))
def test_chunks_are_those_of_spark_nlp(kind):
    for sentence in GOLDEN:
        found = chunks_of_sentence(
            sentence["labels"],
            sentence["begins"],
            sentence["ends"],
            [math.nan if c is None else c for c in sentence["confidences"]],
            0,
            sentence["text"],
            RULES[kind],
        )
        assert [(c.begin, c.end, c.result, c.entity) for c in found] == [
            tuple(chunk[:4]) for chunk in sentence[kind]
        ]
        for chunk, expected in zip(found, sentence[kind], strict=True):
            if expected[4] is None:
                assert chunk.confidence is None
            else:  # to the last bit of a float32
                assert np.float32(chunk.confidence) == np.float32(expected[4])


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("B-X I-X O B-X B-X", ["X:0-1", "X:3-3", "X:4-4"]),
        ("I-A I-B I-B O", ["A:0-2"]),
        ("B-A I-B O I-B", ["A:0-1", "B:3-3"]),
        ("B-A E-A S-A", ["A:0-2"]),
        ("B- O I-", [":0-0", ":2-2"]),
        ("O O O", []),
        (["B-X", "", "I-X", "O"], ["X:0-2"]),
        (["", "B-X"], ["X:1-1"]),
        ([], []),
    ],
)
def test_a_chunk_runs_to_the_next_b_or_o(labels, expected):
    assert shown(labels) == expected


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("Disease Disease O Chemical", ["Disease:0-1", "Chemical:3-3"]),
        ("PN O X", ["PN:0-0", "X:2-2"]),
        ("B_X I_X B_X O_Y", ["X:0-1", "X:2-3"]),
        ("b-X i-X o b-X b-X", ["X:0-1", "X:3-3", "X:4-4"]),
        ("o o o", []),
        ("T-cell O", ["cell:0-0"]),
    ],
)
def test_labels_of_other_forms(labels, expected):
    assert shown(labels) == expected


def test_a_known_scheme_tells_prefixes_from_letters():
    assert shown("T-cell O E-cig", scheme="IO") == ["T-cell:0-0", "E-cig:2-2"]
    assert shown("B-X E-X S-Y I-X E-X E-X O", scheme="IOBES") == [
        "X:0-1",
        "Y:2-2",
        "X:3-4",
        "X:5-5",
    ]
    assert shown("B-X L-X U-Y U-Y", scheme="IOBES") == ["X:0-1", "Y:2-2", "Y:3-3"]
    assert shown("B-X E-X I-X", scheme="IOB2") == ["X:0-2"]


def test_a_type_change_ends_a_chunk_where_asked():
    labels = "B-A I-B I-B I-A O Drug Dose Dose"
    assert shown(labels) == ["A:0-3", "Drug:5-7"]
    assert shown(labels, type_change_ends_chunk=True) == [
        "A:0-0",
        "B:1-2",
        "A:3-3",
        "Drug:5-5",
        "Dose:6-7",
    ]


def test_whole_labels_are_types_without_a_schema():
    assert shown("B-X I-X o I-Y O o B-X", has_no_schema=True) == ["B-X:0-3", "o:5-5", "B-X:6-6"]


def test_new_names_come_after_the_white_list():
    rules = {"white_list": ("A",), "replace_labels": (("A", "B"), ("B", "C"))}
    assert shown("B-A B-B", **rules) == ["B:0-0"]


def test_result_is_the_text_between_or_the_words():
    assert chunks("B-X I-X", sentence_begin=7)[0].result == "w0 w1"
    assert chunks("B-X I-X", words=["N0", "N1"])[0].result == "w0 w1"
    assert chunks("B-X I-X", words=["N0", "N1"], preserve_position=False)[0].result == "N0 N1"
    text = chunks_of_sentence(
        ["B-X", "I-X"], [0, 4], [2, 6], [0.5, 1.0], 0, "w0\n\nw1", ChunkRules()
    )
    assert text == [Chunk(0, 6, "w0\n\nw1", "X", 0, 1, 0.75)]
    words = chunks_of_sentence(
        ["B-X", "I-X"],
        [0, 4],
        [2, 6],
        [0.5, 1.0],
        0,
        "w0\n\nw1",
        ChunkRules(preserve_position=False),
    )
    assert words[0].result == "w0 w1"


def test_confidence_is_the_mean_of_those_there_are():
    nan = math.nan
    assert chunks("B-X I-X I-X B-X", confidences=[0.5, nan, 1.0, nan])[0].confidence == 0.75
    assert chunks("B-X I-X I-X B-X", confidences=[0.5, nan, 1.0, nan])[1].confidence is None


def test_a_score_that_is_no_number_leaves_a_chunk_without_confidence():
    found = chunks("B-X I-X B-X", confidences=[0.5, UNREADABLE, 1.0])

    assert [chunk.confidence for chunk in found] == [None, 1.0]


@pytest.mark.parametrize(
    ("scores", "mean"), [([math.inf, 1.0], math.inf), ([3e38, 3e38], math.inf), ([-3.0], -3.0)]
)
def test_a_mean_may_be_beyond_what_floats_hold(scores, mean):
    assert chunks(["B-X", "I-X"][: len(scores)], confidences=scores)[0].confidence == mean


def test_infinities_of_both_signs_have_no_mean():
    assert math.isnan(chunks("B-X I-X", confidences=[math.inf, -math.inf])[0].confidence)


def test_a_sentence_shorter_than_its_tokens_does_not_raise():
    found = chunks_of_sentence(
        ["B-X", "I-X"], [4, 40], [6, 42], [math.nan] * 2, 5, "abc", ChunkRules()
    )
    assert [(c.begin, c.end, c.result) for c in found] == [(4, 42, "abc")]


@pytest.mark.parametrize(
    ("labels", "scheme"),
    [
        (["O", "B-X", "I-X"], "IOB2"),
        (["B-LOC", "I-LOC", "I-PER", "O"], "IOB1"),
        (["O", "I-X", "I-Y"], "IO"),
        (["Disease", "O", "Chemical"], None),
        (["O"], None),
        (["O", "B-X", "I-X", "E-X", "S-X"], "IOBES"),
        (["O", "B-X", "I-X", "L-X", "U-X"], "IOBES"),
        (["o", "b_x", "i_x"], "IOB2"),
        (["O", "B-X", "I-X", "DATE", "E-cig"], "IOB2"),
        ([], None),
    ],
)
def test_the_scheme_is_read_off_the_label_set(labels, scheme):
    assert label_scheme(labels) == scheme


@settings(deadline=None)
@given(
    labels=st.lists(st.sampled_from(["O", "o", "", "B-A", "I-A", "I-B", "E-A", "S-B", "A", "B_A"])),
    rules=st.builds(
        ChunkRules,
        has_no_schema=st.booleans(),
        preserve_position=st.booleans(),
        type_change_ends_chunk=st.booleans(),
        scheme=st.sampled_from([None, "IOB1", "IOB2", "IOBES", "IO"]),
    ),
)
def test_chunks_are_in_order_apart_and_never_begin_outside(labels, rules):
    begins = [3 * i for i in range(len(labels))]
    ends = [begin + 2 for begin in begins]
    text = " ".join("w" * 2 for _ in labels)
    found = chunks_of_sentence(labels, begins, ends, [math.nan] * len(labels), 0, text, rules)
    after = 0
    for chunk in found:
        assert after <= chunk.first_token <= chunk.last_token < len(labels)
        assert labels[chunk.first_token] != "O"
        assert "O" not in labels[chunk.first_token : chunk.last_token + 1]
        assert chunk.result == text[chunk.begin : chunk.end]
        after = chunk.last_token + 1
