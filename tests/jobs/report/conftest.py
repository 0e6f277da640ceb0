"""Runs as `notemill annotate` writes them, made without Spark."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ANNOTATION = pa.struct(
    [
        ("annotatorType", pa.string()), ("begin", pa.int32()), ("end", pa.int32()),
        ("result", pa.string()), ("metadata", pa.map_(pa.string(), pa.string())),
        ("embeddings", pa.list_(pa.float32())),
    ]
)  # fmt: skip


def annotation(kind, begin, text, **metadata):
    return {
        "annotatorType": kind, "begin": begin, "end": begin + len(text) - 1, "result": text,
        "metadata": list(metadata.items()), "embeddings": [],
    }  # fmt: skip


def write_run(folder, notes, entities, *, errors=None, extra=(), labels=None):
    """A run of notes {id: text} and entities (id, begin, end exclusive, label, score, *extra).

    labels: {id: [label, ...]}, one per note, makes a column of sentence labels.
    """
    errors = errors or {}
    sentences = [
        [annotation("document", 0, text, sentence="0")] if text else [] for text in notes.values()
    ]
    columns = {
        "note_id": pa.array(list(notes), pa.string()),
        "sentence": pa.array(sentences, pa.list_(ANNOTATION)),
        "error": pa.array([errors.get(i) for i in notes], pa.string()),
    }
    kinds = {"sentence": "document"}
    if labels:
        made = [
            [{**annotation("category", 0, notes[i]), "result": label, "metadata": [(label, "0.75")]}
             for label in labels.get(i, [])]
            for i in notes
        ]  # fmt: skip
        columns["class"] = pa.array(made, pa.list_(ANNOTATION))
        kinds["class"] = "category"
    fields = [{"name": n, "metadata": {"annotatorType": k}} for n, k in kinds.items()]
    facts = {
        "org.apache.spark.version": "4.3.0",
        "org.apache.spark.sql.parquet.row.metadata": json.dumps({"fields": fields}),
    }
    write(folder / "notes", pa.table(columns).replace_schema_metadata(facts))
    rows = [
        {"note_id": i, "begin": b, "end": e - 1, "text": notes[i][b:e], "label": label,
         "score": score, "sentence": 0, **dict(zip(extra, more, strict=True))}
        for i, b, e, label, score, *more in entities
    ]  # fmt: skip
    schema = pa.schema(
        [("note_id", pa.string()), ("begin", pa.int32()), ("end", pa.int32()),
         ("text", pa.string()), ("label", pa.string()), ("score", pa.float32()),
         ("sentence", pa.int32()), *((name, pa.string()) for name in extra)]
    )  # fmt: skip
    write(folder / "entities", pa.Table.from_pylist(rows, schema))
    return folder


def write(folder, table):
    folder.mkdir(parents=True)
    pq.write_table(table, folder / "part-00000.parquet")
    (folder / "_SUCCESS").touch()


@pytest.fixture
def make_run(tmp_path):
    """Writes a run into a folder of the test's own."""

    def make(*args, name="out", **kwargs):
        return write_run(tmp_path / name, *args, **kwargs)

    return make
