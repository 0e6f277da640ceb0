"""Labelled files that a model is scored on, read as `jobs.train` reads them.

Every error is an InputError with file and line, and never holds a text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import typer

from annotators.core.chunks.iob2 import entity_types
from jobs._run.exit_codes import InputError
from jobs._training import data
from jobs.recipes.sentence_detector.exact_spans import Span, SpannedText

_Read = TypeVar("_Read")


def tagged_sentences(
    file: Path, mapping: Mapping[str, str], labels: Sequence[str]
) -> tuple[data.Example, ...]:
    """Sentences of a tagged file or BRAT folder, types renamed, all of them known to the model.

    What was not taken as it stands is told on stderr.
    """
    found = _told(file, lambda: data.read_tagged(file, mapping))
    for line in found.told():
        typer.echo(f"notemill: {line}", err=True)
    examples = found.examples
    _known(file, examples, frozenset(entity_types(labels) or labels), entity_types)
    return examples


def labelled_texts(
    file: Path, fields: tuple[str, str], mapping: Mapping[str, str], labels: Sequence[str]
) -> tuple[data.Example, ...]:
    """Texts with one label each; those mapped to nothing, or to a mixture, have none to score."""
    found = _told(file, lambda: data.read_texts(file, *fields, mapping).examples)
    examples = data.unmixed(found)
    if not examples:
        raise InputError(f"{file.name}: every label is mapped to nothing or to a mixture.")
    _known(file, examples, frozenset(labels), tuple)
    return examples


def marked_texts(file: Path, text_field: str) -> tuple[SpannedText, ...]:
    """Texts of JSON lines {text, sentences: [[begin, end), ...]}, spans in order and disjoint."""
    rows = _told(file, lambda: file.read_text(encoding="utf-8").split("\n"))
    found = [
        _marked(f"{file.name}: line {number}", line, text_field)
        for number, line in enumerate(rows, 1)
        if line.strip()
    ]
    if not found:
        raise InputError(f"{file.name}: line 1: no marked text found.")
    return tuple(found)


def _told(file: Path, read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except data.DataError as failure:
        raise InputError(f"{failure}.") from None
    except (OSError, UnicodeDecodeError) as failure:
        raise InputError(f"cannot read {file}: {type(failure).__name__}.") from None


def _known(
    file: Path,
    examples: Iterable[data.Example],
    labels: frozenset[str],
    names: Callable[[Iterable[str]], Iterable[str]],
) -> None:
    """Refuse labels that the model lacks: they could only be scored as wrong."""
    first: dict[str, str] = {}
    for example in examples:
        for token, tag in enumerate(example.tags):
            for name in names([tag]):
                if name not in labels:
                    place = example.place(token if example.lines else 0)
                    where = f"{place[0]}:{place[1]}" if example.lines else f"line {place[1]}"
                    first.setdefault(name, where)
    if first:
        listed = ", ".join(f"{name!r} ({line})" for name, line in sorted(first.items()))
        raise InputError(
            f"{file.name} has labels that the model lacks: {listed}. The model has "
            f"{', '.join(sorted(labels))}: rename with --map FROM=TO, or drop with --map FROM=."
        )


def _marked(where: str, line: str, text_field: str) -> SpannedText:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise InputError(f"{where}: this is not a JSON object.")
    text, spans = row.get(text_field), row.get("sentences")
    if not isinstance(text, str) or not isinstance(spans, list):
        raise InputError(
            f"{where}: a text in field {text_field!r} and a list of spans in field 'sentences' "
            "were expected."
        )
    return SpannedText(text, tuple(_spans(where, spans, len(text))))


def _spans(where: str, spans: list[Any], length: int) -> Iterable[Span]:
    at = 0
    for number, span in enumerate(spans, 1):
        match span:
            case [int(begin), int(end)] if at <= begin < end <= length:
                at = end
                yield begin, end
            case _:
                raise InputError(
                    f"{where}: span {number} of 'sentences' is not [begin, end) inside the text "
                    "and behind the span before it."
                )
