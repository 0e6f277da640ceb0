"""mode: stream: a folder where files land, each read once; the same tables as by mode: batch."""

import json
import os
import shutil
import stat

import pytest

MORE = "mode: stream\nfiles_per_batch: 2\n"


@pytest.fixture(scope="module")
def landed(texts, new_nights, tmp_path_factory):
    """Two nights of a stream, with its folder, and one batch run over the same files."""
    etl, whole = (new_nights(tmp_path_factory.mktemp(name)) for name in ("stream", "batch"))
    folder = etl.folder / "landing"
    folder.mkdir()
    etl.configure(MORE, folder)
    whole.configure("", folder)

    def land(name, rows):
        lines = [json.dumps({"note_id": i, "text": t}) for i, t in rows]
        (folder / name).write_text("\n".join([*lines, "{broken"]) + "\n", encoding="utf-8")

    for n in range(3):
        land(f"day 1 {n}.jsonl", enumerate(texts[3 * n : 3 * n + 3], 10 * n))
    said = [etl.done()]
    land("day 2.jsonl", [(100, texts[9]), (101, texts[10])])
    said += [etl.done(), etl.done()]
    whole.done()
    return etl, whole, said


def test_both_modes_give_the_same_tables(landed):
    etl, whole, _ = landed
    assert etl.rows() == whole.rows()
    assert len(etl.table("notes")) == 11
    assert list(etl.table("rejects").exception) == ["UnreadableRecord"] * 4


def test_each_file_is_read_once(landed):
    etl, _, said = landed
    assert said[0].startswith("12 notes: 12 new")
    assert said[1].startswith("3 notes: 3 new")
    assert "nothing was changed" in said[2]
    assert sorted(etl.table("runs").rows_in) == [3, 4, 8]
    assert set(etl.table("runs")["mode"]) == {"stream"}


def test_the_checkpoint_is_the_owners_only_and_holds_no_note(landed, texts):
    etl = landed[0]
    kept = [f for f in (etl.archive / "_checkpoints").rglob("*") if f.is_file()]
    assert kept
    for file in kept:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert texts[0][:20].encode() not in file.read_bytes()


def test_a_lost_checkpoint_and_another_pipeline_read_all_again(landed, tmp_path):
    from tests.conftest import TOKEN_LABELS, write_tiny_bert

    etl = landed[0]
    before = etl.rows()
    shutil.rmtree(etl.archive / "_checkpoints")
    etl.done("--set", "files_per_batch=100")
    assert etl.rows() == before
    other = write_tiny_bert(tmp_path / "other", TOKEN_LABELS, "token-classification", seed=8)
    etl.done("--set", f"model={other}", "--set", "files_per_batch=100")
    assert etl.last_run().notes_changed == 11
    assert etl.table("notes").fingerprint.nunique() == 1
    assert len(etl.table("rejects")) == 4


def test_what_does_not_go_with_a_stream_is_told(etl):
    etl.put([(1, "Pain.")])
    etl.configure("mode: stream\n")
    assert "needs the whole source" in etl.fails(2, "--set", "deleted=remove")
    assert "--limit" in etl.fails(2, "--limit", 3)


@pytest.fixture
def landing(etl):
    """A folder of files, and a way to land one."""
    folder = etl.folder / "[land] {1}"
    folder.mkdir()
    etl.configure(MORE, f"'{folder}'")

    def land(name, identity, text="Pain."):
        row = json.dumps({"note_id": identity, "text": text})
        (folder / name).write_text(row + "\n", encoding="utf-8")
        return folder / name

    return land


def ids(etl):
    return sorted(etl.table("notes").note_id)


def test_files_of_any_name_are_read(etl, landing):
    names = ["a#b", "50%41", "ü é", "a?b", "[x]", "{y,z}", "a*", "%", "c&d+e"]
    for number, name in enumerate(names):
        landing(f"{name}.jsonl", number)
    etl.done("--set", f"source.path={etl.folder}/[land] {{1}}/../[land] {{1}}")
    assert ids(etl) == list(range(len(names)))


def test_a_file_that_lands_with_an_old_time_is_read(etl, landing):
    """A copy that keeps times, or a clock that was put back: Spark passes over such files."""
    landing("now.jsonl", 1)
    etl.done()
    old = landing("from an old disk.jsonl", 2)
    os.utime(old, (1_500_000_000, 1_500_000_000))
    etl.done()
    assert ids(etl) == [1, 2]


def test_a_checkpoint_is_of_one_sink_one_source_and_one_way_to_read(etl, landing):
    shared = ["--set", f"checkpoint={etl.folder / 'kept'}"]
    landing("a.jsonl", 1)
    etl.done(*shared)
    first = etl.archive
    etl.archive = etl.folder / "other"
    etl.done(*shared, "--set", f"sink.path={etl.archive}")
    assert ids(etl) == [1], "another sink has not seen the files"
    etl.archive = first
    assert "1 unchanged" in etl.done(*shared, "--set", "source.encoding=utf-8")
    assert "nothing was changed" in etl.done(*shared)


def test_tables_that_are_gone_are_made_anew_whatever_the_checkpoint_says(etl, landing):
    shared = ["--set", f"checkpoint={etl.folder / 'kept'}"]
    landing("a.jsonl", 1)
    etl.done(*shared)
    shutil.rmtree(etl.archive)
    etl.done(*shared)
    assert ids(etl) == [1]
