"""Outputs: what cannot be written is told before the work, and a run leaves all or nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from jobs._run.exit_codes import InputError
from jobs.sinks.output import output_folder

PARTS = ["notes", "entities"]
ROOT = Path(__file__).resolve().parents[3]


def write(spark, folder, rows=1, overwrite=False):
    with output_folder(spark, str(folder), PARTS, overwrite=overwrite) as place:
        read = place.write(spark.range(rows), "notes")
        place.write(read.selectExpr("id + 1 as id"), "entities")
        place.put_in_place(PARTS)


def stopped(spark, folder, overwrite, failure):
    with output_folder(spark, str(folder), PARTS, overwrite=overwrite) as place:
        place.write(spark.range(5), "notes")
        raise failure


def values(folder):
    return [sorted(pd.read_parquet(folder / part)["id"]) for part in PARTS]


@pytest.mark.parametrize("name", ["out", "a*", "[b]", "{c,d}", "ö ä", "x?", "y??", "deep/er/out"])
def test_parts_are_put_in_place(spark, tmp_path, name):
    write(spark, tmp_path / "a1")
    write(spark, tmp_path / name, 2)
    assert values(tmp_path / name) == [[0, 1], [1, 2]]
    assert sorted(f.name for f in (tmp_path / name).iterdir()) == sorted(PARTS)


def test_parts_are_replaced_only_on_request(spark, tmp_path):
    write(spark, tmp_path / "out")
    for part in PARTS:
        with pytest.raises(InputError, match="--overwrite"):
            write(spark, tmp_path / "out", 3)
        write(spark, tmp_path / "out", 2, overwrite=True)
        assert values(tmp_path / "out") == [[0, 1], [1, 2]]
        (tmp_path / "out" / part / "_SUCCESS").unlink()


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_run_that_fails_leaves_what_there_was(spark, tmp_path, failure):
    write(spark, tmp_path / "out")
    for folder, overwrite in ((tmp_path / "out", True), (tmp_path / "new" / "out", False)):
        with pytest.raises(failure):
            stopped(spark, folder, overwrite, failure)
    assert values(tmp_path / "out") == [[0], [1]]
    assert not list((tmp_path / "out").glob(".*"))
    assert not (tmp_path / "new").exists()


def test_what_a_killed_run_left_stops_no_other(spark, tmp_path):
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    left = tmp_path / "out" / f".unfinished-{os.uname().nodename}-{done.stdout.strip()}"
    (left / "notes").mkdir(parents=True)
    write(spark, tmp_path / "out")
    assert values(tmp_path / "out") == [[0], [1]]
    assert not left.exists()


def test_places_that_cannot_be_written_are_told_in_one_line(spark, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "half" / "entities").mkdir(parents=True)
    for folder in ("", " ", tmp_path / "file", tmp_path / "file" / "out", "nope://host/out",
                   "s3a://bucket/out", tmp_path / "half", "/proc/none/out"):  # fmt: skip
        with pytest.raises(InputError) as told:
            write(spark, folder)
        assert "\n" not in str(told.value)
        assert "exists; replace" in str(told.value) or folder != tmp_path / "half"


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_and_has_a_code_of_its_own(token_model, tmp_path):
    (tmp_path / "in").mkdir()
    for i in range(16):
        (tmp_path / "in" / f"{i}.txt").write_text("takes aspirin. " * 40_000, encoding="utf-8")
    command = [sys.executable, "-m", "jobs.cli", "annotate", "in", "out", "--model"]
    run = subprocess.Popen(
        [*command, str(token_model), "--master", "local[1]"], cwd=tmp_path, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    waited = time.monotonic()
    while not list(tmp_path.glob("out/.unfinished-*/notes")) and time.monotonic() - waited < 300:
        assert run.poll() is None
        time.sleep(0.3)
    time.sleep(1)
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 130, err
    assert "notemill: stopped." in err
    assert "aspirin" not in out + err
    assert not (tmp_path / "out").exists()
