"""The tests with ONNX models, those of each model in a process of its own.

Spark NLP holds one ONNX model a process: a second collides with the first, and so do later jobs.
Another test of the same model finds it there, and a second model is asked for last.
"""

import pytest

CHECKS = {
    "token": ["check_token_classification.py", "check_their_bert.py", "check_second_model.py"],
    "sequence": ["check_sequence_classification.py", "check_their_bert.py"],
    "distilbert": ["check_distilbert_classification.py"],
}


@pytest.mark.parametrize("task", CHECKS)
def test_models_of_a_task(in_own_process, task):
    in_own_process(CHECKS[task], "-k", f"{task} or second_model")
