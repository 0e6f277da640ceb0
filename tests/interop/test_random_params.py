"""SentenceDetector and Tokenizer beside Spark NLP's, with params drawn at random.

The draws are the same each time. Left out are values with which Spark NLP fails the job or that are
rows of DIFFERENCES.md: a bound in a quote, groups that take no part, emojis with a targetPattern.
"""

import random

import pytest
from pyspark.ml import Pipeline, PipelineModel

import annotators

DRAWS, TEXTS = 10, 30
SENTENCES = {
    "UseAbbreviations": [True, False],
    "DetectLists": [True, False],
    "CustomBounds": [
        ["\n"], ["\n\n", "•"], ["\\."], ["[:;]", "\\d+\\."], ["(?<=:)"], ["(?=\\d)"], ["and"],
        ["(?i)plan:"], ["\\r?\\n"], ["\\p{Lu}{2,}"], ["[^\\x00-\\x7F]"], ["\\s-\\s", "\u00a0"],
    ],
    "CustomBoundsStrategy": ["none", "append", "prepend"],
    "UseCustomBoundsOnly": [True, False],
    "SplitLength": [1, 5, 20, 80],
    "MinLength": [0, 1, 2, 5, 20],
    "MaxLength": [5, 20, 100, 99_999],
}  # fmt: skip
TOKENS = {
    "Exceptions": [
        ["follow-up", "b.i.d."], ["Dr. A.", "no fever"], ["\\d+ mg"], ["(?i)plan:"], ["e\\.g\\."],
        ["[A-Z]+-\\d+", "x+"], ["81 mg", "Chest hurts"], ["etc.", "(neg.);", "a|b"],
    ],
    "CaseSensitiveExceptions": [True, False],
    "ContextChars": [[".", ",", ";"], ["(", ")", "[", "]", "."], ["“", "”", "\u00a0"], ["%", "^"]],
    "SplitChars": [["-"], ["/", "-"], ["\\."], ["_", "\\+"], ["'"], ["é", ":"]],
    "SplitPattern": ["-", "[0-9]+", "(?=[A-Z])", "\\.", "[-/]", "a|e", "(?<=\\d)(?=[a-z])"],
    "TargetPattern": ["\\S+", "[a-zA-Z0-9.]+", "\\w+", "[^\\s,]+", "\\p{L}+", "[^\\n]+", "\\D"],
    "InfixPatterns": [
        ["([a-z]+)(-)([a-z]+)"], ["(\\w+)"], ["(\\d+)([a-zA-Z]+)", "((?:\\w\\.)+)"],
        ["(.+)(\\/)(.+)", "([a-zA-Z]+)('s)"],
    ],
    "PrefixPattern": ["\\A([(.]*)", "\\A([^\\s\\w\\d\\.]*)", "\\A", "\\A(\\W*)"],
    "SuffixPattern": ["([).,]*)\\z", "([^\\s\\w]?)([^\\s\\w]*)\\z", "\\z", "(%?)([.,;]*)\\z"],
    "MinLength": [0, 1, 2, 3],
    "MaxLength": [1, 5, 10, 99_999],
}  # fmt: skip


def drawn(choices, seed):
    """Params as a user sets them: each with a chance of three in ten, none too often together."""
    draw = random.Random(seed)
    return {name: draw.choice(values) for name, values in choices.items() if draw.random() < 0.3}


@pytest.fixture(scope="module")
def some(spark, texts, adversarial_texts):
    """A function that gives texts of a draw, and the same as a frame."""
    all_texts = [*(text or "" for text in texts), *adversarial_texts]

    def make(seed, most):
        drawn_texts = random.Random(seed).sample(all_texts, TEXTS)
        kept = [text for text in drawn_texts if max(text, default="") <= most]
        rows = list(enumerate(kept))
        return kept, spark.createDataFrame(rows, "id int, text string").coalesce(1)

    return make


def annotated(stages, column, texts, frame):
    """What ours and theirs give for each text; ours by the kernels, without a Spark job."""
    ours, theirs = stages
    light = annotators.LightPipeline(PipelineModel(ours)).fullAnnotate(texts)
    rows = Pipeline(stages=theirs).fit(frame).transform(frame).orderBy("id").collect()
    return zip(texts, (row[column] for row in light), (row[column] for row in rows), strict=True)


def put(stages, which, params):
    for side in stages:
        for name, value in params.items():
            getattr(side[which], f"set{name}")(value)
    return stages


@pytest.mark.parametrize("seed", range(DRAWS))
def test_sentences(front_end, some, disagree, seed):
    params = drawn(SENTENCES, seed)
    stages = put([front_end(sides)[:2] for sides in ("nnn", "sss")], 1, params)
    made = list(annotated(stages, "sentence", *some(seed, "\U0010ffff")))

    assert [text for text, ours, theirs in made if disagree(text, ours, theirs)] == [], params


@pytest.mark.parametrize("seed", range(DRAWS))
def test_tokens(front_end, some, disagree, seed):
    params = drawn(TOKENS, 100 + seed)
    stages = put([front_end(sides) for sides in ("nnn", "sss")], 2, params)
    most = "\uffff" if "TargetPattern" in params else "\U0010ffff"
    made = list(annotated(stages, "token", *some(seed, most)))

    assert [text for text, ours, theirs in made if disagree(text, ours, theirs)] == [], params
