"""Notes with their sentences, tokens and chunks, saved once so that no model runs when it is timed.

    python -m benchmarks.assertion.notes notes.jsonl annotated.jsonl

A line per note: `text`, and `sentences`, `tokens`, `chunks` as [begin, end, sentence], where end is
exclusive.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

from annotators import LightPipeline
from annotators.core.annotations import Annotations, row_offsets
from benchmarks.workload import read_texts
from pipelines import clinical_ner

Note = dict[str, Any]


def read_notes(path: Path) -> list[Note]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def columns_of(notes: Sequence[Note]) -> list[Annotations]:
    """Sentences, tokens and chunks of all notes, as the kernel takes them."""
    return [_column(notes, name) for name in ("sentences", "tokens", "chunks")]


def _column(notes: Sequence[Note], name: str) -> Annotations:
    spans = list(chain.from_iterable(note[name] for note in notes))
    begin, end, sentence = np.array(spans, np.int32).reshape(-1, 3).T
    texts = [note["text"][b:e] for note in notes for b, e, _ in note[name]]
    offsets = row_offsets(len(note[name]) for note in notes)
    return Annotations(offsets, begin, end, texts, {"sentence": sentence})


def annotate(texts: Iterable[str]) -> list[Note]:
    """The notes as the pipeline `clinical_ner` annotates them."""
    SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    light = LightPipeline(PipelineModel(clinical_ner().getStages()))
    columns = {"sentences": "sentence", "tokens": "token", "chunks": "ner_chunk"}
    notes = []
    for text in texts:
        made = light.fullAnnotate(text)[0]
        notes.append({
            "text": text,
            **{
                name: [[a.begin, a.end + 1, int(a.metadata["sentence"])] for a in made[column]]
                for name, column in columns.items()
            },
        })  # fmt: skip
    return notes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("annotated", type=Path)
    given = parser.parse_args()
    notes = annotate(read_texts(given.texts))
    given.annotated.write_text("".join(json.dumps(note) + "\n" for note in notes), "utf-8")
    print(f"{len(notes)} notes, {sum(len(note['chunks']) for note in notes):,} chunks")


if __name__ == "__main__":
    main()
