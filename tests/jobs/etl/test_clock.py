"""The clock is put back between two nights: no note is lost or done twice, in both modes and in each
sink that is a folder, and the rows of `runs` are still told apart."""

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.java import without_spark

ROOT = Path(__file__).resolve().parents[3]
GOOD = "The patient denies pain and takes aspirin 5 mg."
AHEAD = timedelta(days=30)
"""Of the clock in the first night; more than the week after which Spark passes over old files."""
WAYS = {"batch": "", "stream": "mode: stream\n", "delta": ""}
ALL = """
import sys

from jobs.cli import app

for config in sys.argv[1:]:
    assert not app(["etl", config], standalone_mode=False)
"""
"""Runs job after job in one process."""


@pytest.fixture(scope="module")
def faketime():
    """What is written before a command whose clock, and that of all it starts, is ahead.

    Behind it could not be: libfaketime hands negative times to the kernel, which Java and Python
    do not outlive on a machine that has been up for less than that.
    """
    if shutil.which("faketime") is None:
        reason = "not installed: faketime (Debian package)"
        assert os.environ.get("CI") != "true", reason
        pytest.skip(reason)
    return ["faketime", "-m", "-f", f"+{AHEAD.days}d"]


@pytest.fixture(scope="module")
def nights(spark, faketime, new_nights, tmp_path_factory):
    """Two nights of each way, the first with the clock ahead; what was said in a third."""
    folder = tmp_path_factory.mktemp("landing")
    jobs = {way: new_nights(tmp_path_factory.mktemp(way)) for way in WAYS}
    for way, job in jobs.items():
        job.configure(WAYS[way], folder)
    as_delta(jobs["delta"])
    first = land(folder / "1.jsonl", range(4))
    then = time.time() + AHEAD.total_seconds()
    os.utime(first, (then, then))
    # Files have the times that they have, whatever the clock says.
    environ = {**without_spark(), "PYTHONPATH": str(ROOT), "NO_FAKE_STAT": "1"}
    done = subprocess.run(
        [*faketime, sys.executable, "-c", ALL, *(str(job.config) for job in jobs.values())],
        cwd=folder.parent, env=environ, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("4 new, 0 changed") == len(jobs), done.stdout
    land(folder / "2.jsonl", range(4, 7))
    for job in jobs.values():
        assert "3 new, 0 changed" in job.done()
    whole = new_nights(tmp_path_factory.mktemp("whole"))
    whole.configure("", folder)
    whole.done()
    return jobs, whole.rows(), {way: job.done() for way, job in jobs.items()}


def land(file, ids):
    rows = [json.dumps({"note_id": i, "text": f"{GOOD} Day {i}."}) for i in ids]
    file.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return file


def as_delta(job):
    from deltalake import DeltaTable

    config = job.config.read_text(encoding="utf-8")
    config = config.replace("sink: {", "sink: {format: delta, ")
    job.config.write_text(config, encoding="utf-8")
    job.table = lambda name: DeltaTable(str(job.archive / name)).to_pyarrow_table().to_pandas()


@pytest.mark.parametrize("way", WAYS)
def test_no_note_is_lost_or_done_twice(nights, way):
    jobs, expected, said = nights
    assert jobs[way].rows() == expected
    assert len(expected["notes"]) == 7
    assert len(expected["entities"]) > 7
    assert ("nothing was changed" if way == "stream" else "0 new, 0 changed") in said[way]


@pytest.mark.parametrize("way", WAYS)
def test_runs_are_told_apart(nights, way):
    jobs = nights[0]
    runs = jobs[way].table("runs")
    assert runs.run_id.is_unique
    assert set(runs.state) == {"done"}
    assert (runs.ended >= runs.started).all()
    (first,) = runs[runs.started > runs.started.min() + AHEAD / 2].itertuples()
    assert (first.rows_in, first.notes_new) == (4, 4)
    assert sorted(runs.rows_in) == ([3, 4] if way == "stream" else [4, 7, 7])
