"""The Delta sink: commits of all tables at once, seen by any reader of Delta."""

import os
import shutil

import pytest
from deltalake import DeltaTable
from pyspark.sql.types import DecimalType, StringType

from jobs._report import reading
from jobs._run.exit_codes import InputError, LockedError
from jobs.sinks.delta import sink as module
from jobs.sinks.delta.settings import DeltaSettings
from jobs.sinks.tables import ENTITIES, NOTES, REJECTS, RUNS
from tests.jobs.databases.rows import frames, held, ids_frame, run_row, schemas


def opened(spark, folder):
    return DeltaSettings(format="delta", path=str(folder)).open(spark)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "an archive, größer"


def commit(sink, replaced, tables, run, made=None):
    sink.check(made or schemas())
    with sink.lock():
        sink.recover()
        sink.commit(replaced, tables, run)


def seen(folder, table):
    """What another reader of Delta sees by the name that users name."""
    return sorted(map(str, DeltaTable(str(folder / table)).to_pyarrow_table().to_pylist()))


def test_rows_come_are_replaced_and_read_back(spark, folder):
    sink = opened(spark, folder)
    assert sink.done() is None
    commit(sink, None, frames(spark, [1, 2, 3], rejects=[None, 3]), run_row(1, "running"))
    before = sink.read(ENTITIES)
    assert len(held(sink, ENTITIES)) == 6
    assert len(seen(folder, ENTITIES)) == 6
    changed = frames(spark, [2], "fever", run=2)
    commit(sink, ids_frame(spark, [2, 3, None]), changed, run_row(2))
    assert [row[3] for row in held(sink, ENTITIES)] == ["pain", "pain", "fever", "fever"]
    assert len(seen(folder, ENTITIES)) == 4
    assert before.count() == 6, "a reader in the middle keeps what it saw"
    assert held(sink, REJECTS) == []
    assert sorted(map(tuple, sink.done().collect())) == [(1, "sha-pain", "f1"),
                                                         (2, "sha-fever", "f1")]  # fmt: skip
    assert {row[0]: row[3] for row in held(sink, RUNS)} == {"run-1": "interrupted", "run-2": "done"}
    assert {oct(p.stat().st_mode)[-3:] for p in folder.rglob("*") if p.is_file()} == {"600"}


@pytest.mark.parametrize("kind", ["string", "decimal"])
def test_ids_keep_their_type_and_texts_every_character(spark, folder, kind):
    from decimal import Decimal

    id_type = StringType() if kind == "string" else DecimalType(20, 2)
    ids = ["a\x00", "it's", '"', "", "é😀"]
    ids = ids if kind == "string" else [Decimal("12345678901234567.25"), Decimal("-1.00")]
    text = 'x\x00y\t"q"\r\n é😀'
    sink = opened(spark, folder)
    commit(sink, None, frames(spark, ids, text, id_type=id_type), run_row(1), schemas(id_type))
    assert sink.done().schema[0].dataType == id_type
    assert {row[0] for row in sink.done().collect()} == set(ids)
    assert {row[3] for row in held(sink, ENTITIES)} == {text}
    gone = frames(spark, [], id_type=id_type)
    commit(sink, ids_frame(spark, ids, id_type), gone, run_row(2), schemas(id_type))
    assert held(sink, ENTITIES) == seen(folder, ENTITIES) == []


@pytest.mark.parametrize("after", [0, 2])
def test_a_commit_that_dies_anywhere_changes_nothing(spark, folder, monkeypatch, after):
    sink = opened(spark, folder)
    commit(sink, None, frames(spark, [1]), run_row(1))
    add, calls = module._add, []

    def dies(*arguments):
        calls.append(1)
        if len(calls) > after:
            raise KeyboardInterrupt
        add(*arguments)

    monkeypatch.setattr(module, "_add", dies)
    with pytest.raises(KeyboardInterrupt):
        commit(sink, ids_frame(spark, [1]), frames(spark, [1, 2], "fever"), run_row(2))
    monkeypatch.undo()
    for table in (ENTITIES, NOTES, RUNS):
        assert len(seen(folder, table)) == {ENTITIES: 2, NOTES: 1, RUNS: 1}[table]
    commit(sink, ids_frame(spark, [1]), frames(spark, [1, 2], "fever"), run_row(2))
    assert len(seen(folder, ENTITIES)) == len(held(sink, ENTITIES)) == 4
    assert len(seen(folder, RUNS)) == 2


def test_many_small_files_are_joined(spark, folder, monkeypatch):
    monkeypatch.setattr(module, "MOST_FILES", 3)
    sink = opened(spark, folder)
    for number in range(4):
        commit(sink, None, frames(spark, [number], spread=1), run_row(number))
    assert len(seen(folder, ENTITIES)) == len(held(sink, ENTITIES)) == 8
    assert len(module.live_files(folder / ENTITIES)) <= 3
    assert sorted(f.name for f in reading._files(folder / ENTITIES)) == [
        f.name for f in module.live_files(folder / ENTITIES)
    ]


def test_places_that_cannot_be_used(spark, folder):
    sink = opened(spark, folder)
    commit(sink, None, frames(spark, [1]), run_row(1))
    with sink.lock(), pytest.raises(LockedError), opened(spark, folder).lock():
        pass
    with pytest.raises(InputError, match="note_id of type bigint, but this run writes string"):
        sink.check(schemas(StringType()))
    current = os.path.realpath(folder / NOTES)
    shutil.rmtree(f"{current}/_delta_log")
    with pytest.raises(InputError, match="holds tables of another format"):
        sink.check(schemas())
    with pytest.raises(ValueError, match="is of another file system"):
        DeltaSettings(format="delta", path="s3a://bucket/archive")
