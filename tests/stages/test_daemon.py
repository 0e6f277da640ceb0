"""Python workers forked with what stages need in memory (annotators/daemon.py)."""

import os
import subprocess
import sys
from pathlib import Path

import pyspark
import pytest

from annotators import daemon

ROOT = Path(__file__).resolve().parents[2]
LOAD = """
import sys
from pathlib import Path
from annotators import daemon
daemon._NEEDED = ("no_such_package", *daemon._NEEDED)
daemon.load()
own = Path("/proc/self/comm").read_text()
others = [task.joinpath("comm").read_text() for task in Path("/proc/self/task").iterdir()]
others.remove(own)
loaded = [name in sys.modules for name in ("onnxruntime", "pyarrow", "annotators._spark.transform")]
print(set(others) - {"jemalloc_bg_thd\\n"}, all(loaded))
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="there is no /proc")
def test_it_has_what_there_is_and_nothing_runs_beside_it_that_a_fork_would_lose():
    """Arrow's allocator has a thread, which it starts anew in a fork."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "set() True\n"


def of_a_worker(frames):
    import pandas as pd

    loaded = [name in sys.modules for name in ("onnxruntime", "annotators._runtime.session")]
    for _ in frames:
        yield pd.DataFrame(
            {"daemon": [sys.modules["__main__"].__spec__.name], "has": [all(loaded)]}
        )


def test_the_workers_of_a_session_on_this_machine_have_it_all(spark):
    (found,) = spark.range(1).mapInPandas(of_a_worker, "daemon string, has boolean").collect()
    assert tuple(found) == ("annotators.daemon", True)


def test_the_path_keeps_no_archive_of_spark_s_that_nothing_needs(monkeypatch, tmp_path):
    installed = Path(pyspark.__file__).parents[1]
    own = str(installed / "pyspark" / "python" / "lib" / "pyspark.zip")
    (jar,) = map(str, (installed / "pyspark" / "jars").glob("spark-core_*.jar"))
    others = [
        str(tmp_path / "pyspark" / "python" / "lib" / "pyspark.zip"), str(tmp_path / "a.jar"),
    ]  # fmt: skip
    monkeypatch.setattr(sys, "path", [own, jar, *others, str(installed), *sys.path])
    monkeypatch.setattr(sys, "path_importer_cache", dict.fromkeys((jar, f"{jar}/org", "/"), None))

    daemon.without_archives()

    assert {own, jar}.isdisjoint(sys.path)
    assert sys.path[:2] == others
    assert set(sys.path_importer_cache) == {"/"}


@pytest.mark.skipif(not daemon.LINUX, reason="it is for Linux")
def test_it_is_for_workers_that_run_this_python(monkeypatch, tmp_path):
    asked = {"spark.python.daemon.module": "annotators.daemon"}
    assert daemon.settings() == asked
    other = tmp_path / "python"
    other.symlink_to(sys.executable)
    for python, wanted in (
        (str(other), {}),
        ("no-such-python", {}),
        (Path(sys.executable).name, asked),
        ("", asked),
    ):
        monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
        monkeypatch.setenv("PYSPARK_PYTHON", python)
        assert daemon.settings() == wanted
