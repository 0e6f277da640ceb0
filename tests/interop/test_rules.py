"""DocumentAssembler, SentenceDetector and Tokenizer beside Spark NLP's: every annotation equal."""

import pytest
from pyspark.ml import Pipeline
from pyspark.sql import functions as F

from annotators.core.cleanup import CLEANUP_MODES

SENTENCE_PARAMS = [
    {},
    {"UseAbbreviations": False},
    {"DetectLists": False},
    {"CustomBounds": ["\n\n", "•"]},
    {"CustomBounds": ["\n"], "CustomBoundsStrategy": "append"},
    {"CustomBounds": ["\n"], "CustomBoundsStrategy": "prepend", "UseCustomBoundsOnly": True},
    {"MinLength": 10, "MaxLength": 80},
]
TOKEN_PARAMS = [
    {},
    {"Exceptions": ["follow-up", "Dr. A.", "b.i.d."], "CaseSensitiveExceptions": False},
    {"ContextChars": ["(", ")", ".", "“"]},
    {"SplitChars": ["-", "/"]},
    {"SplitPattern": "[0-9]+"},
    {"TargetPattern": "[a-zA-Z0-9.]+"},
    {"InfixPatterns": ["([a-z]+)(-)([a-z]+)"]},
    {"PrefixPattern": "\\A([(.]*)", "SuffixPattern": "([).,]*)\\z"},
    {"MinLength": 2, "MaxLength": 12},
]


@pytest.fixture
def differing(frame, in_characters):
    """A function that gives the ids of texts that two lists of stages annotate differently."""

    def compare(ours, theirs, column, compared=frame):
        made = [Pipeline(stages=s).fit(compared).transform(compared) for s in (ours, theirs)]
        left, right = ({r["id"]: r for r in m.select("id", "text", column).collect()} for m in made)
        assert len(left) == len(right) == compared.count()
        return [
            i
            for i, row in left.items()
            if in_characters(row["text"], row[column], utf16=False)
            != in_characters(row["text"], right[i][column], utf16=True)
        ]

    return compare


def put(stage, params):
    for name, value in params.items():
        getattr(stage, f"set{name}")(value)
    return stage


@pytest.mark.parametrize("mode", CLEANUP_MODES)
def test_documents(front_end, differing, mode):
    ours, theirs = (front_end(side)[0].setCleanupMode(mode) for side in ("nss", "sss"))
    # Spark NLP's offsets are those of the cleaned text, which is then the text to count in.
    assert differing_results(differing, ours, theirs) == []


def differing_results(differing, ours, theirs):
    frame = differing.__defaults__[0]
    left, right = (
        s.transform(frame).select("id", "document.result", "document.metadata").collect()
        for s in (ours, theirs)
    )
    return [a["id"] for a, b in zip(left, right, strict=True) if a != b]


@pytest.mark.parametrize("text", ["array('One.', '', 'Two.')", "array()", "text"])
def test_documents_with_metadata(spark, front_end, text):
    frame = spark.range(4).select(
        F.expr("if(id = 3, null, id)").alias("id"),
        F.lit("A text.").alias("text"),
        F.expr("if(id = 2, null, map('unit', 'ICU', 'id', 'mine', 'sentence', '7'))").alias("more"),
    ).withColumn("text", F.expr(text).cast("string" if text == "text" else "array<string>"))
    frame = frame.withColumn("id", F.col("id").cast("string"))
    made = [
        front_end(side)[0].setIdCol("id").setMetadataCol("more").transform(frame)
        for side in ("nss", "sss")
    ]
    left, right = ([r["document"] for r in m.collect()] for m in made)

    assert left == right


@pytest.mark.parametrize("params", SENTENCE_PARAMS, ids=str)
def test_sentences(front_end, differing, params):
    ours, theirs = (front_end(side)[:2] for side in ("nns", "sss"))
    put(ours[1], params), put(theirs[1], params)

    assert differing(ours, theirs, "sentence") == []


@pytest.mark.parametrize("params", TOKEN_PARAMS, ids=str)
def test_tokens(front_end, differing, params):
    ours, theirs = front_end("nnn"), front_end("sss")
    put(ours[2], params), put(theirs[2], params)

    assert differing(ours, theirs, "token") == []


def test_tokens_of_documents(front_end, differing):
    ours, theirs = ([s[0], s[2].setInputCols(["document"])] for s in map(front_end, ("nnn", "sss")))

    assert differing(ours, theirs, "token") == []


def test_a_sentence_a_row(front_end, differing, frame):
    made = []
    for side in ("nns", "sss"):
        stages = front_end(side)[:2]
        stages[1].setExplodeSentences(True)
        rows = Pipeline(stages=stages).fit(frame).transform(frame).collect()
        made.append(sorted((r["id"], [a.result for a in r["sentence"]]) for r in rows))

    assert made[0] == made[1]
