"""The wheel: which files it holds, and that the light parts of it need no Spark."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("annotators", "pipelines", "jobs")
MOST_BYTES = 100 * 2**20
"""What package indexes take without asking: 100 MB, as they count them."""


@pytest.fixture(scope="module")
def wheel(built_wheel):
    """The names in the wheel."""
    return zipfile.ZipFile(built_wheel).namelist()


@pytest.mark.slow
def test_the_wheel_is_small_enough_for_a_package_index(built_wheel):
    assert built_wheel.stat().st_size < MOST_BYTES


@pytest.mark.slow
def test_the_wheel_tells_licence_notices_and_types(wheel):
    for name in ("LICENSE", "annotators/THIRD_PARTY.md"):
        assert [n for n in wheel if n.endswith(f".dist-info/licenses/{name}")], name
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(wheel)
    assert not [name for name in wheel if name.startswith(("tests/", "benchmarks/", "docs/"))]


@pytest.mark.slow
def test_the_wheel_holds_the_packages_and_nothing_else(wheel):
    tops = {name.split("/", 1)[0] for name in wheel}
    (info,) = tops - set(PACKAGES)
    assert info.startswith("notemill-")
    assert info.endswith(".dist-info")
    assert not [name for name in wheel if "__pycache__" in name or name.endswith(".pyc")]


@pytest.mark.slow
def test_every_tracked_file_is_in_the_wheel(wheel):
    listed = subprocess.run(
        ["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    tracked = {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}
    assert "jobs/sample/notes.jsonl" in tracked
    assert tracked <= set(wheel)


def imported(*modules):
    """The modules that a fresh Python has loaded after it imported these."""
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return {name.split(".", 1)[0] for name in done.stdout.split()}


def test_core_is_imported_without_spark_or_onnx():
    core = [
        ".".join(p.relative_to(ROOT).with_suffix("").parts)
        for p in (ROOT / "annotators" / "core").rglob("[a-z]*.py")
    ]
    loaded = imported("annotators", *core)
    assert "numpy" in loaded
    assert not loaded & {"pyspark", "pandas", "pyarrow", "onnxruntime", "tokenizers", "torch"}


def test_the_command_is_imported_without_the_extra_train():
    loaded = imported("jobs.cli", "pipelines")
    assert "pyspark" in loaded
    assert not loaded & {"torch", "transformers", "onnx", "seqeval", "sklearn", "sparknlp"}
