"""What a command says: its own lines, and of a failure one line without words of notes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from jobs._run.command import verb
from jobs._run.told import in_a_line, traceback_of

ROOT = Path(__file__).resolve().parents[3]


def run(*arguments, **environment):
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "jobs.cli", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    path = tmp_path_factory.mktemp("quiet") / "notes.jsonl"
    path.write_text(json.dumps({"note_id": "1", "text": "No pain."}) + "\n", encoding="utf-8")
    return path


@pytest.mark.slow
def test_an_ordinary_run_says_its_own_line_only(notes, tmp_path):
    (tmp_path / "logs").mkdir()
    done = run("annotate", notes, tmp_path / "out", TMPDIR=str(tmp_path / "logs"))

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == ["1 notes"]
    assert list((tmp_path / "logs").glob("notemill-*")) == []


@pytest.mark.slow
def test_debug_names_the_log_and_java_that_never_started_is_told(notes, tmp_path):
    out = tmp_path / "out"
    done = run("annotate", notes, out, "--debug", SPARK_SUBMIT_OPTS="-javaagent:nosuch.jar")
    log = Path(done.stderr.splitlines()[0].rpartition(" ")[2])

    assert done.returncode == 5
    assert "nosuch.jar" in log.read_text()
    told = [line for line in done.stderr.splitlines() if "Java ended before Spark was up" in line]
    assert ["nosuch.jar" in line for line in told] == [True]


def failing(message: str):
    def job(path: str = "x") -> None:
        raise ValueError(f"{message} in {path}")

    return job


def invoke(job, *arguments):
    app = typer.Typer()
    app.command()(verb(job))
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def no_session(monkeypatch):
    monkeypatch.setattr("jobs._run.command.SparkSession.getActiveSession", lambda: None)
    monkeypatch.delenv("PYSPARK_GATEWAY_PORT", raising=False)


@pytest.mark.usefixtures("no_session")
def test_an_unexpected_failure_is_one_line_without_its_message():
    result = invoke(failing("Jane Doe"))

    assert result.exit_code == 1
    assert result.output == (
        "notemill: unexpected failure: ValueError. Run it again with --debug to see where.\n"
    )


@pytest.mark.usefixtures("no_session")
def test_debug_shows_where_but_not_what():
    result = invoke(failing("Jane Doe"), "--debug", "--path", "y")
    lines = result.output.splitlines()

    assert lines[0].startswith("notemill: the log of Spark and Java is ")
    assert any(__file__ in line and line.endswith("in job") for line in lines)
    assert lines[-1] == "notemill: unexpected failure: ValueError."
    assert "Jane" not in result.output


@pytest.mark.usefixtures("no_session")
def test_usage_stays_usage():
    assert invoke(failing("x"), "--nothing").exit_code == 2


def test_a_job_of_spark_submit_is_left_alone(monkeypatch):
    monkeypatch.setenv("PYSPARK_GATEWAY_PORT", "1")

    assert isinstance(invoke(failing("Jane Doe")).exception, ValueError)


WORKERS = """[UDF_ERROR.PAYLOAD] An error:
org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "/opt/worker.py", line 12, in run
    raise TypeError(text)
TypeError: Jane Doe denies
pain: no
"""


def test_what_a_worker_raised_is_told_by_class_and_place():
    failure = RuntimeError(WORKERS)

    assert in_a_line(failure) == "RuntimeError [UDF_ERROR.PAYLOAD] of TypeError"
    assert '    worker: File "/opt/worker.py", line 12, in run' in list(traceback_of(failure))
    assert not any("Jane" in line or "pain" in line for line in traceback_of(failure))


def test_a_cause_is_told_before_its_effect():
    try:
        try:
            {}["Jane"]
        except KeyError as cause:
            raise OSError("Jane") from cause
    except OSError as failure:
        lines = [line for line in traceback_of(failure) if not line.startswith("  File")]

    assert lines == ["KeyError", "OSError"]
