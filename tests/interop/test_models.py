"""The tests with ONNX models, each model in a process of its own.

Spark NLP holds one ONNX model a process: a second collides with the first, and so do later jobs.
"""

import pytest


@pytest.mark.parametrize("task", ["token", "sequence"])
def test_classification(in_own_process, task):
    in_own_process(f"check_{task}_classification.py")


def test_a_second_model(in_own_process):
    in_own_process("check_second_model.py")
