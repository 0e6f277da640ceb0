"""Stages and commands over Spark Connect, against a server that these tests start."""

import json
import math
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyspark
import pytest

from tests.java import without_spark

ROOT = Path(__file__).resolve().parents[3]
KEPT = ROOT / "tests" / "data" / "saved_pipeline" / "every_stage"
PATIENCE = 120
"""Seconds that the server gets to start."""

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(pyspark.__version__ < "4", reason="Connect is promised from Spark 4 on"),
]


def environment(**more):
    """This environment, with the project and nothing of the test's own Spark."""
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {**without_spark(), "PYTHONPATH": paths, "PYSPARK_PYTHON": sys.executable, **more}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a Spark Connect server, a process of its own with two task slots."""
    folder = tmp_path_factory.mktemp("connect")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    command = [
        submit, "--master", "local[2]",
        "--class", "org.apache.spark.sql.connect.service.SparkConnectServer",
        "--conf", f"spark.connect.grpc.binding.port={port}", "--conf", "spark.ui.enabled=false",
        "--conf", "spark.sql.shuffle.partitions=2", "spark-internal",
    ]  # fmt: skip
    log = folder / "server.log"
    models = {"NOTEMILL_MODELS": str(KEPT / "models")}
    with log.open("w", encoding="utf-8") as said:
        running = subprocess.Popen(
            command, env=environment(**models), cwd=folder, stdout=said, stderr=said
        )
    deadline = time.monotonic() + PATIENCE
    while not _listens(port):
        assert running.poll() is None, log.read_text("utf-8")[-3_000:]
        assert time.monotonic() < deadline, log.read_text("utf-8")[-3_000:]
        time.sleep(0.3)
    yield f"sc://127.0.0.1:{port}"
    running.terminate()
    running.wait(30)


def _listens(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def notemill(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "jobs.cli", *map(str, arguments)],
        env=environment(), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def same(found, expected):
    """Equal, numbers to 1e-5, be they in texts or not."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(same(found[k], expected[k]) for k in found)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    return found == expected or math.isclose(float(found), float(expected), abs_tol=1e-5)


def test_every_stage_staged_fused_saved_and_loaded(server, tmp_path):
    client = [sys.executable, Path(__file__).with_name("connect_client.py"), server]
    done = subprocess.run(
        [*client, KEPT / "pipeline.py", tmp_path],
        env=environment(NOTEMILL_MODELS=str(KEPT / "models")),
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3_000:]

    found = json.loads((tmp_path / "found.json").read_text("utf-8"))
    expected = json.loads((KEPT / "expected.json").read_text("utf-8"))
    assert set(found) == {f"{a} {b}" for a in ("staged", "fused") for b in ("made", "loaded")}
    for rows in found.values():
        assert same([{name: row[name] for name in expected[0]} for row in rows], expected)


def test_annotate_writes_what_it_writes_without_connect(server, spark, token_model, tmp_path):
    from jobs.annotate import annotate

    notes = tmp_path / "notes.jsonl"
    lines = [{"note_id": i, "text": f"The patient takes aspirin {i} mg."} for i in range(5)]
    notes.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    done = notemill(
        "annotate", notes, tmp_path / "remote", "--model", token_model, "--remote", server
    )
    annotate(str(notes), str(tmp_path / "here"), model=str(token_model))

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith("5 notes, ")
    remote, here = (
        pd.read_parquet(tmp_path / where / "entities").sort_values(["note_id", "begin"])
        for where in ("remote", "here")
    )
    assert len(here) > 0
    pd.testing.assert_frame_equal(
        remote.reset_index(drop=True), here.reset_index(drop=True), atol=1e-5
    )


def test_evaluate_gives_the_figures(server, tmp_path):
    gold = tmp_path / "gold.jsonl"
    text = "No pain. He left."
    gold.write_text(json.dumps({"text": text, "sentences": [[0, 8], [9, 17]]}) + "\n", "utf-8")
    done = notemill("evaluate", "sentence_detector_dl_healthcare", gold, "--remote", server)

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout)["f1"] == 1.0


def test_the_doctor_sees_the_executors(server):
    done = notemill("doctor", "--json", "--remote", server)

    told = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    checks = [finding["check"] for finding in told["findings"]]
    assert {"grpcio", "executor", "trial"} <= set(checks)
    assert [executor["executable"] for executor in told["executors"]] == [sys.executable]


def test_no_server_is_one_line(tmp_path):
    (tmp_path / "notes.jsonl").write_text('{"note_id": 1, "text": "x"}\n', "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        remote = f"sc://127.0.0.1:{free.getsockname()[1]}"
        done = notemill("annotate", tmp_path / "notes.jsonl", tmp_path / "out", "--remote", remote)

    assert done.returncode == 3
    (told,) = done.stderr.splitlines()
    assert "no Spark Connect server answers at 127.0.0.1:" in told
    both = notemill(
        "annotate", "notes.jsonl", tmp_path / "out", "--remote", remote, "--master", "local"
    )
    assert both.returncode == 2
    assert "exclude each other" in both.stderr
