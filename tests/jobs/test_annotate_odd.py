"""notemill annotate on inputs with odd names, and on inputs of which nothing comes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from jobs.sources import parsing
from jobs.sources.files import read_notes

ROOT = Path(__file__).resolve().parents[2]
TEXT = "The patient takes aspirin."


def run(*arguments):
    from jobs.cli import app

    return CliRunner().invoke(app, ["annotate", *map(str, arguments)])


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("id_col", "text_col", "written"),
    [
        ("error", "document", "note_id"),
        ("Sentence", "ner", "note_id"),
        ("id", "error", "id"),
        ("text", "token", "note_id"),
        ("mark", "Document", "mark"),
        ("a`b.c", "id", "a`b.c"),
    ],
)
def test_columns_called_as_the_job_s_own(spark, token_model, tmp_path, id_col, text_col, written):
    notes = write(tmp_path / "n.jsonl", {id_col: "n1", text_col: TEXT, "x": 1})
    result = run(notes, tmp_path / "out", "--model", token_model, "--id-col", id_col, "--text-col",
                 text_col)  # fmt: skip
    assert result.exit_code == 0, result.output
    assert (f"'{id_col}' is another column" in result.output) == (written != id_col)
    found = pd.read_parquet(tmp_path / "out" / "notes")
    assert list(found.columns) == [written, "sentence", "ner_chunk", "assertion", "error"]
    assert list(found[written]) == ["n1"]
    assert found["error"].isna().all()
    assert found["sentence"][0][0]["result"] == TEXT
    entities = pd.read_parquet(tmp_path / "out" / "entities")
    assert list(entities.columns)[:5] == [written, "begin", "end", "text", "label"]


def test_a_job_that_can_read_no_note_says_so_and_is_no_success(spark, token_model, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        (tmp_path / "in" / f"{name}.txt").write_bytes(b"Sj\xf6gren")
    result = run(tmp_path / "in", tmp_path / "out", "--model", token_model)
    assert result.exit_code == 3, result.output
    assert "2 notes, 0 entities, 2 errors" in result.output
    assert "no note could be read" in result.output
    assert len(pd.read_parquet(tmp_path / "out" / "notes")) == 2


def test_a_job_in_which_every_note_fails_is_no_success(spark, token_model, tmp_path):
    notes = write(tmp_path / "n.jsonl", *[{"note_id": None, "text": TEXT}] * 2)
    assert run(notes, tmp_path / "ids", "--model", token_model).exit_code == 0
    from jobs._annotate.counts import Counts
    from jobs.sources.files import REPEATED

    Counts(3, 0, [("Tokenizer: ValueError", 2)]).check()
    Counts(3, 0, [("Tokenizer: ValueError", 2), (REPEATED, 1)]).check()
    with pytest.raises(Exception, match="every note failed") as told:
        Counts(3, 0, [("Tokenizer: ValueError", 2), ("annotate: UnreadableRecord", 1)]).check()
    assert type(told.value).__name__ == "NotemillError"


def test_there_are_never_more_partitions_than_notes(spark):
    from jobs._annotate.work import _partitions

    notes = spark.createDataFrame([("1", "a"), ("2", None)], "id string, text string")
    assert [_partitions(spark, notes, "x", asked) for asked in (500, 2, 1, None)] == [2, 2, 1, 2]


@pytest.mark.parametrize(("piece", "count"), [(3, 4), (7, 4), (64, 12), (1_000, 12)])
def test_a_large_file_of_json_lines_is_read_in_pieces(spark, tmp_path, monkeypatch, piece, count):
    rows = [{"note_id": i, "text": "a\u2028b ö" * i} for i in range(count)]
    lines = [json.dumps(row, ensure_ascii=i % 2 == 0) for i, row in enumerate(rows)]
    bad = count // 2
    lines[bad] = lines[bad][:-2]
    path = tmp_path / "n.jsonl"
    path.write_text("\ufeff" + "\r\n".join(lines) + "\n\n", encoding="utf-8", newline="")
    monkeypatch.setattr(parsing, "PIECE", piece)
    frame = read_notes(spark, str(path), None, "note_id", "text")
    found = sorted((row["note_id"], row["text"]) for row in frame.where("error is null").collect())
    assert found == [(i, row["text"]) for i, row in enumerate(rows) if i != bad]
    assert frame.count() == count


def test_a_large_array_over_lines_is_read_as_one(spark, tmp_path, monkeypatch):
    rows = [{"note_id": i, "text": "a"} for i in range(9)]
    (tmp_path / "n.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    monkeypatch.setattr(parsing, "PIECE", 10)
    frame = read_notes(spark, str(tmp_path / "n.json"), None, "note_id", "text")
    assert sorted(row["note_id"] for row in frame.where("error is null").collect()) == [*range(9)]


@pytest.mark.slow
def test_names_with_umlauts_in_a_locale_without_them(token_model, tmp_path):
    (tmp_path / "süb").mkdir()
    for name in ("ö", "plain"):
        frame = pd.DataFrame([{"note_id": name, "text": TEXT}])
        frame.to_parquet(tmp_path / "süb" / f"{name}.parquet")
    kept = {k: v for k, v in os.environ.items() if k not in ("LANG", "LC_CTYPE")}
    done = subprocess.run(
        [sys.executable, "-m", "jobs.cli", "annotate", "süb", "öut", "--model", str(token_model)],
        cwd=tmp_path, env={**kept, "LC_ALL": "C", "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert sorted(pd.read_parquet(tmp_path / "öut" / "notes")["note_id"]) == ["plain", "ö"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["süb", "öut"]
