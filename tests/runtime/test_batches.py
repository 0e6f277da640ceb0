"""Advice on Arrow batches that are too large for long notes."""

import logging

from annotators._runtime import program
from annotators._runtime.program import slices


def test_large_batches_are_told_once_and_without_their_text(monkeypatch, caplog):
    monkeypatch.setattr(program, "LARGE_BATCH", 4_000)
    monkeypatch.setattr(program, "GOOD_BATCH", 1_000)
    monkeypatch.setattr(program, "_advised", [])
    with caplog.at_level(logging.WARNING, "notemill"):
        list(slices([100] * 40))
        assert caplog.records == []
        for _ in range(2):
            assert list(slices([100] * 80)) == [(0, 80)]

    (told,) = [record.getMessage() for record in caplog.records]
    assert told == (
        "notemill: an Arrow batch has 80 rows of 8000 characters, which JVM and worker hold at "
        "once: set spark.sql.execution.arrow.maxRecordsPerBatch to 10."
    )
