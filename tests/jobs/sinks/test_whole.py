"""Sinks in a folder put in place what is whole only: every row that was made, each note once."""

import shutil

import pytest

from jobs._run.exit_codes import InputError
from jobs.sinks.delta.settings import DeltaSettings
from jobs.sinks.parquet.settings import ParquetSettings
from jobs.sinks.tables import ENTITIES, NOTES
from tests.jobs.databases.rows import frames, held, run_row, schemas

OPENED = {
    "parquet": lambda spark, folder: ParquetSettings(path=str(folder)).open(spark),
    "delta": lambda spark, folder: DeltaSettings(format="delta", path=str(folder)).open(spark),
}


@pytest.fixture(params=OPENED)
def sink(request, spark, tmp_path):
    made = OPENED[request.param](spark, tmp_path / "archive")
    made.check(schemas())
    with made.lock():
        made.recover()
        made.commit(None, frames(spark, [1]), run_row(1), {NOTES: 1, ENTITIES: 2})
        yield made


def test_rows_that_do_not_come_are_missed(spark, sink):
    """As where a task writes to the disk of its own machine."""
    with pytest.raises(InputError, match=r"4 rows of entities came to .*, and 5 were made"):
        sink.commit(None, frames(spark, [2, 3]), run_row(2), {NOTES: 2, ENTITIES: 5})
    assert [row[0] for row in held(sink, NOTES)] == [1]


def test_a_file_that_is_not_here_is_missed(spark, sink, monkeypatch):
    write = sink._write

    def written_elsewhere(staged, tables):
        write(staged, tables)
        shutil.rmtree(staged / ENTITIES)

    monkeypatch.setattr(sink, "_write", written_elsewhere)
    with pytest.raises(InputError, match="0 rows of entities came to"):
        sink.commit(None, frames(spark, [2]), run_row(2), {ENTITIES: 2})
    assert len(held(sink, ENTITIES)) == 2


def test_a_note_that_the_source_gives_twice_is_not_there_twice(spark, sink):
    with pytest.raises(InputError, match="gave a note twice"):
        sink.commit(None, frames(spark, [2, 3, 2]), run_row(2), {NOTES: 3})
    assert [row[0] for row in held(sink, NOTES)] == [1]
