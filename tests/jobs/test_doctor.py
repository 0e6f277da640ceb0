"""notemill doctor names the cause and the remedy of what will not work, and says so by its code."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from annotators._runtime.model_folder import PACKAGED
from tests.jobs.standalone import own_lines

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


def test_packages_that_are_compiled_at_every_start(monkeypatch, tmp_path):
    """Compiled files would lie in a folder that holds none."""
    from jobs._doctor.versions import bytecode_finding

    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (told,) = bytecode_finding()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)

    assert told.status == "advice"
    assert "PYTHONDONTWRITEBYTECODE is set" in told.found
    assert "python -m compileall -q" in told.remedy
    assert bytecode_finding() == []


@pytest.mark.slow
def test_all_is_well_and_json_says_the_same():
    done = run("doctor", "--json", "--master", "local[1]")

    told = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert own_lines(done) == []
    assert told["exit_code"] == 0
    checks = {f["check"]: f["status"] for f in told["findings"]}
    assert checks["java"] == checks["models"] == checks["trial"] == "fine"
    assert told["driver"]["packages"]["pandas"].startswith("2.")
