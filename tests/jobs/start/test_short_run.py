"""Java's options for a short run: for small inputs here, and never beside those of a user."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs._run.java import version_in_release
from jobs._start.no_spark import ALONE
from jobs._start.short_run import OPTIONS, SMALL, is_small, short_lived

ROOT = Path(__file__).resolve().parents[3]
VARIABLES = ("SPARK_SUBMIT_OPTS", "SPARK_LAUNCHER_OPTS")
OF_A_USER = (
    "SPARK_SUBMIT_OPTS", "PYSPARK_SUBMIT_ARGS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS", "SPARK_LAUNCHER_OPTS", "SPARK_CONF_DIR", "SPARK_HOME",
)  # fmt: skip


@pytest.fixture
def plain(monkeypatch, tmp_path):
    """An environment in which nobody has told Java anything, nor kept an archive."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in OF_A_USER:
        monkeypatch.delenv(name, raising=False)


def options():
    return [os.environ.get(name) for name in VARIABLES]


@pytest.mark.usefixtures("plain")
def test_the_options_last_as_long_as_java_takes_to_start():
    with short_lived():
        assert options() == [OPTIONS, OPTIONS]
    assert options() == [None, None]


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("name", OF_A_USER[:5])
def test_options_of_a_user_stand_alone(monkeypatch, name):
    monkeypatch.setenv(name, "-XX:+UseG1GC")
    before = options()
    with short_lived():
        assert options() == before


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(
    ("file", "said", "left"),
    [
        ("spark-defaults.conf", "spark.driver.extraJavaOptions -XX:+UseG1GC\n", True),
        ("spark-defaults.conf", "spark.driver.memory 2g\n", False),
        ("spark-env.sh", "export SPARK_SUBMIT_OPTS=-XX:+UseG1GC\n", True),
    ],
)
def test_files_of_spark_count_as_the_user_s(monkeypatch, tmp_path, file, said, left):
    (tmp_path / file).write_text(said, encoding="utf-8")
    monkeypatch.setenv("SPARK_CONF_DIR", str(tmp_path))
    with short_lived():
        assert options() == ([None, None] if left else [OPTIONS, OPTIONS])


def sparse(path, size):
    with path.open("wb") as file:
        file.truncate(size)
    return str(path)


def test_what_is_small_is_small_in_all(tmp_path):
    (tmp_path / "in" / "below").mkdir(parents=True)
    halves = [sparse(tmp_path / "in" / part, SMALL // 2) for part in ("a.txt", "below/b.txt")]
    assert all(map(is_small, [*halves, str(tmp_path / "in"), f"file://{tmp_path}/in"]))
    sparse(tmp_path / "in" / "c.txt", 1)
    assert not is_small(str(tmp_path / "in"))
    assert not is_small(sparse(tmp_path / "large.jsonl", SMALL + 1))


@pytest.mark.parametrize("path", ["s3a://bucket/notes.jsonl", "nothing.jsonl", "no*.jsonl"])
def test_what_cannot_be_sized_is_not_small(path):
    assert not is_small(path)


# The launcher runs, which says how Java is to be called; that call is noted, and fails.
JAVA = """#!/bin/sh
case "$*" in
  *launcher.Main*|-version) exec java "$@" ;;
  *) echo "$*" >> {log}; exit 1 ;;
esac
"""


@pytest.mark.slow
@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(
    ("size", "master", "short"),
    [(ALONE, [], True), (ALONE, ["--master", "local[1]"], True), (SMALL, [], False),
     (ALONE, ["--master", "spark://nobody:7077"], False)],
)  # fmt: skip
def test_java_is_called_by_the_size_of_the_input(tmp_path, token_model, size, master, short):
    java, log, notes = (tmp_path / name for name in ("home/bin/java", "log", "notes.jsonl"))
    java.parent.mkdir(parents=True)
    java.write_text(JAVA.format(log=log), encoding="utf-8")
    java.chmod(0o755)
    row = {"note_id": 1, "text": "No pain.", "more": "x" * size}
    notes.write_text(json.dumps(row) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "jobs.cli", "annotate", notes, "out", "--model", token_model]
    done = subprocess.run(
        [*map(str, command), *master], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "JAVA_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert done.returncode == 5
    assert done.stdout == ""
    assert "Java ended before Spark was up" in done.stderr
    (called,) = log.read_text().splitlines()
    assert (OPTIONS in called) == short


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('IMPLEMENTOR="Debian"\nJAVA_RUNTIME_VERSION="99+6"\nJAVA_VERSION="17.0.15"\n', 17),
        ('GRAALVM_VERSION="22.3.0"\nJAVA_VERSION="11.0.17"\n', 11),
        ('JAVA_VERSION="1.8.0_412"\n', 8),
        ('GRAALVM_VERSION="22.3.0"\n', None),
        (None, None),
    ],
)
def test_a_java_s_folder_tells_its_version(tmp_path, said, version):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    (tmp_path / "link").symlink_to(tmp_path / "bin" / "java")
    if said is not None:
        (tmp_path / "release").write_text(said, encoding="utf-8")
    assert version_in_release(str(tmp_path / "link")) == version
