"""Metrics of a model's stage, run over Spark, on labelled examples.

Token labels are scored as seqeval does, texts as scikit-learn does, sentences by exact spans. Every
figure is rounded to four digits, as in the cards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import IntegerType, StructField, StructType

from annotators import (
    BertForSequenceClassification,
    BertForTokenClassification,
    SentenceDetectorDLModel,
)
from annotators._runtime.model_folder import ModelFolder
from annotators._spark.bert import LONGEST
from annotators.core.chunks.rules import label_scheme
from annotators.schema import ANNOTATIONS, DOCUMENT, TOKEN, column_metadata
from jobs._training.data import Example
from jobs.recipes.sentence_detector.exact_spans import SpannedText, exact_span_scores

_Bert = TypeVar("_Bert", BertForTokenClassification, BertForSequenceClassification)


def score_tokens(
    spark: SparkSession, model: ModelFolder, precision: str, examples: Sequence[Example]
) -> dict[str, Any]:
    """Precision, recall and F1 as seqeval has them, over all types and by type."""
    from seqeval.metrics import classification_report  # noqa: PLC0415 (extra [train])

    stage = _as_in_training(BertForTokenClassification.pretrained(model.reference), model)
    stage.setInputCols(["document", "token"]).setOutputCol("ner").setPrecision(precision)
    labelled = stage.transform(_token_frame(spark, [example.tokens for example in examples]))
    rows = labelled.orderBy("id").select(F.col("ner")["result"]).collect()
    predicted = [_known_to_seqeval(row[0], model.labels) for row in rows]
    expected = [list(example.tags) for example in examples]
    scores = classification_report(expected, predicted, output_dict=True, zero_division=0)
    return {"model": model.reference, "sentences": len(examples), **_plain(scores)}


def _known_to_seqeval(tags: Sequence[str], labels: Sequence[str]) -> list[str]:
    """A model's labels with the prefixes that seqeval reads: those of BILOU as those of BIOES."""
    if label_scheme(labels) != "IOBES":
        return list(tags)
    prefixes = {"U": "S", "L": "E", "M": "I"}
    return [tag if tag == "O" else prefixes.get(tag[0], tag[0]) + tag[1:] for tag in tags]


def score_texts(
    spark: SparkSession, model: ModelFolder, precision: str, examples: Sequence[Example]
) -> dict[str, Any]:
    """Accuracy, macro F1, each label's scores and the confusion (rows: expected)."""
    from sklearn.metrics import (  # noqa: PLC0415 (extra [train])
        accuracy_score,
        classification_report,
        confusion_matrix,
    )

    stage = _as_in_training(BertForSequenceClassification.pretrained(model.reference), model)
    stage.setInputCols(["document", "token"]).setOutputCol("class").setPrecision(precision)
    labelled = stage.transform(
        _token_frame(spark, [example.tokens[0].split() for example in examples])
    )
    predicted = [
        row[0] for row in labelled.orderBy("id").select(F.col("class")["result"][0]).collect()
    ]
    expected = [example.tags[0] for example in examples]
    labels = list(model.labels)
    scores = classification_report(
        expected, predicted, labels=labels, output_dict=True, zero_division=0
    )
    return {
        "model": model.reference,
        "texts": len(examples),
        "accuracy": round(float(accuracy_score(expected, predicted)), 4),
        "confusion": confusion_matrix(expected, predicted, labels=labels).tolist(),
        "labels": labels,
        **_plain({k: v for k, v in scores.items() if isinstance(v, dict)}),
    }


def score_sentences(
    spark: SparkSession, model: ModelFolder, texts: Sequence[SpannedText]
) -> dict[str, Any]:
    """Precision, recall and F1 of exact spans; a sentence counts if both its ends are right."""
    stage = SentenceDetectorDLModel.pretrained(model.reference)
    stage.setInputCols(["document"]).setOutputCol("sentence")
    schema = StructType([StructField("id", IntegerType()), _document_field()])
    frame = spark.createDataFrame([(i, _document(t.text)) for i, t in enumerate(texts)], schema)
    cut = stage.transform(frame).orderBy("id")
    rows = cut.select(F.col("sentence")["begin"], F.col("sentence")["end"]).collect()
    found = [frozenset((b, e + 1) for b, e in zip(begin, end, strict=True)) for begin, end in rows]
    scores = exact_span_scores([text.sentences for text in texts], found)
    rounded = {name: round(value, 4) for name, value in scores.items()}
    return {"model": model.reference, "texts": len(texts), **rounded}


def _as_in_training(stage: _Bert, model: ModelFolder) -> _Bert:
    """Set the longest windows that the model has, as those that its card's figures come from."""
    stage.setMaxSentenceLength(min(model.max_length, LONGEST))
    return stage


def _token_frame(spark: SparkSession, texts: Sequence[Sequence[str]]) -> DataFrame:
    """The given words as `document` and `token` columns, a blank between neighbours."""
    token = StructField("token", ANNOTATIONS, metadata=column_metadata(TOKEN))
    schema = StructType([StructField("id", IntegerType()), _document_field(), token])
    rows = [(i, _document(" ".join(words)), _tokens(words)) for i, words in enumerate(texts)]
    return spark.createDataFrame(rows, schema)


def _document_field() -> StructField:
    return StructField("document", ANNOTATIONS, metadata=column_metadata(DOCUMENT))


def _document(text: str) -> list[Any]:
    return [(DOCUMENT, 0, len(text) - 1, text, {"sentence": "0"}, [])]


def _tokens(words: Sequence[str]) -> list[Any]:
    tokens: list[Any] = []
    begin = 0
    for word in words:
        tokens.append((TOKEN, begin, begin + len(word) - 1, word, {"sentence": "0"}, []))
        begin += len(word) + 1
    return tokens


def _plain(scores: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {key: round(float(value), 4) for key, value in values.items()}
        for name, values in scores.items()
    }
