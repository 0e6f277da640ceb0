"""Spark's classes kept by Java: used by short runs, harmless where damaged, made by the doctor."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from annotators.core.errors import NotemillError
from jobs._start.archive import archive_place, kept_archives, make_archive, with_archive
from jobs._start.short_run import OPTIONS
from tests import java

ROOT = Path(__file__).resolve().parents[3]
MAKE = """
from jobs._start.archive import make_archive
from jobs._start.short_run import OPTIONS
print(make_archive(OPTIONS))
"""
# A job in a session for a short run, and whether its Java has the archive in memory.
USE = """
import sys
from pathlib import Path
from pyspark import SparkContext
from jobs._run.spark import spark_session
rows = spark_session("notemill tests", "local[1]", short=True).range(3).count()
maps = Path(f"/proc/{SparkContext._gateway.proc.pid}/maps").read_text()
print(rows, sys.argv[1] in maps)
"""


def python(program, cache, *arguments):
    """What a program says in an environment with this cache, in which nobody has told Java."""
    own = ("SPARK_SUBMIT_OPTS", "SPARK_LAUNCHER_OPTS", "PYSPARK_SUBMIT_ARGS")
    kept = {name: value for name, value in os.environ.items() if name not in own}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True,
        env={**kept, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """An archive, and the cache that it lies in: the one that these tests' own Java has, or a new one."""
    place = java.archive()
    if place is None:
        cache = tmp_path_factory.mktemp("cache")
        (made,) = python(MAKE, cache)
        return Path(made), cache
    return place, java.CACHE


needs_maps = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="there is no /proc")


@pytest.mark.slow
@needs_maps
def test_a_short_run_uses_the_archive(kept):
    place, cache = kept

    assert [path.name for path in place.parent.iterdir()] == [place.name]
    assert python(USE, cache, place.name) == ["3 True"]


@pytest.mark.slow
@needs_maps
def test_a_damaged_archive_is_passed_over_without_a_word(kept, tmp_path):
    place, _ = kept
    copy = tmp_path / "notemill" / place.name
    copy.parent.mkdir()
    whole = bytearray(place.read_bytes())
    middle = slice(len(whole) // 2, len(whole) // 2 + 99)
    whole[middle] = bytes(255 - byte for byte in whole[middle])
    copy.write_bytes(whole)

    assert python(USE, tmp_path, place.name) == ["3 False"]


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """An empty file in the archive's place."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    archive_place(0).parent.mkdir(mode=0o700)
    archive_place(0).touch(mode=0o600)
    return tmp_path


def test_an_archive_of_this_user_s_is_used(cache):
    assert with_archive(OPTIONS).startswith(OPTIONS)
    assert f"-XX:SharedArchiveFile={archive_place(0)}" in with_archive(OPTIONS)


def test_one_of_another_size_than_its_name_says_is_not(cache):
    """It was cut, or is another file: Java may end over it, without a word."""
    archive_place(0).rename(archive_place(9)).write_bytes(b"cut")

    assert with_archive(OPTIONS) == OPTIONS


@pytest.mark.parametrize("writable", ["file", "folder"])
def test_an_archive_that_others_can_replace_is_not(cache, writable):
    place = archive_place(0)
    (place if writable == "file" else place.parent).chmod(0o777)

    assert with_archive(OPTIONS) == OPTIONS


@pytest.mark.parametrize("name", ["two words", "quo'te", "dollar$"])
def test_a_place_that_spark_s_scripts_would_part_is_not(monkeypatch, tmp_path, name):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / name))
    archive_place(0).parent.mkdir(parents=True, mode=0o700)
    archive_place(0).touch(mode=0o600)

    assert with_archive(OPTIONS) == OPTIONS
    with pytest.raises(NotemillError, match="characters"):
        make_archive(OPTIONS)


def test_another_java_has_another_archive(monkeypatch, tmp_path):
    first = archive_place(0)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    assert archive_place(0) != first


def test_no_home_is_no_failure(monkeypatch):
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    assert with_archive(OPTIONS) == OPTIONS


def test_a_java_that_makes_none_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))

    with pytest.raises(NotemillError, match="Java made no archive in"):
        make_archive(OPTIONS)
    assert list((tmp_path / "notemill").iterdir()) == []


def test_the_doctor_leaves_a_user_s_options_alone(monkeypatch, cache):
    from jobs.doctor import _kept

    monkeypatch.setenv("SPARK_SUBMIT_OPTS", "-Xmx2g")
    archive_place(0).unlink()

    assert _kept([]).status == "advice"
    assert kept_archives() == []
