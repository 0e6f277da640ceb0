"""What the small benchmarks measure by: a clock of parts, a process's first entity."""

import subprocess
import sys

import pytest

from benchmarks.cheaper import where
from benchmarks.cheaper.first_entity import seconds
from benchmarks.contenders.notemill import results, stages
from benchmarks.prepare import SEVERAL


def test_a_part_is_timed_without_the_parts_that_it_calls(monkeypatch):
    moments = iter([0, 1, 4, 5, 6, 10])
    monkeypatch.setattr(where.time, "process_time", lambda: next(moments))
    clock = where.Clock()
    inner = clock.timing("inner", lambda: None)
    clock.timing("outer", lambda: [inner(), inner()])()

    assert clock.spent == {"outer": 6, "inner": 4}


def test_the_first_entity_comes_before_the_last_and_a_failure_is_told():
    slow = "import time; print('first entity', flush=True); time.sleep(0.3); print('all')"
    first, last = seconds([sys.executable, "-c", slow])

    assert 0 < first < first + 0.25 < last
    with pytest.raises(subprocess.CalledProcessError):
        seconds([sys.executable, "-c", "raise SystemExit(3)"])


def test_several_models_have_columns_of_their_own():
    made = stages({"models": list(SEVERAL)})

    assert results(made) == ["ner_chunk", "ner_chunk_1", "category_2"]
    assert results(stages({})) == ["token"]
    assert results(stages({"model": SEVERAL[0]})) == ["ner_chunk"]
