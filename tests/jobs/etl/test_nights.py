"""notemill etl night after night: what is new or changed is annotated, and the tables are those of
one run over all."""

import json
import stat

import pytest
from typer.testing import CliRunner


@pytest.fixture(scope="module")
def nights(texts, new_nights, tmp_path_factory):
    """Three nights in one folder, and the last one's notes in one run in another."""
    etl, whole = (new_nights(tmp_path_factory.mktemp(name)) for name in ("nights", "whole"))
    etl.configure("deleted: remove\nslice_notes: 4\n")
    first = list(enumerate(texts[:9]))
    etl.put(first)
    said = [etl.done(), etl.done()]
    changed = {0: texts[9], 4: texts[10] + " takes aspirin", 5: None}
    second = [(i, changed.get(i, t)) for i, t in first if i != 7] + [(40, texts[11]), (41, "")]
    etl.put(second)
    plan = etl.run("--dry-run").output
    said.append(etl.done("--metrics", etl.folder / "etl.prom"))
    whole.put(second)
    whole.done()
    return etl, whole, said, plan


def test_tables_after_three_nights_are_those_of_one_run(nights):
    etl, whole, _, _ = nights
    found, expected = etl.rows(), whole.rows()
    for name in expected:
        assert set(found[name]) - set(expected[name]) == set()
        assert found[name] == expected[name]


def test_runs_count_every_note(nights):
    etl, whole, said, _ = nights
    runs = etl.table("runs").sort_values("started").reset_index(drop=True)
    assert list(runs.notes_new) == [9, 0, 2]
    assert list(runs.notes_changed) == [0, 0, 3]
    assert list(runs.notes_unchanged) == [0, 9, 5]
    assert list(runs.notes_deleted) == [0, 0, 1]
    assert list(runs.notes_null) == [0, 0, 1]
    assert set(runs.state) == {"done"}
    etl.last_run()
    assert "9 notes: 9 new" in said[0]
    assert "9 unchanged" in said[1]
    assert len(whole.table("notes")) == 10


def test_the_plan_counts_and_changes_nothing(nights):
    _, _, _, plan = nights
    told = " ".join(plan.split())
    assert "new 2" in told
    assert "changed 3" in told
    assert "unchanged 5" in told
    assert "gone 1, which would be removed" in told
    assert "to annotate 5" in told


def test_spans_are_the_text_and_tables_are_linked(nights):
    etl = nights[0]
    lines = etl.notes.read_text(encoding="utf-8").splitlines()
    notes = {n["note_id"]: n["text"] for n in map(json.loads, lines)}
    entities = etl.table("entities")
    assert len(entities)
    for e in entities.itertuples():
        assert notes[e.note_id][e.begin : e.end + 1] == e.text
    counted = entities.groupby("note_id").size()
    kept = etl.table("notes").set_index("note_id")["entities"]
    assert counted.to_dict() == kept[kept > 0].to_dict()


def test_files_are_for_their_owner_only(nights):
    archive = nights[0].archive
    for place in [archive, *archive.rglob("*")]:
        if not place.is_symlink():
            assert stat.S_IMODE(place.stat().st_mode) == (0o700 if place.is_dir() else 0o600), place


def test_spark_reads_the_same_rows(nights, spark):
    etl = nights[0]
    for name in ("entities", "notes", "rejects", "runs"):
        read = spark.read.parquet(str(etl.archive / name))
        assert read.count() == len(etl.table(name))
        assert read.columns == list(etl.table(name).columns)


def test_metrics_are_the_last_runs(nights):
    lines = (nights[0].folder / "etl.prom").read_text().splitlines()
    assert 'notemill_etl_notes{state="new"} 2' in lines
    assert 'notemill_etl_notes{state="changed"} 3' in lines
    assert "notemill_etl_exit_code 0" in lines
    assert all(
        line.startswith(("# HELP notemill_etl_", "# TYPE notemill_etl_", "notemill_etl_"))
        for line in lines
    )


def test_the_report_shows_the_tables_with_the_texts_of_the_source(nights, tmp_path):
    from jobs.cli import app

    etl = nights[0]
    page = tmp_path / "report.html"
    alone = CliRunner().invoke(app, ["report", str(etl.archive), "-o", str(page)])
    assert alone.exit_code == 3
    assert "--notes" in alone.output
    arguments = [str(etl.archive), "-o", str(page), "--notes", str(etl.notes)]
    result = CliRunner().invoke(app, ["report", *arguments])
    assert result.exit_code == 0, result.output
    assert f"10 notes, {len(etl.table('entities'))} entities" in result.output
    assert etl.table("notes").fingerprint[0] not in page.read_text()
