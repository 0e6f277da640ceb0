"""notemill evaluate: a model's metrics on a labelled file, computed over Spark.

    notemill evaluate bert_token_classifier_ner_bc5cdr test.tsv
    notemill evaluate bert_sequence_classifier_sentiment test.jsonl --label-field stars \
        --map 1=negative --map 2=negative --map 3= --map 4=positive --map 5=positive
    notemill evaluate sentence_detector_dl_healthcare written_test.jsonl

A token classifier is scored by seqeval, entity by entity and type by type; a sequence classifier by
accuracy, macro F1 and its confusion; both need the extra [train]. A sentence detector is scored by
exact spans. `--map` is that of `notemill train`, so that a card's own options give its figures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from pyspark.sql import SparkSession

from annotators._runtime.model_folder import ModelFolder, find_model, in_precision
from jobs._evaluation import gold as _gold
from jobs._evaluation import scoring as _scoring
from jobs._run.command import verb
from jobs._run.exit_codes import InputError, errors_as_exit_codes
from jobs._run.spark import absolute_model, model_errors_of_workers, spark_session
from jobs._training import mapping as renamed
from jobs.sources.guard import keep_all

FILES = {
    "token-classification": "lines of a token and its tag (IOB2, BIOES, CoNLL) or a BRAT folder",
    "sequence-classification": "JSON lines, or CSV or TSV with a header, with a text and a label",
    "sentence-boundary": "JSON lines with a text and the spans of its sentences",
}
"""The tasks that can be scored, and the files that they are scored on."""

Fields = tuple[str, str]


def evaluate(
    model: Annotated[str, typer.Argument(help="a model's name or folder")],
    file: Annotated[
        Path,
        typer.Argument(
            help="tagged file, BRAT folder, or JSON lines with text and label or sentences"
        ),
    ],
    text_field: Annotated[str, typer.Option(help="field of a text")] = "text",
    label_field: Annotated[str, typer.Option(help="field of its label")] = "label",
    rename: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help="rename a type or label of the file: FROM=TO; FROM= drops the type, or the text",
        ),
    ] = None,
    precision: Annotated[str, typer.Option(help="weights to run: int8, fp32, bf16, auto")] = "auto",
    master: Annotated[str | None, typer.Option(help="Spark master; default: this machine")] = None,
    remote: Annotated[
        str | None, typer.Option(help="Spark Connect server, sc://HOST:PORT, instead of a master")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="also write the metrics here, JSON")] = None,
    json_: Annotated[
        bool, typer.Option("--json/--text", help="print JSON, or lines for people")
    ] = True,
) -> None:
    """Print a model's metrics on a labelled file. Exit codes as in notemill annotate. Example:

    notemill evaluate bert_token_classifier_ner_bc5cdr test.tsv
    """
    mapping, fields = renamed.parse(rename or []), (text_field, label_field)
    with errors_as_exit_codes(), model_errors_of_workers():
        if report is not None:
            keep_all([file], [report])
        found = find_model(absolute_model(model))
        spark = spark_session("notemill evaluate", master, remote)
        metrics = _metrics(spark, found, precision, file, fields, mapping)
        typer.echo(json.dumps(metrics, indent=1) if json_ else "\n".join(_lines(metrics)))
        if report is not None:
            report.write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")


def _metrics(
    spark: SparkSession,
    model: ModelFolder,
    precision: str,
    file: Path,
    fields: Fields,
    mapping: Mapping[str, str],
) -> dict[str, Any]:
    task = model.task or _task_of(file)
    try:
        if task == "token-classification":
            tagged = _gold.tagged_sentences(file, mapping, model.labels)
            return _scoring.score_tokens(spark, model, precision, tagged)
        if task == "sequence-classification":
            labelled = _gold.labelled_texts(file, fields, mapping, model.labels)
            return _scoring.score_texts(spark, model, precision, labelled)
        if task == "sentence-boundary" and not mapping:
            in_precision(model, precision)  # raises where the folder lacks it
            return _scoring.score_sentences(spark, model, _gold.marked_texts(file, fields[0]))
    except InputError as failure:
        raise InputError(
            f"{failure} {model.reference} is for {task}, scored on {FILES[task]}."
        ) from None
    if task in FILES:
        raise InputError(f"{model.reference} is for {task}: it has no labels to rename with --map.")
    raise InputError(f"{model.reference} is for {task}; what can be scored: {', '.join(FILES)}.")


def _lines(metrics: Mapping[str, Any], path: str = "") -> list[str]:
    """The metrics for people: a figure per line, those within others by their path."""
    lines: list[str] = []
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            lines += _lines(value, f"{path}{name} ")
        else:
            shown = f"{value:.4f}" if isinstance(value, float) else str(value)
            lines.append(f"{path}{name:<12} {shown}")
    return lines


def _task_of(file: Path) -> str:
    """The task that a labelled file is for; asked where a model folder does not name its own."""
    texts = file.suffix.lower() in (".json", ".jsonl", ".ndjson")
    return "sequence-classification" if texts else "token-classification"


if __name__ == "__main__":
    typer.run(verb(evaluate))
