"""What is shipped to executors that know nothing of the project, on one cluster of processes."""

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pyspark
import pytest

from annotators._runtime.model_folder import PACKAGED
from tests import java
from tests.conftest import TOKEN_LABELS, write_tiny_bert
from tests.jobs.standalone import own_lines

ROOT = Path(__file__).resolve().parents[3]
CLIENT = Path(__file__).with_name("ship_client.py")
KEPT = "bert_token_classifier_ner_bc5cdr"
"""The packaged model that the packed environment has."""
SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"

pytestmark = pytest.mark.cluster


def clean():
    """An environment that knows nothing of this project."""
    kept = ("PATH", "JAVA_HOME", "HOME", "LANG", *java.VARIABLES)
    return {k: v for k, v in os.environ.items() if k in kept}


def run(*command, **environment):
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, *map(str, command)],
        env={**os.environ, "PYTHONPATH": paths, "PYSPARK_SUBMIT_ARGS": java.submit_args(with_notemill=False),
             **environment},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """The folder of the worker, below which executors run."""
    return tmp_path_factory.mktemp("cluster") / "work"


@pytest.fixture(scope="module")
def cluster(work):
    """The address of a cluster of one worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    url = f"spark://127.0.0.1:{port}"
    deploy = "org.apache.spark.deploy"
    commands = [
        [f"{deploy}.master.Master", "--host", "127.0.0.1", "-p", port, "--webui-port", "0"],
        [f"{deploy}.worker.Worker", "-c", "1", "-m", "1g", "--host", "127.0.0.1",
         "--webui-port", "0", "-d", str(work), url],
    ]  # fmt: skip
    log = work.with_name("cluster.log")
    with log.open("w", encoding="utf-8") as said:
        running = [
            subprocess.Popen(
                [SPARK_CLASS, *c], env=clean(), cwd=work.parent, stdout=said, stderr=said
            )
            for c in commands
        ]
    deadline = time.monotonic() + 120
    while "Registering worker" not in log.read_text("utf-8"):
        assert time.monotonic() < deadline, log.read_text("utf-8")
        assert all(one.poll() is None for one in running), log.read_text("utf-8")
        time.sleep(0.5)
    yield url
    for one in running:
        one.terminate()
        one.wait(30)


def venv(folder):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A Python that executors have, with nothing installed in it."""
    return venv(tmp_path_factory.mktemp("bare") / "venv") / "bin" / "python"


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """A venv with Notemill in it, packed; what Notemill needs lies where this Python has it."""
    folder = tmp_path_factory.mktemp("packed")
    bundle = venv(folder / "bundle")
    (packages,) = (bundle / "lib").glob("python*/site-packages")
    (packages / "needed.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n", "utf-8")
    others = [model.name for model in PACKAGED.iterdir() if model.name != KEPT]
    for part in ("annotators", "pipelines", "jobs"):
        ignored = shutil.ignore_patterns("__pycache__", *others)
        shutil.copytree(ROOT / part, packages / part, ignore=ignored)
    return shutil.make_archive(str(folder / "env"), "gztar", bundle)


@pytest.fixture
def models(tmp_path):
    """A function that makes a folder of models, by name, each with other weights."""

    def make(*names):
        from tokenizers.implementations import BertWordPieceTokenizer

        for seed, name in enumerate(names, 100):
            folder = write_tiny_bert(tmp_path / name, TOKEN_LABELS, "token-classification", seed)
            words = BertWordPieceTokenizer(str(folder / "assets/vocab.txt"), lowercase=False)
            words.save(str(folder / "tokenizer.json"))
        return {name: tmp_path / name for name in names}

    return make


def test_an_executor_without_the_package(cluster, bare, tmp_path):
    """One line of the doctor's, and of a job's; neither has a word of Java's or of Python's."""
    done = run("-m", "jobs.cli", "doctor", "--master", cluster, PYSPARK_PYTHON=str(bare))
    (tmp_path / "notes.jsonl").write_text('{"note_id": 1, "text": "No pain."}\n', "utf-8")
    job = ["annotate", tmp_path / "notes.jsonl", tmp_path / "out", "--master", cluster]
    other = run("-m", "jobs.cli", *job, PYSPARK_PYTHON=str(bare))

    assert done.returncode == 1, done.stdout + done.stderr
    assert own_lines(done) == []
    (told,) = [line for line in done.stdout.splitlines() if line.startswith("WRONG")]
    assert f"at {bare} has no Notemill" in told
    assert "Install the wheel where executors run" in told

    assert (other.returncode, other.stdout) == (1, ""), other.stderr
    (told,) = own_lines(other)
    assert told.startswith("notemill: an executor's Python has no ")
    assert "Install the wheel where executors run" in told


def test_executors_run_a_packed_environment(cluster, packed, work):
    """The model of its trial is the one in the package. Its workers are forked from our daemon."""
    done = run("-m", "jobs.cli", "doctor", "--json", "--master", cluster, "--model", KEPT,
               PYSPARK_PYTHON="./env/bin/python",
               PYSPARK_SUBMIT_ARGS=f"--archives {packed}#env {java.submit_args()}")  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    (executor,) = told["executors"]
    assert executor["home"].startswith(str(work))
    assert "/env/lib/" in executor["home"]
    assert {"trial"} <= {f["check"] for f in told["findings"] if f["status"] == "fine"}


def test_models_reach_executors_by_path_archive_and_files(cluster, packed, models, tmp_path):
    """One that is nowhere is told in one line."""
    made = models("seen", "archived", "flat", "lost")
    archive = shutil.make_archive(str(tmp_path / "archived"), "gztar", made["archived"])
    files = ",".join(str(made["flat"] / name) for name in ("model.onnx", "tokenizer.json"))
    out = tmp_path / "told.json"
    done = run(CLIENT, cluster, out, *(f"{name}={folder}" for name, folder in made.items()),
               PYSPARK_PYTHON="./env/bin/python",
               PYSPARK_SUBMIT_ARGS=f"--archives {packed}#env,{archive}#archived --files {files} "
               f"{java.submit_args(with_notemill=False)}")  # fmt: skip

    assert done.returncode == 0, done.stderr[-3_000:]
    told = json.loads(out.read_text("utf-8"))
    lost = told.pop("lost")
    assert told == {"seen": True, "archived": True, "flat": True}
    assert lost.startswith(f"model {made['lost']} of the driver is not on ")
    assert len(lost.splitlines()) == 1


@pytest.mark.skipif(pyspark.__version__ < "4", reason="Connect is promised from Spark 4 on")
def test_artifacts_of_a_connect_session(cluster, packed, bare, models, connect_server, tmp_path):
    made = models("archived")
    archive = shutil.make_archive(str(tmp_path / "archived"), "gztar", made["archived"])
    out = tmp_path / "told.json"
    with connect_server(cluster, tmp_path, {**clean(), "PYSPARK_PYTHON": str(bare)}) as server:
        lacking = run("-m", "jobs.cli", "doctor", "--json", "--remote", server)
        done = run(CLIENT, server, out, f"archived={made['archived']}",
                   "--artifact", f"{packed}#env", f"{archive}#archived")  # fmt: skip

    assert [f["found"] for f in json.loads(lacking.stdout)["findings"] if f["status"] == "wrong"]
    assert done.returncode == 0, done.stderr[-3_000:]
    assert json.loads(out.read_text("utf-8")) == {"archived": True}
