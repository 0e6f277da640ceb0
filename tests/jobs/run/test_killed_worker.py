"""A Python worker that is killed as often as its task is tried is told in one line."""

import os
import signal

import pytest

from annotators.core.errors import NotemillError
from jobs._run.spark import model_errors_of_workers


def killed(frames):
    """As the system kills a process where memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)
    yield from frames


@pytest.mark.parametrize("action", ["collect", "toPandas"])
def test_a_worker_that_is_killed_is_told(spark, action):
    frame = spark.range(2).mapInPandas(killed, "id long")
    said = "a Python worker ended in the middle"
    with pytest.raises(NotemillError, match=said) as told, model_errors_of_workers():
        getattr(frame, action)()
    assert "\n" not in str(told.value)
