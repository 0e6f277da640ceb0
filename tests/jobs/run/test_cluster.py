"""The installed wheel on clusters of real processes, started from a folder outside the project."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[3]
NOTES = 5
PATIENCE = 120
"""Seconds that the processes of a cluster get to find each other."""

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with nothing but the installed wheel."""
    if find_spec("pip") is None:
        pytest.skip("this environment has no pip to build a wheel with")
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", folder / "dist", ROOT], check=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    packages = folder / "packages"
    subprocess.run([*pip, "install", "--no-deps", "--target", packages, wheel], check=True)
    return packages


@pytest.fixture
def elsewhere(tmp_path, sample_notes, token_model):
    """A working folder outside the project, with notes and a model in it."""
    lines = [
        json.dumps({"note_id": note["note_id"], "text": note["text"][:500]}) + "\n"
        for note in sample_notes[:NOTES]
    ]
    (tmp_path / "notes.jsonl").write_text("".join(lines), encoding="utf-8")
    (tmp_path / "model").symlink_to(token_model)
    return tmp_path


@pytest.fixture(scope="module")
def expected(spark, sample_notes, token_model, tmp_path_factory):
    """The entities of the same notes, found in this process."""
    from jobs.annotate import annotate

    folder = tmp_path_factory.mktemp("expected")
    rows = [{"note_id": n["note_id"], "text": n["text"][:500]} for n in sample_notes[:NOTES]]
    pd.DataFrame(rows).to_parquet(folder / "notes.parquet")
    annotate(str(folder / "notes.parquet"), str(folder / "out"), model=str(token_model))
    return entities_of(folder / "out")


def entities_of(output):
    table = pd.read_parquet(output / "entities")
    return table.sort_values(["note_id", "begin"]).reset_index(drop=True)


def environment(site):
    """This environment with the wheel's folder in front, and nothing of this test's own Spark."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK_", "PYSPARK_"))}
    return {**kept, "PYTHONPATH": str(site), "SPARK_LOCAL_IP": "127.0.0.1"}


def call(command, site, folder, **variables):
    return subprocess.run(
        [str(part) for part in command], cwd=folder, env={**environment(site), **variables},
        capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip


PROBE = """
import runpy
import sys

import pandas as pd
from pyspark.sql import SparkSession

sys.argv = ["annotate", "notes.jsonl", "out", "--model", "model", "--master", sys.argv[1]]
try:
    runpy.run_module("jobs.annotate", run_name="__main__", alter_sys=True)
except SystemExit as end:
    assert not end.code, end.code


def home(frames):
    import os

    import annotators

    for _ in frames:
        yield pd.DataFrame({"file": [annotators.__file__], "pid": [os.getppid()]})


spark = SparkSession.getActiveSession()
found = spark.range(0, 8, 1, 8).mapInPandas(home, "file string, pid long").toPandas()
found.to_parquet("homes.parquet")
spark.stop()
"""


def test_local_cluster_runs_the_wheel(site, elsewhere, expected):
    """`python -m jobs.annotate`, then asks the executors where their annotators came from."""
    (elsewhere / "probe.py").write_text(PROBE, encoding="utf-8")
    done = call([sys.executable, "probe.py", "local-cluster[2,1,2048]"], site, elsewhere)
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"{NOTES} notes, {len(expected)} entities, 0 errors" in done.stdout
    pd.testing.assert_frame_equal(entities_of(elsewhere / "out"), expected)
    homes = pd.read_parquet(elsewhere / "homes.parquet")
    assert set(homes["file"]) == {str(site / "annotators" / "__init__.py")}


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


@contextmanager
def process(command, site, folder, log):
    """A process in the background, which ends with the block."""
    with log.open("w", encoding="utf-8") as said:
        started = subprocess.Popen(
            [str(part) for part in command], cwd=folder, env=environment(site), stdout=said,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield started
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        try:
            started.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


def wait_for(log, line, count, running):
    deadline = time.monotonic() + PATIENCE
    while log.read_text(encoding="utf-8").count(line) < count:
        assert all(one.poll() is None for one in running), log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.5)


def test_the_processes_of_docker_compose_run_the_wheel(site, elsewhere, expected):
    """A master, two workers and a job, with the commands of docker-compose.yml."""
    port, page = free_ports(2)
    url = f"spark://127.0.0.1:{port}"
    cluster = [sys.executable, "-m", "jobs.cluster"]
    lead = [*cluster, "master", "--host", "127.0.0.1", "--port", port, "--ui-port", page]
    serve = [*cluster, "worker", url, "--cores", "1", "--memory", "2g", "--host", "127.0.0.1"]
    log = elsewhere / "master.log"
    with (
        process(lead, site, elsewhere, log) as master,
        process(serve, site, elsewhere, elsewhere / "worker1.log") as first,
        process(serve, site, elsewhere, elsewhere / "worker2.log") as second,
    ):
        wait_for(log, "Registering worker", 2, [master, first, second])
        job = [sys.executable, "-m", "jobs.cli", "annotate", "notes.jsonl", "out"]
        done = call([*job, "--model", "model", "--master", url], site, elsewhere)
        assert done.returncode == 0, done.stderr[-3000:]
        assert "Registered app notemill annotate" in log.read_text(encoding="utf-8")
    assert f"{NOTES} notes, {len(expected)} entities, 0 errors" in done.stdout
    pd.testing.assert_frame_equal(entities_of(elsewhere / "out"), expected)


def spark_submit(site, folder, source):
    """Run the job's file by spark-submit, told which Python it is to use."""
    import pyspark

    submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    script = site / "jobs" / "annotate.py"
    command = [submit, "--master", "local[1]", script, source, "out", "--model", "model"]
    return call(command, site, folder, PYSPARK_PYTHON=sys.executable)


def test_spark_submit_runs_the_job(site, elsewhere, expected):
    done = spark_submit(site, elsewhere, "notes.jsonl")
    assert done.returncode == 0, done.stderr[-3000:]
    pd.testing.assert_frame_equal(entities_of(elsewhere / "out"), expected)


def test_spark_submit_hands_on_the_exit_code(site, elsewhere):
    done = spark_submit(site, elsewhere, "nothing.jsonl")
    # The message goes through spark-submit's own threads, which may end before they hand it on.
    assert done.returncode == 3, done.stderr[-3000:]
