"""onnxruntime tells nobody of the machine or of a model: from 1.32 on it would, by files in HOME."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPEN_A_MODEL = """
from annotators._runtime.model_folder import find_model
from annotators._runtime.session import open_session

open_session(find_model("sentence_detector_dl_healthcare"), "cpu", 1)
"""


@pytest.mark.parametrize("before", ["", "from annotators import LightPipeline\n"])
def test_nothing_is_kept_to_be_sent(before, tmp_path):
    given = {k: v for k, v in os.environ.items() if not k.startswith(("ORT_", "XDG_"))}
    subprocess.run(
        [sys.executable, "-c", before + OPEN_A_MODEL], cwd=tmp_path, check=True,
        env={**given, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert [str(path) for path in tmp_path.rglob("*") if path.is_file()] == []
