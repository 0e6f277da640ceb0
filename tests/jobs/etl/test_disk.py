"""A disk that is full, or that may only be read: told in a line, and the same command finishes when
that is mended. Real file systems of a few hundred kilobytes; mounting them needs root."""

import os
import subprocess
from contextlib import contextmanager

import pandas as pd
import pytest
from typer.testing import CliRunner

NOTES = [(i, f"The patient denies pain and takes aspirin {i} mg. No fever.") for i in range(12)]
SLICES = "slice_notes: 4\n"


@contextmanager
def mounted(place, options):
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this machine lets nobody mount a file system: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def disk(tmp_path):
    if os.geteuid():
        pytest.skip("only root mounts a file system")
    with mounted(tmp_path / "disk", "size=600k,mode=700") as place:
        yield place


@pytest.fixture(scope="module")
def expected(new_nights, tmp_path_factory):
    whole = new_nights(tmp_path_factory.mktemp("undisturbed"))
    whole.put(NOTES)
    whole.done()
    return whole.rows()


def fill(disk, left):
    """Leave so many kilobytes of the disk."""
    free = os.statvfs(disk)
    size = free.f_bavail * free.f_frsize - left * 1024
    with (disk / "others").open("wb") as file:
        file.write(b"x" * max(0, size))


def delta_rows(etl):
    from deltalake import DeltaTable

    etl.table = lambda name: DeltaTable(str(etl.archive / name)).to_pyarrow_table().to_pandas()
    return etl.rows()


@pytest.mark.parametrize("sink", ["parquet", "delta"])
def test_a_full_disk_is_told_and_with_room_the_same_command_finishes(etl, disk, sink, expected):
    """With more room each time, so that the disk is full at several moments of a run."""
    etl.archive = disk / "archive"
    etl.configure(SLICES)
    etl.put(NOTES)
    say = ["--set", f"sink.format={sink}"]
    room, failed = 0, 0
    while True:
        fill(disk, room)
        result = etl.run(*say)
        (disk / "others").unlink()
        if result.exit_code == 0:
            break
        assert result.exit_code == 3, (room, result.output, result.exception)
        (line,) = result.output.strip().splitlines()
        assert "No space left on device" in line
        assert "make room, then run the same command again" in line
        failed, room = failed + 1, room + 24
    assert failed >= 2
    assert (delta_rows(etl) if sink == "delta" else etl.rows()) == expected
    states = etl.table("runs").sort_values("started").state.tolist()
    assert states[-1] == "done"
    assert set(states[:-1]) <= {"interrupted"}


def test_readers_see_committed_rows_while_the_disk_is_full(etl, disk):
    etl.archive = disk / "archive"
    etl.configure()
    etl.put(NOTES[:4])
    etl.done()
    before = etl.rows()
    etl.put(NOTES)
    for left in (8, 24):
        fill(disk, left)
        etl.fails(3)
        assert etl.rows() == before
        (disk / "others").unlink()


def test_a_checkpoint_on_a_full_disk_is_told(etl, disk, expected):
    (etl.folder / "landing").mkdir()
    etl.put(NOTES)
    etl.notes.rename(etl.folder / "landing" / "notes.jsonl")
    etl.configure(f"mode: stream\ncheckpoint: {disk / 'kept'}\n", etl.folder / "landing")
    fill(disk, 4)
    assert f"cannot write to {disk / 'kept'}" in etl.fails(3)
    (disk / "others").unlink()
    etl.done()
    assert etl.rows() == expected


def test_a_read_only_disk_is_told(etl, tmp_path, expected):
    etl.put(NOTES)
    if os.geteuid():
        pytest.skip("only root mounts a file system")
    with mounted(tmp_path / "disk", "size=600k,mode=700") as disk:
        etl.archive = disk / "archive"
        etl.configure()
        remount = ["mount", "-o", "remount,ro", str(disk)]
        for run in range(2):
            subprocess.run(remount, check=True)
            assert "the file system is read-only" in etl.fails(3)
            assert "the file system is read-only" in etl.fails(3, "--dry-run")
            subprocess.run([*remount[:2], "remount,rw", str(disk)], check=True)
            if not run:
                etl.done()
        assert etl.rows() == expected


def test_annotate_tells_of_a_full_disk_and_leaves_nothing(etl, disk):
    from jobs.cli import app

    etl.put(NOTES)
    command = ["annotate", str(etl.notes), str(disk / "out"), "--model", str(etl.model)]
    fill(disk, 8)
    failed = CliRunner().invoke(app, command)
    assert failed.exit_code == 3, failed.exception
    assert "No space left on device" in failed.output
    (disk / "others").unlink()
    assert list(disk.iterdir()) == []
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0
    assert len(pd.read_parquet(disk / "out" / "notes")) == len(NOTES)
