"""notemill evaluate: a model's metrics on a labelled file, computed over Spark.

    notemill evaluate bert_token_classifier_ner_bc5cdr test.tsv
    notemill evaluate bert_sequence_classifier_sentiment test.jsonl

A token classifier is scored by seqeval, entity by entity and type by type; a sequence classifier by
accuracy, macro F1 and its confusion. Needs the extra [train].
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import IntegerType, StructField, StructType

from annotators import BertForSequenceClassification, BertForTokenClassification
from annotators._runtime.model_folder import ModelFolder, find_model
from annotators.core.iob2 import Iob2Error, Sentence, parse
from annotators.schema import ANNOTATIONS, DOCUMENT, TOKEN, column_metadata
from jobs._exit import InputError, told_in_one_line
from jobs._spark import absolute_model, model_errors_of_workers, spark_session


def evaluate(
    model: Annotated[str, typer.Argument(help="a model's name or folder")],
    file: Annotated[Path, typer.Argument(help="IOB2 file, or JSON lines with text and label")],
    text_field: Annotated[str, typer.Option(help="field of a text (JSON lines)")] = "text",
    label_field: Annotated[str, typer.Option(help="field of its label (JSON lines)")] = "label",
    master: Annotated[str | None, typer.Option(help="Spark master; default: this machine")] = None,
    report: Annotated[Path | None, typer.Option(help="also write the metrics here, JSON")] = None,
) -> None:
    """Print a model's metrics on a labelled file. Exit codes as in notemill annotate."""
    with told_in_one_line(), model_errors_of_workers():
        found = find_model(absolute_model(model))
        spark = spark_session("notemill evaluate", master)
        if (found.task or _task_of(file)) == "sequence-classification":
            metrics = _score_texts(spark, found, file, text_field, label_field)
        else:
            metrics = _score_tokens(spark, found, file)
        typer.echo(json.dumps(metrics, indent=1))
        if report is not None:
            report.write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")


def _task_of(file: Path) -> str:
    """The task that a labelled file is for; asked where a model folder does not name its own."""
    texts = file.suffix.lower() in (".json", ".jsonl", ".ndjson")
    return "sequence-classification" if texts else "token-classification"


def _score_tokens(spark: SparkSession, model: ModelFolder, file: Path) -> dict[str, Any]:
    """Precision, recall and F1 as seqeval has them, over all types and by type."""
    from seqeval.metrics import classification_report  # noqa: PLC0415 (extra [train])

    sentences = _read_iob2(file)
    stage = BertForTokenClassification.pretrained(model.reference)
    stage.setInputCols(["document", "token"]).setOutputCol("ner")
    labelled = stage.transform(_token_frame(spark, [list(s.tokens) for s in sentences]))
    predicted = [row[0] for row in labelled.orderBy("id").select(F.col("ner")["result"]).collect()]
    expected = [list(sentence.tags) for sentence in sentences]
    scores = classification_report(expected, predicted, output_dict=True, zero_division=0)
    return {"model": model.reference, "sentences": len(sentences), **_plain(scores)}


def _score_texts(
    spark: SparkSession, model: ModelFolder, file: Path, text_field: str, label_field: str
) -> dict[str, Any]:
    """Accuracy, macro F1, each label's scores and the confusion (rows: expected)."""
    from sklearn.metrics import (  # noqa: PLC0415 (extra [train])
        accuracy_score,
        classification_report,
        confusion_matrix,
    )

    texts, expected = _read_labelled(file, text_field, label_field)
    unknown = sorted(set(expected) - set(model.labels))
    if unknown:
        raise InputError(f"{file} has labels that the model lacks: {', '.join(unknown)}.")
    stage = BertForSequenceClassification.pretrained(model.reference)
    stage.setInputCols(["document", "token"]).setOutputCol("class")
    labelled = stage.transform(_token_frame(spark, [text.split() for text in texts]))
    predicted = [
        row[0] for row in labelled.orderBy("id").select(F.col("class")["result"][0]).collect()
    ]
    labels = list(model.labels)
    scores = classification_report(expected, predicted, output_dict=True, zero_division=0)
    return {
        "model": model.reference,
        "texts": len(texts),
        "accuracy": accuracy_score(expected, predicted),
        "confusion": confusion_matrix(expected, predicted, labels=labels).tolist(),
        "labels": labels,
        **_plain({k: v for k, v in scores.items() if isinstance(v, dict)}),
    }


def _token_frame(spark: SparkSession, texts: list[list[str]]) -> DataFrame:
    """The given words as `document` and `token` columns, a blank between neighbours."""
    schema = StructType(
        [
            StructField("id", IntegerType()),
            StructField("document", ANNOTATIONS, metadata=column_metadata(DOCUMENT)),
            StructField("token", ANNOTATIONS, metadata=column_metadata(TOKEN)),
        ]
    )
    rows = [(i, *_annotations(words)) for i, words in enumerate(texts)]
    return spark.createDataFrame(rows, schema)


def _annotations(words: list[str]) -> tuple[list[Any], list[Any]]:
    text, begin = " ".join(words), 0
    tokens: list[Any] = []
    for word in words:
        tokens.append((TOKEN, begin, begin + len(word) - 1, word, {"sentence": "0"}, []))
        begin += len(word) + 1
    return [(DOCUMENT, 0, len(text) - 1, text, {"sentence": "0"}, [])], tokens


def _read_iob2(file: Path) -> tuple[Sentence, ...]:
    try:
        with file.open(encoding="utf-8") as lines:
            return parse(lines).sentences
    except Iob2Error as failure:
        raise InputError(f"cannot read {file}: {failure}.") from None
    except (OSError, UnicodeDecodeError) as failure:
        raise InputError(f"cannot read {file}: {type(failure).__name__}.") from None


def _read_labelled(file: Path, text_field: str, label_field: str) -> tuple[list[str], list[str]]:
    texts, labels = [], []
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as failure:
        raise InputError(f"cannot read {file}: {type(failure).__name__}.") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        row = _json_object(line)
        if row is None:
            raise InputError(f"{file}, line {number} is no JSON object.")
        if text_field not in row or label_field not in row:
            raise InputError(f"{file}, line {number} lacks '{text_field}' or '{label_field}'.")
        texts.append(str(row[text_field]))
        labels.append(str(row[label_field]))
    if not texts:
        raise InputError(f"{file} has no lines.")
    return texts, labels


def _json_object(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _plain(scores: dict[str, Any]) -> dict[str, Any]:
    """Metrics as plain numbers, rounded to four digits."""
    return {
        name: {key: round(float(value), 4) for key, value in values.items()}
        for name, values in scores.items()
    }


if __name__ == "__main__":
    typer.run(evaluate)
