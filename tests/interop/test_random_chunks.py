"""NerConverter and Finisher beside Spark NLP's, over labels, scores and params drawn at random.

The draws are the same each time. What is never drawn is a row of DIFFERENCES.md: labels that
differ in case or have no prefix (but where nerHasNoSchema is set), sentences shorter than their
tokens or numbered otherwise than 0, 1, 2, an empty white list, characters beyond U+FFFF.
"""

import random

import pytest
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

import annotators
from annotators.schema import NON_NULL_ANNOTATIONS, column_metadata

DRAWS, ROWS = 10, 40
TYPES = {
    "sentence": "document",
    "token": "token",
    "ner": "named_entity",
    "vector": "word_embeddings",
}
LABELS = {
    "IOB2": ["O", "B-Disease", "I-Disease", "B-Chemical", "I-Chemical"],
    "IOB1": ["O", "I-Disease", "B-Disease", "I-Chemical"],
    "no B-": ["O", "I-A", "I-B"],
    "no O": ["B-A", "I-B"],
    "IOBES": ["O", "B-A", "I-A", "E-A", "S-A"],
    "BILOU": ["O", "B-A", "I-A", "L-A", "U-A"],
    "in parts": ["O", "B-A_B-C", "I-A_B-C", "B-A b", "I-A b"],
    "no names": ["O", "B-", "I-", "B-É", "I-É"],
    "other prefixes": ["O", "O-A", "X-A", "I_A", "B-B", "I-B"],
}
WITHOUT_PREFIX = ["O", "Disease", "B-Disease", "Chemical", "X"]
WORDS = ["Pt", "has", "HTN", ",", "naïve", "x\u03b3", "a\u00a0b", ".", "e\u0301", "患者", "x" * 40]
GAPS = [" ", "  ", "\n", "", "\t\n", "\u00a0"]
USUAL_SCORES = ["1", "0.5", "1.0E-4", "1e-7", "0", "-3", "0.33333334", "0.6666667", "16777217"]
ODD_SCORES = [
    *(" 0.2 ", "\t0.5\n", "0.3f", "0.3D", ".5", "5.", "+.5e+3", "0x1p-2", "0X1.8P1f", "-0"),
    *("Infinity", "1e400", "1e-400", "abc", "", ".", "0x1", "1_0", "1,5", "٣", "1 2"),
    *("0.5ff", "1e5L", "\u00a00.5"),
]
SCORES = ["none", "usual", "odd", "some", "confidence", "odd confidence", "both"]


def metadata_of(draw, labels, word, sentence, scores):
    """What a classifier says of a word, with scores of a kind."""
    texts = USUAL_SCORES if scores in ("usual", "some", "confidence") else ODD_SCORES
    metadata = {"sentence": str(sentence), "word": word}
    if scores in ("usual", "odd", "both") or (scores == "some" and draw.random() < 0.5):
        metadata |= {label: draw.choice([*USUAL_SCORES, draw.choice(texts)]) for label in labels}
    if scores.endswith("confidence") or (scores == "both" and draw.random() < 0.5):
        metadata |= {"confidence": draw.choice(texts)}
    return metadata


def drawn_row(draw, labels, scores):
    """Sentences, tokens, labels and vectors of random words; some tokens have no label."""
    sentences, tokens, ner, vectors, at = [], [], [], [], draw.choice([0, 0, 7])
    often_outside = draw.random() < 0.5 and "O" in labels
    for number in range(draw.randint(0, 4)):
        begin, text = at, ""
        for _ in range(draw.randint(1, 9)):
            word, gap = draw.choice(WORDS), draw.choice(GAPS)
            label = "O" if often_outside and draw.random() < 0.5 else draw.choice(labels)
            span = (at, at + len(word) - 1)
            home = {"sentence": str(number)}
            tokens.append(("token", *span, draw.choice([word, word.lower()]), home, []))
            vector = [draw.choice([0.5, -1e10, 1e-5, 3.0, float("nan")]) for _ in range(2)]
            vectors.append(("word_embeddings", *span, word, home, vector))
            if draw.random() < 0.95:
                metadata = metadata_of(draw, labels, word, number, scores)
                ner.append(("named_entity", *span, label, metadata, []))
            text, at = text + word + gap, at + len(word + gap)
        kept = draw.choice([text, text.rstrip(" \n\t")])
        end = begin + len(kept) - 1
        sentences.append(("document", begin, end, kept, {"sentence": str(number)}, []))
        at += draw.choice([0, 1, 3])
    return sentences, tokens, draw.sample(ner, len(ner)), vectors


@pytest.fixture
def drawn(typed):
    """A function that gives the frame of a draw."""

    def make(draw, kind, scores):
        labels = WITHOUT_PREFIX if kind == "no prefix" else LABELS[kind]
        return typed([drawn_row(draw, labels, scores) for _ in range(ROWS)], TYPES).coalesce(1)

    return make


def drawn_params(draw, labels, kind):
    params = {}
    if draw.random() < 0.4:
        types = sorted({label if kind == "no prefix" else label[2:] for label in labels[1:]})
        params["WhiteList"] = draw.sample([*types, "unheard of"], draw.randint(1, len(types)))
    if kind == "no prefix" or draw.random() < 0.2:
        params["NerHasNoSchema"] = True
    if draw.random() < 0.3:
        params["PreservePosition"] = draw.random() < 0.5
    return params


def first_words(rows):
    """Chunks with the first word of their result: more Spark NLP does not give where they were not
    to keep the text between their ends.
    """
    return [[(a.begin, a.end, a.result.split(" ")[0], a.metadata) for a in row] for row in rows]


@pytest.mark.parametrize("seed", range(DRAWS))
def test_chunks(drawn, both, seed):
    draw = random.Random(seed)
    kind, scores = draw.choice([*LABELS, "no prefix"]), draw.choice(SCORES)
    params = drawn_params(draw, LABELS.get(kind, WITHOUT_PREFIX), kind)
    frame = drawn(draw, kind, scores)
    left, right = ([r["chunk"] for r in s.transform(frame).collect()] for s in both(params))
    if params.get("PreservePosition") is False:
        left, right = first_words(left), first_words(right)

    assert [(a, b) for a, b in zip(left, right, strict=True) if a != b] == [], (
        params,
        kind,
        scores,
    )


FINISHED = {
    "ValueSplitSymbol": ["#", "=", "", "$1", "\\", "->", "\n", "é😀"],
    "AnnotationSplitSymbol": ["@", "", "|", "\n\n", " -> "],
    "CleanAnnotations": [True, False],
    "IncludeMetadata": [True, False],
    "OutputAsArray": [True, False],
    "ParseEmbeddingsVectors": [True, False],
}
METADATA_KEYS = ["sentence", "word", "result", "embeddings", "", "a->b", "a -> b", "é", "Aa", "BB"]
METADATA_VALUES = ["0", "", "a@b#c", "a -> b", "null", "😀", "$1\\", None]


def drawn_annotations(draw, kind):
    """A row's annotations with results and metadata that are hard to tell apart in one string."""
    vector = [draw.choice([0.5, -1e10, 1e-5, 3.0, 0.1, float("nan")]) for _ in range(3)]
    return [
        (
            kind,
            draw.randint(-1, 5),
            draw.randint(-1, 5),
            draw.choice(["", "a", "a@b", "#", " -> ", "x->y", "null", "😀", "\n"]),
            {
                key: draw.choice(METADATA_VALUES)
                for key in draw.sample(METADATA_KEYS, draw.randint(0, len(METADATA_KEYS)))
            },
            vector if kind == "word_embeddings" or draw.random() < 0.2 else [],
        )
        for _ in range(draw.randint(0, 4))
    ]


@pytest.mark.parametrize("seed", range(DRAWS))
def test_finished(spark, seed):
    from sparknlp.base import Finisher

    draw = random.Random(seed)
    schema = StructType([StructField(column, NON_NULL_ANNOTATIONS) for column in TYPES])
    rows = [tuple(drawn_annotations(draw, kind) for kind in TYPES.values()) for _ in range(ROWS)]
    frame = spark.createDataFrame(rows, schema).coalesce(1).select(
        F.monotonically_increasing_id().alias("id"),
        *(F.col(c).alias(c, metadata=column_metadata(kind)) for c, kind in TYPES.items()),
    )  # fmt: skip
    columns = draw.sample(list(TYPES), draw.randint(1, len(TYPES)))
    params = {name: draw.choice(v) for name, v in FINISHED.items() if draw.random() < 0.5}
    if draw.random() < 0.3:
        params["OutputCols"] = [f"{column} plain" for column in columns]
    made = []
    for stage in (annotators.Finisher(), Finisher()):
        stage.setInputCols(columns)
        for name, value in params.items():
            getattr(stage, f"set{name}")(value)
        made.append(stage.transform(frame))
    left, right = ([tuple(row) for row in one.collect()] for one in made)

    assert made[0].columns == made[1].columns, params
    assert [f.dataType for f in made[0].schema] == [f.dataType for f in made[1].schema], params
    assert [(a, b) for a, b in zip(left, right, strict=True) if repr(a) != repr(b)] == [], params
