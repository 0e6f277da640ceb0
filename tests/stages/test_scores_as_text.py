"""Scores that come to NerConverter as text, from whatever made the labels."""

import pytest
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

from annotators import NerConverter
from annotators.schema import NON_NULL_ANNOTATIONS, column_metadata

TYPES = {"sentence": "document", "token": "token", "ner": "named_entity"}
SCORES = {
    "0.5": "0.5",
    ".5": "0.5",
    " 0.2 ": "0.2",
    "0.3f": "0.3",
    "0x1p-2": "0.25",
    "1e400": "Infinity",
    "Infinity": "Infinity",
    "1e-7": "1.0E-7",
    "abc": None,
    "": None,
    "1_0": None,
    "NaN": None,
    "nan": None,
}


@pytest.fixture
def confidences(spark):
    """A function that gives the confidence of each row's one chunk, of words with this metadata."""
    schema = StructType([StructField(column, NON_NULL_ANNOTATIONS) for column in TYPES])
    home = {"sentence": "0"}

    def of(rows):
        frame = spark.createDataFrame([_row(metadata, home) for metadata in rows], schema)
        typed = frame.coalesce(1).select(
            *(F.col(c).alias(c, metadata=column_metadata(kind)) for c, kind in TYPES.items())
        )
        stage = NerConverter(inputCols=list(TYPES), outputCol="chunk")
        return [
            row["chunk"][0]["metadata"].get("confidence")
            for row in stage.transform(typed).collect()
        ]

    return of


def _row(metadata, home):
    words = ["w"] * len(metadata)
    tokens = [("token", 2 * i, 2 * i, word, home, []) for i, word in enumerate(words)]
    labels = [
        ("named_entity", 2 * i, 2 * i, "I-X", {**home, **metadata[i]}, [])
        for i in range(len(words))
    ]
    text = " ".join(words)
    return [("document", 0, len(text) - 1, text, home, [])], tokens, labels


@pytest.mark.parametrize("key", ["I-X", "confidence"])
def test_a_score_may_have_any_form(confidences, key):
    assert confidences([[{key: text}] for text in SCORES]) == list(SCORES.values())


def test_a_mean_is_of_the_scores_there_are(confidences):
    half, one, none = {"I-X": "0.5"}, {"confidence": "1.0", "I-X": "9"}, {}
    no_number, nan = {"I-X": "high"}, {"I-X": "NaN"}

    assert confidences(
        [[half, one], [half, none, one], [none], [half, nan], [half, no_number], [no_number, none]]
    ) == ["0.75", "0.75", None, "0.5", None, None]
