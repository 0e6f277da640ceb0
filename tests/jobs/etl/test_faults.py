"""What befalls a sink: locked, read-only, full, of other columns, killed in the middle."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[3]
GOOD = "The patient denies pain and takes aspirin 5 mg."


def test_a_second_launch_says_so_and_leaves(etl):
    etl.put([(1, GOOD)])
    etl.done()
    with (etl.archive / "_lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert etl.fails(6).startswith(f"another run holds {etl.archive} (process ")
        etl.done("--dry-run")
    etl.done()


def test_a_sink_that_is_none_is_told_before_the_work(etl, tmp_path):
    etl.put([(1, GOOD)])
    file = tmp_path / "file"
    file.write_text("")
    assert "is a file" in etl.fails(3, "--set", f"sink.path={file}")
    (tmp_path / "other" / "entities").mkdir(parents=True)
    told = etl.fails(3, "--set", f"sink.path={tmp_path / 'other'}")
    assert "was not written by `notemill etl`" in told
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.jsonl").write_text("{}")
    places = ["--set", f"sink.path={tmp_path}", "--set", f"source.path={tmp_path}/notes"]
    assert "which would be replaced" in etl.fails(3, *places)
    inside = ["--set", f"source.path={tmp_path}/notes", "--set", f"sink.path={tmp_path}/notes/a"]
    assert "would be read as notes" in etl.fails(3, *inside)
    for sink in ("notes", "notes/../notes/b"):
        where = ["--set", f"sink.path={tmp_path}/{sink}", "--set", "sink.format=delta"]
        assert "would be read as notes" in etl.fails(3, *inside[:2], *where)
    pattern = ["--set", f"source.path={tmp_path}/n*", "--set", f"sink.path={tmp_path}/new/a"]
    assert "would be read as notes" in etl.fails(3, *pattern)
    assert not etl.archive.exists()


def test_a_folder_that_lost_its_link_is_told_and_kept(etl):
    etl.put([(1, GOOD)])
    etl.done()
    etl.put([(2, GOOD)])
    etl.done()
    before, link = etl.rows(), etl.archive / "_current"
    link.unlink()
    for arguments in ([], ["--dry-run"]):
        told = etl.fails(3, *arguments)
        assert f"put it back (ln -s _versions/2 {link})" in told
    link.symlink_to("_versions/9")
    assert "_current leads to 9, which is not whole" in etl.fails(3)
    link.unlink()
    link.mkdir()
    assert "_current is no link to a version" in etl.fails(3)
    link.rmdir()
    link.symlink_to("_versions/2")
    etl.done()
    assert etl.rows() == before


def test_metrics_that_cannot_be_written_are_told_first_and_hide_no_failure(etl):
    etl.put([(1, GOOD)])
    assert "cannot write metrics" in etl.fails(3, "--metrics", etl.folder / "none" / "m.prom")
    assert not etl.archive.exists()
    etl.configure("nosuch: 1\n")
    file = etl.folder / "m.prom"
    etl.fails(2, "--metrics", file)
    assert "notemill_etl_exit_code 2" in file.read_text()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_read_only_sink_is_told(etl):
    etl.put([(1, GOOD)])
    etl.archive.mkdir(mode=0o500)
    assert "permission is denied" in etl.fails(3)


def test_what_a_killed_run_left_goes_and_what_it_committed_stays(etl):
    etl.put([(1, GOOD), (2, "Pain.")])
    etl.done()
    before = etl.rows()
    half = etl.archive / "_versions" / "2" / "entities"
    half.mkdir(parents=True)
    (half / "half.parquet").write_bytes(b"PAR1")
    left = etl.archive / "_staging" / "x" / "notes"
    left.mkdir(parents=True)
    (etl.archive / "entities").unlink()
    etl.done()
    assert etl.rows() == before
    assert not left.exists()
    assert not (half / "half.parquet").exists()


def test_a_reader_in_the_middle_reads_what_it_listed(etl, spark):
    etl.put([(i, f"{GOOD} {i}") for i in range(4)])
    etl.done()
    listed = pq.ParquetDataset(os.path.realpath(etl.archive / "notes"))
    by_link = spark.read.parquet(str(etl.archive / "notes"))
    etl.put([(i, f"{GOOD} {i}") for i in range(6)])
    etl.done()
    assert by_link.count() == 4
    etl.put([(i, GOOD) for i in range(6)])
    etl.done()
    assert listed.read().num_rows == 4


def test_small_files_become_one(etl, monkeypatch):
    from jobs.sinks.parquet import rewriting

    monkeypatch.setattr(rewriting, "MANY", 3)
    for n in range(1, 5):
        etl.put([(i, f"{GOOD} {i}") for i in range(n)])
        etl.done()
    assert len(list((etl.archive / "notes").glob("*.parquet"))) < 3
    assert sorted(etl.table("notes").note_id) == [0, 1, 2, 3]
    assert len(etl.table("runs")) == 4


KILLS = 3
SEED = 5


def _start(etl):
    command = [sys.executable, "-m", "jobs.etl", str(etl.config)]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": paths}, cwd=etl.folder,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def _versions(etl):
    return {p.name for p in etl.archive.glob("_versions/*")} | {
        f"staged {p.name}" for p in etl.archive.glob("_staging/*/*")
    }


def test_a_driver_killed_again_and_again_ends_with_the_tables_of_one_run(
    etl, new_nights, tmp_path_factory
):
    """Killed when something new appears in the sink: while it writes, commits, or goes on."""
    notes = [(i, f"{GOOD} {i}. Takes aspirin.") for i in range(12)]
    etl.configure("slice_notes: 4\n")
    etl.put(notes)
    for number in range(KILLS):
        process, seen = _start(etl), _versions(etl)
        limit = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < limit:
            if len(_versions(etl) - seen) > number:
                break
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    etl.done()
    whole = new_nights(tmp_path_factory.mktemp("undisturbed"))
    whole.put(notes)
    whole.done()
    assert etl.rows() == whole.rows()
    assert "running" not in set(etl.table("runs").state)
    assert json.dumps(sorted(etl.table("notes").note_id.tolist())) == json.dumps(list(range(12)))
