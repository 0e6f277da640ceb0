"""The wheel: which files it holds, and that the light parts of it need no Spark."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from annotators.core.errors import SECOND_WHEEL, ModelError
from jobs._run.verbs import VERBS

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("annotators", "pipelines", "jobs")
MOST_BYTES = 100 * 10**6
"""What package indexes take without asking."""
MODELS = ROOT / "annotators" / "pretrained"


@pytest.fixture(scope="module")
def wheel(built_wheel):
    """The names in the wheel."""
    return zipfile.ZipFile(built_wheel).namelist()


@pytest.fixture(scope="module")
def models_wheel(build_wheel):
    """The second wheel, which holds the models that are not in the first."""
    return build_wheel(MODELS)


@pytest.mark.slow
def test_the_wheels_are_small_enough_for_a_package_index(built_wheel, models_wheel):
    assert built_wheel.stat().st_size < MOST_BYTES
    assert models_wheel.stat().st_size < MOST_BYTES


@pytest.mark.slow
def test_each_model_is_in_one_of_the_wheels(wheel, models_wheel):
    weights = {f.relative_to(ROOT).as_posix() for f in MODELS.glob("*/model.onnx")}
    second = {n for n in zipfile.ZipFile(models_wheel).namelist() if n.endswith("/model.onnx")}

    assert {name.split("/")[-2] for name in second} == set(SECOND_WHEEL)
    assert second == weights - set(wheel)
    with pytest.raises(ModelError, match="pip install notemill-models"):
        raise ModelError.unknown_name(SECOND_WHEEL[0], [])


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
    left_out = (
        "annotators/pretrained/pyproject.toml",
        *(f"annotators/pretrained/{m}/" for m in SECOND_WHEEL),
    )
    assert {name for name in tracked if not name.startswith(left_out)} <= set(wheel)


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
    loaded = imported("jobs.cli", "pipelines", *(home.partition(":")[0] for home in VERBS.values()))
    assert "pyspark" in loaded
    assert not loaded & {"torch", "transformers", "onnx", "seqeval", "sklearn", "sparknlp"}
