"""The tests with ONNX models, each model in a process of its own.

Spark NLP holds one ONNX model a process: a second collides with the first, and so do later jobs.
"""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


@pytest.mark.parametrize("task", ["token", "sequence"])
def test_classification(task):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rP",
        HERE / f"check_{task}_classification.py",
    ]
    ran = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, check=False)
    print(ran.stdout)

    assert ran.returncode == 0
