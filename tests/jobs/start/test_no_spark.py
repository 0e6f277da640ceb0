"""A few notes without Spark: the same files, the same refusals; a session wherever one is asked for."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jobs._annotate.asked import Asked
from jobs._run.quiet import run_log
from jobs._start.no_spark import ALONE, needs_no_spark
from tests.jobs.start.test_short_run import OF_A_USER

ROOT = Path(__file__).resolve().parents[3]
TOLD = (*OF_A_USER, "HADOOP_CONF_DIR", "YARN_CONF_DIR", "SPARK_REMOTE", "PYSPARK_GATEWAY_PORT")


@pytest.fixture
def plain(monkeypatch):
    """An environment in which nobody has told Spark or Java anything."""
    for name in TOLD:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def notes(tmp_path):
    path = tmp_path / "notes.jsonl"
    lines = [{"note_id": i, "text": f"Denies pain. Takes aspirin {i} mg."} for i in range(3)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def seen(notes, master=None, remote=None, *, kept=False, **changed):
    options = {"format": None, "id_col": "note_id", "text_col": "text", "partitions": None}
    asked = {"input": str(notes), "output": str(notes.parent / "out"), **options, **changed}
    with run_log(keep=kept):
        return needs_no_spark(Asked(**asked), master, remote)


@pytest.fixture
def alone(monkeypatch):
    """No session runs, whatever other tests have started."""
    from pyspark.sql import SparkSession

    monkeypatch.setattr(SparkSession, "getActiveSession", classmethod(lambda _: None))


@pytest.mark.usefixtures("plain", "alone")
def test_a_few_notes_of_this_machine_need_none(notes):
    assert seen(notes)
    assert seen(notes, "local[*]")
    assert seen(notes.parent)
    assert seen(notes, input=f"file://{notes}")


@pytest.mark.usefixtures("plain", "alone")
def test_what_is_asked_of_spark_needs_it(notes):
    assert not seen(notes, "spark://master:7077")
    assert not seen(notes, "local-cluster[1,1,1024]")
    assert not seen(notes, remote="sc://server")
    assert not seen(notes, partitions=2)
    assert not seen(notes, input="s3://bucket/notes")
    assert not seen(notes, output="hdfs://server/out")
    assert not seen(notes, output=str(notes.parent / "sjö"))
    assert not seen(notes, kept=True)
    assert not seen(notes, format="parquet")
    for name in ("notes.jsonl.gz", "part.parquet"):
        (notes.parent / name).touch()
        assert not seen(notes.parent)
        (notes.parent / name).unlink()
    with notes.open("a", encoding="utf-8") as file:
        file.write("\n" * ALONE)
    assert not seen(notes)


@pytest.mark.usefixtures("plain", "alone")
def test_a_program_that_calls_the_function_has_a_session(notes):
    given = {"format": None, "id_col": "note_id", "text_col": "text", "partitions": None}
    assert not needs_no_spark(Asked(str(notes), str(notes.parent / "out"), **given), None, None)


@pytest.mark.usefixtures("plain", "alone")
@pytest.mark.parametrize("name", TOLD)
def test_what_a_user_has_set_up_is_used(monkeypatch, notes, name):
    monkeypatch.setenv(name, str(notes.parent))
    assert seen(notes) == (name == "SPARK_LAUNCHER_OPTS")


def annotate(notes, out, *options, **variables):
    """The command in an environment that tells Spark nothing."""
    kept = {name: value for name, value in os.environ.items() if name not in TOLD}
    return subprocess.run(
        [sys.executable, "-m", "jobs.cli", "annotate", notes, out, *map(str, options)],
        env={**kept, "PYTHONPATH": str(ROOT), **variables}, capture_output=True, text=True,
        check=False, cwd=ROOT,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.smoke
def test_the_files_are_those_of_spark(notes, token_model, tmp_path, spark):
    done = annotate(notes, tmp_path / "out", "--model", token_model)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("3 notes, ")
    from jobs.annotate import annotate as by_spark

    by_spark(str(notes), str(tmp_path / "spark"), model=str(token_model), partitions=1)
    for part in ("notes", "entities"):
        here, there = (pq.read_table(tmp_path / name / part) for name in ("out", "spark"))
        order = [("note_id", "ascending")] + [("begin", "ascending")] * (part == "entities")
        assert here.schema.equals(there.schema, check_metadata=True)
        assert here.sort_by(order).equals(there.sort_by(order))
        assert spark.read.parquet(str(tmp_path / "out" / part)).count() == here.num_rows > 2
        assert (tmp_path / "out" / part / "_SUCCESS").exists()


def test_its_refusals_are_those_of_a_session(notes, token_model, tmp_path):
    none = annotate(notes, tmp_path / "out", "--model", token_model, JAVA_HOME=str(tmp_path))
    (tmp_path / "out" / "notes").mkdir(parents=True)
    there = annotate(notes, tmp_path / "out", "--model", token_model)

    assert (none.returncode, none.stdout) == (5, "")
    assert "no Java was found" in none.stderr
    assert (there.returncode, there.stdout) == (3, "")
    assert "exists; replace it with --overwrite" in there.stderr


@pytest.mark.slow
def test_notes_that_spark_has_to_read_are_read_by_it(notes, token_model, tmp_path):
    """Two notes with one id are told by a job."""
    notes.write_text(notes.read_text("utf-8") * 2, encoding="utf-8")
    done = annotate(notes, tmp_path / "out", "--model", token_model)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("6 notes, ")
    assert "6 notes with error annotate: RepeatedNoteId" in done.stdout
