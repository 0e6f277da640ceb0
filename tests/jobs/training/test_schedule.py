"""The schedule of a run: by steps, or by the clock where that ends it first."""

import pytest

from tests.jobs.small_bert import TRAINING

optimise = pytest.importorskip(
    "jobs._training.optimise", reason="needs the extra [train]", exc_type=ImportError
)

pytestmark = TRAINING


def test_a_run_that_the_clock_ends_warms_up_and_comes_down_within_its_minutes(monkeypatch):
    """Of 10,000 steps that were asked for, one minute holds 60."""
    now = [0.0]
    monkeypatch.setattr(optimise.time, "monotonic", lambda: now[0])
    clock = optimise.Clock(minutes=1, warmup=0.1, schedule="linear")
    factors = []
    for step in range(61):
        now[0] = float(step)
        factors.append(clock.factor(step, 10_000))

    assert factors[6] == pytest.approx(1)
    assert factors[3] == pytest.approx(0.5)
    assert factors[33] == pytest.approx(0.5)
    assert factors[60] == 0


def test_without_minutes_the_schedule_goes_by_steps():
    clock = optimise.Clock(minutes=0, warmup=0.1, schedule="linear")

    factors = [clock.factor(step, 100) for step in (0, 5, 10, 55, 100)]

    assert factors == pytest.approx([0, 0.5, 1, 0.5, 0])
