"""Notes and files that are wrong: all are accounted for, and the others are annotated as alone."""

import gzip
import json

import pandas as pd
import pytest

from benchmarks.etl.kinds import KINDS, Made, poisoned
from benchmarks.etl.poisoned import differing, mixed, unaccounted, write_files

GOOD = "The patient denies pain and takes aspirin 5 mg. No fever."


def line(identity, text):
    return json.dumps({"note_id": identity, "text": text})


def test_every_bad_note_is_accounted_for(etl, new_nights, tmp_path_factory):
    good, bad = [f"{GOOD} {i}" for i in range(6)], poisoned(len(KINDS), large=0)
    assert len(bad.kinds) == len(KINDS) >= 30
    write_files(etl.folder / "source", mixed(good, bad))
    etl.configure(source=etl.folder / "source")
    said = etl.done()
    alone = new_nights(tmp_path_factory.mktemp("alone"))
    write_files(alone.folder / "source", mixed(good, Made()))
    alone.configure(source=alone.folder / "source")
    alone.done()

    etl.last_run()
    assert unaccounted(etl.archive, len(good), bad) == []
    assert differing(etl.archive, alone.archive, len(good)) == []
    assert f"{sum(bad.rejects.values())} errors" in said
    notes = etl.table("notes").set_index("note_id")
    assert notes[notes.index.str.startswith("an endless line")].entities.iloc[0] > 100

    before = etl.rows()
    etl.done()
    again = etl.last_run()
    assert (again.notes_new, again.notes_changed) == (0, 0)
    assert again.notes_unchanged == len(good) + sum(bad.ends.values())
    assert etl.rows() == before

    (other,) = notes.index[notes.index.str.startswith("two texts in a file")]
    (null,) = notes.index[notes.index.str.startswith("no text")]
    etl.put_lines([line(f"good {i}", t) for i, t in enumerate(good)])
    with etl.notes.open("a", encoding="utf-8") as file:
        file.write(line(other, "Pain.") + "\n" + line(null, "Pain.") + "\n")
    etl.configure("deleted: remove\n")
    etl.done()
    assert etl.last_run().notes_changed == 2
    assert len(etl.table("rejects")) == 0
    assert set(etl.table("notes").note_id) == {*(f"good {i}" for i in range(6)), other, null}


@pytest.mark.parametrize(
    ("ids", "kind"),
    [([1, 2**62], "bigint"), (["a", "7"], "string"), ([1.5, 2.5], "double")],
    ids=["long", "string", "double"],
)
def test_ids_keep_their_type(etl, spark, ids, kind):
    etl.put([(i, GOOD) for i in ids])
    etl.done()
    etl.put([(ids[0], "Pain."), (ids[1], GOOD)])
    etl.done()
    assert etl.last_run().notes_changed == 1
    for name in ("entities", "notes", "rejects"):
        read = spark.read.parquet(str(etl.archive / name))
        assert read.schema["note_id"].dataType.simpleString() == kind
    assert sorted(etl.table("notes").note_id) == sorted(ids)


def test_decimal_ids_from_parquet_files(etl, spark, tmp_path):
    frame = spark.sql(
        "select cast(id as decimal(20,2)) note_id, 'Takes aspirin.' text from range(3)"
    )
    frame.coalesce(1).write.parquet(str(tmp_path / "source"))
    etl.configure(source=tmp_path / "source")
    etl.done()
    frame.selectExpr("note_id", "concat(text, ' Pain.') text").coalesce(1).write.mode(
        "overwrite"
    ).parquet(str(tmp_path / "source"))
    etl.done()
    assert etl.last_run().notes_changed == 3
    assert len(etl.table("notes")) == 3


def test_an_empty_source_changes_nothing(etl):
    etl.put([(1, GOOD)])
    etl.done()
    before, runs = etl.rows(), len(etl.table("runs"))
    etl.notes.write_text("")
    assert "there are no notes" in etl.done()
    assert etl.rows() == before
    assert len(etl.table("runs")) == runs
    (etl.folder / "empty").mkdir()
    etl.done("--set", f"source.path={etl.folder / 'empty'}")
    etl.configure("deleted: remove\n")
    assert "--allow-empty" in etl.fails(3, "--set", f"source.path={etl.folder / 'empty'}")
    assert "--allow-empty" in etl.fails(3)
    assert "--allow-empty" in etl.fails(3, "--dry-run")
    assert etl.rows() == before
    etl.done("--allow-empty")
    assert {name: len(rows) for name, rows in etl.rows().items()} == {
        "entities": 0,
        "notes": 0,
        "rejects": 0,
    }
    assert etl.last_run().notes_deleted == 1


def test_a_source_that_drifts_is_told_and_leaves_the_tables(etl):
    etl.put([(1, GOOD)])
    etl.done()
    before = etl.rows()
    etl.put_lines(['{"note_id": 1, "body": "Pain."}'])
    assert "there is no column 'text'" in etl.fails(3)
    etl.put([("one", GOOD)])
    told = etl.fails(3)
    assert "column note_id of type bigint" in told
    assert "string" in told
    etl.notes.unlink()
    assert "there is nothing at" in etl.fails(3)
    assert etl.rows() == before


def test_files_in_several_forms_and_folders(etl, tmp_path):
    folder = tmp_path / "many"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.jsonl").write_text(line(1, GOOD) + "\n" + line(2, GOOD) + "\n")
    with gzip.open(folder / "sub" / "b.jsonl.gz", "wt") as file:
        file.write(line(2, GOOD) + "\n" + line(3, "Pain.") + "\n" + line(1, "Other pain.") + "\n")
    etl.configure(source=folder)
    etl.done()
    notes = etl.table("notes").set_index("note_id")
    assert notes.error.to_dict() == {1: "etl: RepeatedNoteId", 2: None, 3: None}
    assert etl.last_run().rows_in == 5


def test_a_damaged_file_takes_no_note_out(etl, tmp_path):
    """What cannot be read is not gone."""
    folder = tmp_path / "many"
    folder.mkdir()
    for name, ids in (("a", range(3)), ("b", range(3, 400))):
        rows = "".join(line(f"n{i}", f"{GOOD} {i}") + "\n" for i in ids)
        (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
    etl.configure("deleted: remove\n", folder)
    etl.done()
    before = etl.rows()
    whole = (folder / "b.jsonl.gz").read_bytes()
    (folder / "b.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    for arguments in ([], ["--dry-run"]):
        assert "cannot be read to its end" in etl.fails(3, *arguments)
    assert etl.rows() == before
    etl.done("--set", "deleted=keep")
    assert etl.rows()["entities"] == before["entities"]
    assert list(etl.table("rejects").exception) == ["UnreadableFile"]
    (folder / "b.jsonl.gz").write_bytes(whole)
    etl.done()
    assert etl.rows() == before


def test_too_many_errors(etl):
    etl.put_lines([line(1, GOOD), line(2, 5), line(3, GOOD), "{"])
    etl.configure("max_error_rate: 0.4\n")
    told = etl.fails(7, "--metrics", etl.folder / "m.prom")
    assert told.startswith("50.0% of the notes failed, at most 40.0% may")
    assert "notemill_etl_exit_code 7" in (etl.folder / "m.prom").read_text()
    assert len(etl.table("notes")) == 0
    assert list(etl.table("runs").state) == ["aborted"]
    etl.configure("max_error_rate: 0.4\non_error_rate: commit\n")
    assert "all is in the tables" in etl.fails(7)
    assert len(etl.table("notes")) == 3
    assert len(etl.table("rejects")) == 2
    etl.configure("max_error_rate: 0.5\n")
    etl.done()


def test_limit_leaves_the_rest_to_later_runs(etl):
    etl.put([(i, f"{GOOD} {i}") for i in range(5)])
    etl.done("--limit", 2)
    run = etl.last_run()
    assert (run.notes_in, run.notes_new, run.notes_left) == (5, 2, 3)
    assert set(etl.table("notes").note_id) == {0, 1}
    etl.done()
    assert (etl.last_run().notes_new, etl.last_run().notes_unchanged) == (3, 2)


def test_another_model_annotates_anew_or_beside(etl, spark, tmp_path):
    from tests.conftest import TOKEN_LABELS, write_tiny_bert

    etl.put([(1, GOOD), (2, "Pain.")])
    etl.done()
    first = etl.table("notes").fingerprint[0]
    other = write_tiny_bert(tmp_path / "other", TOKEN_LABELS, "token-classification", seed=8)
    changed = ["--set", f"model={other}"]
    etl.done(*changed, "--set", "keep_fingerprints=true")
    notes = etl.table("notes")
    assert len(notes) == 4
    assert notes.fingerprint.nunique() == 2
    assert (
        notes.groupby("fingerprint").entities.sum().to_dict()
        == etl.table("entities").groupby("fingerprint").size().to_dict()
    )
    etl.done("--set", "keep_fingerprints=true")
    assert etl.last_run().notes_unchanged == 2
    etl.put([(1, GOOD), (2, "Pain and aspirin.")])
    etl.done(*changed)
    assert len(etl.table("notes")) == 3
    etl.put([(1, GOOD + " Pain."), (2, "Pain and aspirin.")])
    etl.done(*changed)
    notes = etl.table("notes")
    assert len(notes) == 2
    assert first not in set(notes.fingerprint)


def test_annotations_are_kept_by_option(etl, spark):
    etl.configure("annotations: [sentence, ner_chunk]\n")
    etl.put([(1, GOOD), (2, None)])
    etl.done()
    etl.put([(1, GOOD), (2, "Pain.")])
    etl.done()
    notes = spark.read.parquet(str(etl.archive / "notes"))
    assert notes.columns[-2:] == ["sentence", "ner_chunk"]
    sizes = {
        r.note_id: (r.n, r.entities)
        for r in notes.selectExpr("note_id", "size(ner_chunk) n", "entities").collect()
    }
    assert sizes[1][0] == sizes[1][1]
    assert len(pd.read_parquet(etl.archive / "notes")) == 2
    assert "makes no nothing" in etl.fails(2, "--set", "annotations=[nothing]")


def test_omop_rows(etl):
    etl.put([(1, GOOD)])
    etl.done("--set", "sink.omop=true", "--set", "sink.snippets=true")
    nlp, entities = etl.table("note_nlp"), etl.table("entities")
    assert len(nlp) == len(entities) > 0
    assert sorted(nlp.lexical_variant) == sorted(entities.text)
    assert nlp.note_nlp_id.is_unique
    assert all(row.lexical_variant.strip() in row.snippet for row in nlp.itertuples())
    etl.put([(1, GOOD + " Pain.")])
    etl.done("--set", "sink.omop=true", "--set", "sink.snippets=true")
    assert len(etl.table("note_nlp")) == len(etl.table("entities"))
