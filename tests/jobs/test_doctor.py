"""notemill doctor names the cause and the remedy of what will not work, and says so by its code."""

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from annotators._runtime.model_folder import PACKAGED
from tests import java

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments, path=(), **environment):
    """The command in a process of its own; `path` comes first among the places of modules."""
    paths = os.pathsep.join([*map(str, path), str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "jobs.cli", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def wrongs(done):
    return [line for line in done.stdout.splitlines() if line.startswith("WRONG")]


@pytest.fixture
def java_of(tmp_path):
    """A function that gives a JAVA_HOME whose Java tells a version."""

    def make(version):
        java = tmp_path / "jdk" / "bin" / "java"
        java.parent.mkdir(parents=True)
        java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n", "utf-8")
        java.chmod(0o755)
        return str(tmp_path / "jdk")

    return make


def new_spark():
    import pyspark

    return int(pyspark.__version__.split(".")[0]) >= 4


def test_no_java(tmp_path):
    """A PATH with no java on it, and no JAVA_HOME."""
    environment = {"PATH": str(tmp_path), "JAVA_HOME": ""}
    done = run("doctor", **environment)

    assert done.returncode == 5, done.stdout + done.stderr
    (told,) = wrongs(done)
    assert "no Java was found" in told
    assert "apt-get install openjdk-17" in told


@pytest.mark.skipif(not new_spark(), reason="this Spark runs on Java 11")
def test_java_11(java_of):
    done = run("doctor", JAVA_HOME=java_of("11.0.25"))

    assert done.returncode == 5, done.stdout + done.stderr
    (told,) = wrongs(done)
    assert "needs Java 17 or newer, but Java 11 was found at" in told


def test_pandas_3(tmp_path):
    """A pandas of another version comes first on the path."""
    (tmp_path / "pandas").mkdir()
    (tmp_path / "pandas" / "__init__.py").write_text('__version__ = "3.0.1"\n', "utf-8")
    done = run("doctor", path=[tmp_path])

    assert done.returncode == 1, done.stdout + done.stderr
    (told,) = wrongs(done)
    assert "pandas 3.0.1 is installed" in told
    assert "pip install 'pandas>=2" in told
    assert "<3'" in told


def test_no_onnxruntime(tmp_path):
    (tmp_path / "onnxruntime.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'onnxruntime'\", name='onnxruntime')\n",
        "utf-8",
    )
    done = run("doctor", path=[tmp_path])

    assert done.returncode == 1, done.stdout + done.stderr
    (told,) = wrongs(done)
    assert "onnxruntime cannot be imported" in told
    assert "pip install 'onnxruntime>=1.18,<2'" in told

    other = run("annotate", "notes.jsonl", "out", path=[tmp_path])
    assert other.returncode == 1
    assert other.stderr == (
        "notemill: onnxruntime cannot be imported (ModuleNotFoundError). "
        "`notemill doctor` says what to install.\n"
    )


def test_a_flipped_byte_in_a_model(tmp_path):
    """A copy of a packaged model, under its own name and under another."""
    name = "sentence_detector_dl_healthcare"
    for copy in (name, "mine"):
        shutil.copytree(PACKAGED / name, tmp_path / copy)
        with (tmp_path / copy / "model.onnx").open("r+b") as weights:
            weights.seek(100_000)
            byte = weights.read(1)[0]
            weights.seek(100_000)
            weights.write(bytes([byte ^ 1]))
    done = run("doctor", NOTEMILL_MODELS=str(tmp_path))

    assert done.returncode == 4, done.stdout + done.stderr
    told = wrongs(done)
    assert len(told) == 2
    for copy, line in zip(sorted(["mine", name]), told, strict=True):
        assert f"{tmp_path / copy / 'model.onnx'} has SHA-256" in line
        assert "Copy the folder again" in line


@pytest.mark.slow
def test_all_is_well_and_json_says_the_same():
    done = run("doctor", "--json", "--master", "local[1]")

    told = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert told["exit_code"] == 0
    checks = {f["check"]: f["status"] for f in told["findings"]}
    assert checks["java"] == checks["models"] == checks["trial"] == "fine"
    assert told["driver"]["packages"]["pandas"].startswith("2.")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The address of a cluster of one worker, whose environment knows nothing of this project, and
    the folder that the worker works in.
    """
    import pyspark

    spark_class = Path(pyspark.__file__).parent / "bin" / "spark-class"
    folder = tmp_path_factory.mktemp("cluster")
    kept = ("PATH", "JAVA_HOME", "HOME", "LANG", *java.VARIABLES)
    clean = {k: v for k, v in os.environ.items() if k in kept}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    url = f"spark://127.0.0.1:{port}"
    deploy = "org.apache.spark.deploy"
    commands = [
        [f"{deploy}.master.Master", "--host", "127.0.0.1", "-p", port, "--webui-port", "0"],
        [f"{deploy}.worker.Worker", "-c", "1", "-m", "1g", "--host", "127.0.0.1",
         "--webui-port", "0", "-d", str(folder / "work"), url],
    ]  # fmt: skip
    log = folder / "cluster.log"
    with log.open("w", encoding="utf-8") as said:
        running = [
            subprocess.Popen([spark_class, *c], env=clean, cwd=folder, stdout=said, stderr=said)
            for c in commands
        ]
    deadline = time.monotonic() + 120
    while "Registering worker" not in log.read_text("utf-8"):
        assert time.monotonic() < deadline, log.read_text("utf-8")
        assert all(one.poll() is None for one in running), log.read_text("utf-8")
        time.sleep(0.2)
    yield url, folder / "work"
    for one in running:
        one.terminate()
        one.wait(30)


@pytest.mark.cluster
def test_an_executor_without_the_package(tmp_path, cluster):
    """The driver names a Python that the executor has, with nothing installed in it."""
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    done = run("doctor", "--master", cluster[0], PYSPARK_PYTHON=str(bare / "bin" / "python"),
               PYSPARK_SUBMIT_ARGS=java.of_executors())  # fmt: skip

    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr == ""
    (told,) = wrongs(done)
    assert f"at {bare}/bin/python has no Notemill" in told
    assert "Install the wheel where executors run" in told


@pytest.mark.cluster
def test_executors_run_an_environment_that_was_shipped_by_archives(tmp_path, cluster):
    """A venv with Notemill in it; what Notemill needs lies where this Python has it."""
    bundle = tmp_path / "bundle"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bundle], check=True)
    (packages,) = (bundle / "lib").glob("python*/site-packages")
    needed = sysconfig.get_paths()["purelib"]
    (packages / "needed.pth").write_text(f"{needed}\n", "utf-8")
    kept = "bert_token_classifier_ner_bc5cdr"
    others = [folder.name for folder in PACKAGED.iterdir() if folder.name != kept]
    for part in ("annotators", "pipelines", "jobs"):
        ignored = shutil.ignore_patterns("__pycache__", *others)
        shutil.copytree(ROOT / part, packages / part, ignore=ignored)
    archive = shutil.make_archive(str(tmp_path / "env"), "gztar", bundle)
    done = run("doctor", "--json", "--master", cluster[0], PYSPARK_PYTHON="./env/bin/python",
               PYSPARK_SUBMIT_ARGS=f"--archives {archive}#env {java.of_executors()}")  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    (executor,) = told["executors"]
    assert executor["home"].startswith(str(cluster[1]))
    assert "/env/lib/" in executor["home"]
    assert {"trial"} <= {f["check"] for f in told["findings"] if f["status"] == "fine"}
