"""notemill etl night after night: what is new or changed is annotated, and the tables are those of
one run over all."""

import json
import stat

import pandas as pd
import pytest
from typer.testing import CliRunner

TABLES = ("entities", "notes", "rejects")


def run(config, *arguments):
    from jobs.cli import app

    return CliRunner().invoke(app, ["etl", str(config), *map(str, arguments)])


def done(config, *arguments):
    result = run(config, *arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def configured(folder, model, more=""):
    file = folder / "etl.yaml"
    file.write_text(
        f"source: {{path: {folder}/notes.jsonl}}\nsink: {{path: {folder}/archive}}\n"
        f"model: {model}\npartitions: 2\n{more}",
        encoding="utf-8",
    )
    return file


def put(folder, notes):
    lines = [json.dumps({"note_id": n, "text": t}) for n, t in notes]
    (folder / "notes.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def table(folder, name):
    return pd.read_parquet(folder / "archive" / name)


def rows(folder):
    """Every row of the tables as text, in order; run ids apart."""
    found = {}
    for name in TABLES:
        frame = table(folder, name)
        frame = frame.drop(columns=[c for c in ("run_id",) if c in frame])
        found[name] = sorted(json.dumps(r, default=str) for r in frame.to_dict("records"))
    return found


def last_run(folder):
    return table(folder, "runs").sort_values("started").iloc[-1]


def assert_adds_up(r):
    assert r.notes_in == r.notes_new + r.notes_changed + r.notes_unchanged + r.notes_left
    assert r.notes_new + r.notes_changed == r.notes_annotated + r.notes_null + r.notes_error


@pytest.fixture(scope="module")
def texts(sample_notes):
    return [note["text"][i * 300 : i * 300 + 400] for note in sample_notes[:6] for i in range(2)]


@pytest.fixture(scope="module")
def nights(spark, texts, token_model, tmp_path_factory):
    """Three nights in one folder, and the last one's notes in one run in another."""
    folder, whole = tmp_path_factory.mktemp("nights"), tmp_path_factory.mktemp("whole")
    config = configured(folder, token_model, "deleted: remove\nslice_notes: 4\n")
    first = list(enumerate(texts[:9]))
    put(folder, first)
    said = [done(config)]
    said.append(done(config))
    changed = {0: texts[9], 4: texts[10] + " takes aspirin", 5: None}
    second = [(i, changed.get(i, t)) for i, t in first if i != 7] + [(40, texts[11]), (41, "")]
    put(folder, second)
    plan = run(config, "--dry-run").output
    said.append(done(config))
    put(whole, second)
    done(configured(whole, token_model))
    return folder, whole, said, plan


def test_tables_after_three_nights_are_those_of_one_run(nights):
    folder, whole, _, _ = nights
    found, expected = rows(folder), rows(whole)
    for name in TABLES:
        assert set(found[name]) - set(expected[name]) == set()
        assert found[name] == expected[name]


def test_runs_count_every_note(nights):
    folder, whole, said, _ = nights
    runs = table(folder, "runs").sort_values("started").reset_index(drop=True)
    assert list(runs.notes_new) == [9, 0, 2]
    assert list(runs.notes_changed) == [0, 0, 3]
    assert list(runs.notes_unchanged) == [0, 9, 5]
    assert list(runs.notes_deleted) == [0, 0, 1]
    assert list(runs.notes_null) == [0, 0, 1]
    assert set(runs.state) == {"done"}
    for run_ in runs.itertuples():
        assert_adds_up(run_)
    assert "9 notes: 9 new" in said[0]
    assert "9 unchanged" in said[1]
    assert len(table(whole, "notes")) == 10


def test_the_plan_counts_and_changes_nothing(nights):
    _, _, _, plan = nights
    told = " ".join(plan.split())
    assert "new 2" in told
    assert "changed 3" in told
    assert "unchanged 5" in told
    assert "gone 1, which would be removed" in told
    assert "to annotate 5" in told


def test_spans_are_the_text_and_tables_are_linked(nights):
    folder = nights[0]
    lines = (folder / "notes.jsonl").read_text(encoding="utf-8").splitlines()
    notes = {n["note_id"]: n["text"] for n in map(json.loads, lines)}
    entities = table(folder, "entities")
    assert len(entities)
    for e in entities.itertuples():
        assert notes[e.note_id][e.begin : e.end + 1] == e.text
    counted = entities.groupby("note_id").size()
    kept = table(folder, "notes").set_index("note_id")["entities"]
    assert counted.to_dict() == kept[kept > 0].to_dict()


def test_files_are_for_their_owner_only(nights):
    archive = nights[0] / "archive"
    for place in [archive, *archive.rglob("*")]:
        if not place.is_symlink():
            assert stat.S_IMODE(place.stat().st_mode) == (0o700 if place.is_dir() else 0o600), place


def test_spark_reads_the_same_rows(nights, spark):
    folder = nights[0]
    for name in TABLES:
        read = spark.read.parquet(str(folder / "archive" / name))
        assert read.count() == len(table(folder, name))
        assert read.columns == list(table(folder, name).columns)
