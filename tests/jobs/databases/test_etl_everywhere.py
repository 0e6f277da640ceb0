"""notemill etl from and into databases: the tables are those of a Parquet folder, row for row."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.jobs.databases.server import PASSWORD, USER

TABLES = ("entities", "notes", "note_nlp", "rejects")
UNLIKE = {"run_id", "nlp_date", "nlp_datetime"}


def etl(folder, source, sink, *arguments):
    from jobs.cli import app

    file = folder / "etl.yaml"
    file.write_text(json.dumps({"source": source, "sink": {**sink, "omop": True, "snippets": True},
                                "partitions": 2, "slice_notes": 3}), encoding="utf-8")  # fmt: skip
    result = CliRunner().invoke(app, ["etl", str(file), *arguments])
    assert PASSWORD not in result.output
    return result


def rows(read):
    found = {}
    for name in TABLES:
        records = read(name).astype(object).to_dict("records")
        found[name] = sorted(
            str(sorted((k, _plain(v)) for k, v in r.items() if k not in UNLIKE)) for r in records
        )
    return found


def _plain(value):
    """A value as text; what reads of other libraries are told apart by is made alike."""
    if value is None or value != value:
        return None
    return round(float(value), 4) if isinstance(value, float) else str(value)


@pytest.fixture(scope="module")
def texts(sample_notes):
    given = [note["text"][i * 300 : i * 300 + 400] for note in sample_notes[:2] for i in range(2)]
    return [*given, "", None, "No pain.\x00 takes aspirin\tfor 'pain'\\n"]


@pytest.fixture(scope="module")
def nights(texts):
    """Two nights of notes: later one is changed, one is new."""
    first = dict(enumerate(texts))
    return first, {**first, 1: texts[0] + " takes aspirin", 9: texts[2]}


def put(folder, notes):
    lines = [json.dumps({"note_id": n, "text": t}) for n, t in notes.items()]
    (folder / "notes.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {"path": str(folder / "notes.jsonl")}


@pytest.fixture(scope="module")
def expected(spark, nights, token_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("parquet")
    done = etl(folder, put(folder, nights[1]), {"path": str(folder / "out")},
               "--set", f"model={token_model}")  # fmt: skip
    assert done.exit_code == 0, (done.output, done.exception)
    return rows(lambda table: pd.read_parquet(folder / "out" / table))


def test_nights_into_postgresql(
    spark, server, schema, tmp_path, nights, expected, token_model, monkeypatch
):
    monkeypatch.setenv("SECRET", PASSWORD)
    sink = {"format": "postgresql", "url": server.url, "user": USER, "password": "${SECRET}",
            "schema": schema}  # fmt: skip
    for notes, said in zip(nights, ("7 new, 0 changed", "1 new, 1 changed"), strict=True):
        done = etl(tmp_path, put(tmp_path, notes), sink, "--set", f"model={token_model}")
        assert done.exit_code == 0, (done.output, done.exception)
        assert said in done.output

    def read(table):
        names = [row[0] for row in server.sql(
            "select column_name from information_schema.columns where table_schema = %s"
            " and table_name = %s order by ordinal_position", schema, table)]  # fmt: skip
        return pd.DataFrame(server.sql(f"select * from {schema}.{table}"), columns=names)

    found = rows(read)
    # No text of PostgreSQL holds NUL.
    wanted = {t: [r.replace("\\x00", "\ufffd") for r in rs] for t, rs in expected.items()}
    assert found == wanted
    assert len(found["note_nlp"]) == len(found["entities"]) > 5


def test_nights_into_delta_read_from_postgresql(
    spark, server, schema, tmp_path, nights, expected, token_model, monkeypatch
):
    from deltalake import DeltaTable

    monkeypatch.setenv("SECRET", PASSWORD)
    server.sql(f"create schema {schema}")
    server.sql(f"create table {schema}.note (note_id bigint primary key, note_text text)")
    source = {"format": "jdbc", "url": server.url, "user": USER, "password": "${SECRET}",
              "table": f"{schema}.note", "partitions": 2}  # fmt: skip
    for notes in nights:
        server.sql(f"truncate {schema}.note")
        for identity, text in notes.items():
            kept = text and text.replace("\x00", "\ufffd")
            server.sql(f"insert into {schema}.note values (%s, %s)", identity, kept)
        done = etl(tmp_path, source, {"format": "delta", "path": str(tmp_path / "out")},
                   "--set", f"model={token_model}")  # fmt: skip
        assert done.exit_code == 0, (done.output, done.exception)
    found = rows(lambda t: DeltaTable(str(tmp_path / "out" / t)).to_pyarrow_table().to_pandas())
    # The note with NUL is another one there: no text of PostgreSQL holds it.
    for table, known in expected.items():
        same = [[r for r in some if "('note_id', '6')" not in r] for some in (found[table], known)]
        assert same[0] == same[1]
    assert len(found["notes"]) == 8


def test_a_place_that_cannot_be_used_is_told_with_its_code(spark, tmp_path, token_model):
    sink = {"format": "postgresql", "url": "postgresql://127.0.0.1:1/x", "user": USER,
            "password": PASSWORD}  # fmt: skip
    done = etl(tmp_path, put(tmp_path, {1: "x"}), sink, "--set", f"model={token_model}")
    assert done.exit_code == 3
    assert "Connection refused" in done.output
    assert len(done.output.strip().splitlines()) == 1
