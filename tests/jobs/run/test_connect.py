"""Stages and commands over Spark Connect, against a server that these tests start."""

import json
import math
import os
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyspark
import pytest

from annotators import daemon
from tests.java import without_spark

ROOT = Path(__file__).resolve().parents[3]
KEPT = ROOT / "tests" / "data" / "saved_pipeline" / "every_stage"

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(pyspark.__version__ < "4", reason="Connect is promised from Spark 4 on"),
]


def environment(**more):
    """This environment, with the project and nothing of the test's own Spark."""
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {**without_spark(), "PYTHONPATH": paths, "PYSPARK_PYTHON": sys.executable, **more}


@pytest.fixture(scope="module")
def server(connect_server, tmp_path_factory):
    """The address of a Spark Connect server, a process of its own with two task slots."""
    models = {"NOTEMILL_MODELS": str(KEPT / "models")}
    folder = tmp_path_factory.mktemp("connect")
    started = connect_server("local[2]", folder, environment(**models), **daemon.settings())
    with started as address:
        yield address


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
    kept = {f"{a} {b}" for a in ("staged", "fused") for b in ("made", "loaded")}
    assert set(found) == {*kept, "more", "more light"}
    for kind in kept:
        rows = [{name: row[name] for name in expected[0]} for row in found[kind]]
        assert same(rows, expected)
    assert found["more"] == found["more light"]
    assert any(row["present"] for row in found["more"])
    assert set(json.loads((tmp_path / "stages.json").read_text("utf-8"))) == public_stages()


def public_stages():
    """Every class of a stage that Notemill has."""
    import annotators
    from annotators._spark.saving import Saved

    found = [getattr(annotators, name) for name in annotators.__all__]
    return {c.__name__ for c in found if isinstance(c, type) and issubclass(c, Saved)}


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


def test_two_nights_of_etl(server, token_model, tmp_path):
    notes, config = tmp_path / "notes.jsonl", tmp_path / "etl.yaml"
    config.write_text(
        f"source: {{path: {notes}}}\nsink: {{path: {tmp_path / 'archive'}}}\n"
        f"model: {token_model}\nprogress_seconds: 10000\n",
        "utf-8",
    )
    for count, told in ((2, "2 notes: 2 new"), (3, "3 notes: 1 new")):
        lines = [{"note_id": i, "text": f"She takes aspirin {i} mg."} for i in range(count)]
        notes.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        done = notemill("etl", config, "--remote", server)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert done.stdout.startswith(told)

    found = pd.read_parquet(tmp_path / "archive" / "notes")
    assert sorted(map(int, found.note_id)) == [0, 1, 2]


def test_a_stream_reads_each_file_once_and_none_is_lost(server, token_model, tmp_path):
    folder, config = tmp_path / "landing", tmp_path / "etl.yaml"
    folder.mkdir()
    config.write_text(
        f"source: {{path: {folder}, format: json}}\nsink: {{path: {tmp_path / 'archive'}}}\n"
        f"model: {token_model}\nmode: stream\nfiles_per_batch: 2\nprogress_seconds: 10000\n",
        "utf-8",
    )

    def land(number, more=""):
        line = json.dumps({"note_id": number, "text": f"She takes aspirin {number} mg."})
        (folder / f"file {number}#.jsonl").write_text(f"{line}\n{more}", "utf-8")

    def night(*arguments):
        return notemill("etl", config, "--remote", server, *arguments)

    nothing = "there are no notes in the source: nothing was changed.\n"
    assert night().stdout == nothing
    for number in range(3):
        land(number)
    first = night()
    assert (first.returncode, first.stderr) == (0, ""), first.stderr
    assert first.stdout.startswith("3 notes: 3 new")
    land(3, "no JSON\n")  # the batch is listed, and does not reach the tables
    assert night("--set", "max_error_rate=0").returncode == 7
    (folder / "file 0#.jsonl").write_text("read no more", "utf-8")
    later = night()
    assert (later.returncode, later.stderr) == (0, ""), later.stderr
    assert later.stdout.startswith("2 notes: 2 new")
    assert night().stdout == nothing

    found = {t: pd.read_parquet(tmp_path / "archive" / t) for t in ("notes", "rejects")}
    assert sorted(map(int, found["notes"].note_id)) == [0, 1, 2, 3]
    assert list(found["rejects"].exception) == ["UnreadableRecord"]


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
