"""Offsets, over any text at all: what an annotation says is what the text has between its ends."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.ml import PipelineModel

from annotators import DocumentAssembler, LightPipeline, SentenceDetector, Tokenizer

PIECES = [
    "The patient", "takes", "aspirin", " ", "  ", ".", ". ", "! ", "Dr. ", "e.g. ", "1. ", "- ",
    "\n", "\r\n", "\r", "\t", "\u00a0", "\u2028", "\u200b", "\ufeff", "😀", "👩‍👩‍👧",
    "e\u0301", "\u0301",
    "\x00", "\x01", "\x1f", "\x7f", "\x85", "\ud800", "\udc00", "İ", "ß", "患者", "مريض", "81mg/5%",
    "(",
    ")", "'", '"', "/", ",", ";", "...", "a" * 130,
]  # fmt: skip
ANY_CHARACTER = st.characters(exclude_categories=())
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(ANY_CHARACTER, max_size=8), max_size=25).map(
    "".join
)
thorough = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def light(model):
    return LightPipeline(model)


def assert_spans(text, annotations):
    for a in annotations:
        assert 0 <= a.begin <= a.end + 1 <= len(text)
        assert text[a.begin : a.end + 1] == a.result


def assert_ordered_and_disjoint(annotations):
    for one, following in pairwise(annotations):
        assert one.end < following.begin


@given(TEXTS)
@thorough
def test_every_annotation_says_what_stands_in_the_text(light, text):
    found = light.fullAnnotate(text)[0]

    for column in ("document", "sentence", "token", "chunk"):
        assert_spans(text, found[column])
        assert_ordered_and_disjoint(found[column])
        assert all(a.result for a in found[column] if column != "document")


@given(TEXTS)
@thorough
def test_every_token_has_one_label_and_lies_in_its_sentence(light, text):
    found = light.fullAnnotate(text)[0]
    sentences = {a.metadata["sentence"]: a for a in found["sentence"]}

    assert [(a.begin, a.end, a.metadata["word"]) for a in found["ner"]] == [
        (a.begin, a.end, a.result) for a in found["token"]
    ]
    for token in found["token"]:
        home = sentences[token.metadata["sentence"]]
        assert home.begin <= token.begin <= token.end <= home.end


@given(TEXTS)
@thorough
def test_every_sentence_has_one_class(light, text):
    found = light.fullAnnotate(text)[0]

    assert [(a.begin, a.end) for a in found["class"]] == [
        (a.begin, a.end) for a in found["sentence"]
    ]


@given(TEXTS)
@thorough
def test_chunks_are_made_of_tokens(light, text):
    found = light.fullAnnotate(text)[0]
    begins, ends = {a.begin for a in found["token"]}, {a.end for a in found["token"]}

    assert {a.begin for a in found["chunk"]} <= begins
    assert {a.end for a in found["chunk"]} <= ends
    assert [a.metadata["chunk"] for a in found["chunk"]] == [
        str(i) for i in range(len(found["chunk"]))
    ]


@given(TEXTS)
@thorough
def test_offsets_hold_where_lines_end_sentences(text):
    stages = [
        DocumentAssembler(inputCol="text"),
        SentenceDetector(inputCols=["document"], outputCol="sentence", breakAtLines=True),
        Tokenizer(inputCols=["sentence"], outputCol="token"),
    ]
    found = LightPipeline(PipelineModel(stages)).fullAnnotate(text)[0]

    for column in ("sentence", "token"):
        assert_spans(text, found[column])
        assert_ordered_and_disjoint(found[column])


@given(st.lists(TEXTS, max_size=6))
@thorough
def test_a_note_is_annotated_as_if_it_were_alone(light, texts):
    together = light.annotate(texts)

    assert together == [light.annotate(text) for text in texts]
