"""Rows of DIFFERENCES.md that other tests pin without Spark NLP: what it does, beside ours.

Spans are as both give them: `end` is the last character, of Spark NLP the last UTF-16 unit.
"""

import pytest
from pyspark.ml import Pipeline
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

import annotators
from annotators.core.errors import ParamError
from annotators.schema import NON_NULL_ANNOTATIONS, column_metadata

LONG = "x" * 100_000
SENTENCES = [
    (
        {},
        "Pain 😀. No.",
        [(0, 6, "Pain 😀."), (8, 10, "No.")],
        [(0, 7, "Pain 😀."), (9, 11, "No.")],
    ),
    (
        {},
        "One \uf051 two. Three.",
        [(0, 9, "One \uf051 two."), (11, 16, "Three.")],
        [(-1, 8, "One . two."), (11, 16, "Three.")],
    ),
    (
        {"CustomBounds": ["\n"]},
        "He said 'no'\nThen left. End.",
        [(0, 22, "He said 'no'\nThen left."), (24, 27, "End.")],
        [(-1, 20, "He said 'no'Then left."), (24, 27, "End.")],
    ),
    (
        {},
        "He said 'no. no'\\ x. End.",
        [(0, 19, "He said 'no. no'\\ x."), (21, 24, "End.")],
        [(-1, 17, "He said 'no. no' x."), (21, 24, "End.")],
    ),
    (
        {"SplitLength": 3},
        "abcdef gh.",
        [(0, 5, "abcdef"), (7, 9, "gh.")],
        [(1, 6, "abcdef"), (8, 10, "gh.")],
    ),
]
TOKENS = [
    (
        {"SplitChars": ["-"]},
        "a -globulin b",
        [(0, 0, "a"), (3, 10, "globulin"), (12, 12, "b")],
        [(0, 0, "a"), (2, 9, "globulin"), (12, 12, "b")],
    ),
    ({"TargetPattern": "\\w+"}, "😀 ab", [(2, 3, "ab")], [(2, 3, "ab")]),
    (
        {"SplitPattern": ""},
        "a😀b",
        [(0, 0, "a"), (1, 1, "😀"), (2, 2, "b")],
        [(0, 0, "a"), (1, 1, "?"), (2, 2, "?"), (3, 3, "b")],
    ),
    ({"ContextChars": ["😀"]}, "😀a", [(0, 0, "😀"), (1, 1, "a")], [(0, 1, "😀"), (2, 2, "a")]),
    (
        {"Exceptions": ["c:\\\\x\\."]},
        "at c:\\x. now",
        [(0, 1, "at"), (3, 7, "c:\\x."), (9, 11, "now")],
        [(0, 1, "at"), (3, 5, "c:x"), (6, 6, "."), (9, 11, "now")],
    ),
    (
        {},
        f"{LONG} y",
        [(0, 99_999, LONG), (100_001, 100_001, "y")],
        [(100_001, 100_001, "y")],
    ),
]
REFUSED = [
    ("sentence", {"CustomBounds": ["("]}, "A text.", "Unclosed group"),
    ("token", {"Exceptions": ["\\$5 at"]}, "pay $5 at x", "No group 5"),
    ("token", {"InfixPatterns": ["(\\w+)(x)?"]}, "ab- cd", "NullPointerException"),
    ("token", {"SplitChars": ["😀"]}, "b😀a", "must have length == 1"),
    ("token", {"ContextChars": []}, "(a.) b", "unsupported escape sequence"),
]
LABELS = [
    (["Disease", "O"], [("w", "Disease")], [("w", "sease")]),
    (["B-X", "o", "I-X"], [("w", "X"), ("w", "X")], [("w w w", "X")]),
    (["B-X", "b-Y"], [("w", "X"), ("w", "Y")], [("w w", "X")]),
    (["B_X", "B_Y"], [("w", "X"), ("w", "Y")], [("w w", "X")]),
]
TYPES = {"sentence": "document", "token": "token", "ner": "named_entity"}


@pytest.fixture
def spans(spark, front_end):
    """A function that gives (begin, end, result) of each annotation that the stages of one project
    make of a text; the last of them with these params.
    """

    def of(sides, column, params, text):
        stages = front_end(sides)[: {"sentence": 2, "token": 3}[column]]
        for name, value in params.items():
            getattr(stages[-1], f"set{name}")(value)
        frame = spark.createDataFrame([(text,)], "text string")
        row = Pipeline(stages=stages).fit(frame).transform(frame).head()
        return [(a.begin, a.end, a.result) for a in row[column]]

    return of


@pytest.mark.parametrize(("params", "text", "ours", "theirs"), SENTENCES, ids=ascii)
def test_sentences(spans, params, text, ours, theirs):
    assert spans("nnn", "sentence", params, text) == ours
    assert spans("sss", "sentence", params, text) == theirs


@pytest.mark.parametrize(
    ("params", "text", "ours", "theirs"), TOKENS, ids=lambda value: ascii(value)[:40]
)
def test_tokens(spans, params, text, ours, theirs):
    assert spans("nnn", "token", params, text) == ours
    assert spans("sss", "token", params, text) == theirs


@pytest.mark.parametrize(("column", "params", "text", "why"), REFUSED, ids=ascii)
def test_what_spark_nlp_refuses(spans, column, params, text, why):
    """Its errors are of several classes. Ours takes all but what is not a pattern."""
    if column == "sentence":
        with pytest.raises(ParamError, match="customBounds"):
            spans("nnn", column, params, text)
    else:
        assert spans("nnn", column, params, text)
    with pytest.raises(Exception, match=why):
        spans("sss", column, params, text)


@pytest.fixture
def chunks(spark):
    """A function that gives the (result, entity) of each chunk of words `w` with these labels."""
    schema = StructType([StructField(column, NON_NULL_ANNOTATIONS) for column in TYPES])
    home = {"sentence": "0"}

    def of(package, labels, sentence=None):
        text = " ".join("w" for _ in labels)
        tokens = [("token", 2 * i, 2 * i, "w", home, []) for i in range(len(labels))]
        ner = [("named_entity", 2 * i, 2 * i, name, home, []) for i, name in enumerate(labels)]
        whole = [("document", 0, len(text) - 1, sentence or text, home, [])]
        frame = spark.createDataFrame([(whole, tokens, ner)], schema).select(
            *(F.col(c).alias(c, metadata=column_metadata(kind)) for c, kind in TYPES.items())
        )
        stage = package.NerConverter().setInputCols(list(TYPES)).setOutputCol("chunk")
        return [(a.result, a.metadata["entity"]) for a in stage.transform(frame).head()["chunk"]]

    return of


@pytest.mark.parametrize(("labels", "ours", "theirs"), LABELS, ids=str)
def test_labels(chunks, labels, ours, theirs):
    import sparknlp.annotator

    assert chunks(annotators, labels) == ours
    assert chunks(sparknlp.annotator, labels) == theirs


def test_a_sentence_shorter_than_its_span(chunks):
    """Spark NLP: requirement failed, chunk offsets are not within tokens."""
    import sparknlp.annotator

    assert chunks(annotators, ["B-X", "I-X"], "w") == [("w", "X")]
    with pytest.raises(Exception, match="Failed to flush entities"):
        chunks(sparknlp.annotator, ["B-X", "I-X"], "w")


@pytest.mark.parametrize(
    "params", [{}, {"IncludeMetadata": True}, {"OutputAsArray": False}], ids=str
)
def test_null_annotations_are_null_when_finished(spark, params):
    """Spark NLP fails the job."""
    import sparknlp.base

    schema = StructType([StructField("token", NON_NULL_ANNOTATIONS)])
    frame = spark.createDataFrame([(None,)], schema).select(
        F.col("token").alias("token", metadata=column_metadata("token"))
    )
    stages = [package.Finisher().setInputCols(["token"]) for package in (annotators, sparknlp.base)]
    for stage in stages:
        for name, value in params.items():
            getattr(stage, f"set{name}")(value)
    ours, theirs = (stage.transform(frame) for stage in stages)

    assert set(ours.head()) == {None}
    with pytest.raises(Exception, match=r"NullPointerException|Failed to execute user defined"):
        theirs.head()
