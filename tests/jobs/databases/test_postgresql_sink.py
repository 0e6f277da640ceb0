"""The PostgreSQL sink on a real server: commits, what it refuses, and what a killed run leaves."""

import pytest
from pyspark.sql.types import DecimalType, StringType

from annotators.core.errors import ParamError
from jobs._run.exit_codes import InputError, LockedError
from jobs._run.spark import model_errors_of_workers
from jobs.sinks.postgresql.settings import PostgresqlSettings
from jobs.sinks.tables import ENTITIES, NOTES, REJECTS, RUNS
from tests.jobs.databases.rows import JSON, frames, held, ids_frame, run_row, schemas
from tests.jobs.databases.server import PASSWORD, USER


def settings(server, schema, **more):
    keys = {"url": server.url, "user": USER, "password": PASSWORD, "schema": schema, **more}
    return PostgresqlSettings(format="postgresql", **keys)


@pytest.fixture
def sink(spark, server, schema):
    return settings(server, schema).open(spark)


def commit(sink, replaced, tables, run, made=None):
    sink.check(made or schemas())
    with sink.lock():
        sink.recover()
        sink.commit(replaced, tables, run)


def staged(server):
    return server.sql("select relname from pg_class where relname like %s", r"\_notemill\_%")


def test_rows_come_are_replaced_and_read_back(spark, server, sink):
    assert sink.done() is None
    assert sink.read(ENTITIES) is None
    commit(sink, None, frames(spark, [1, 2, 3], rejects=[None, 3]), run_row(1, "running"))
    first = held(sink, ENTITIES)
    assert len(first) == 6
    assert first[0] == (1, 0, 3, "pain", "Disease", pytest.approx(0.9501), 0, "f1")
    assert held(sink, REJECTS) == [(3, "etl", "RepeatedNoteId", "run-1"),
                                   (None, "etl", "RepeatedNoteId", "run-1")]  # fmt: skip
    changed = frames(spark, [2], "fever", run=2)
    commit(sink, ids_frame(spark, [2, 3, None]), changed, run_row(2, notes_in=2))
    assert [row[3] for row in held(sink, ENTITIES)] == ["pain", "pain", "fever", "fever"]
    assert held(sink, REJECTS) == []
    assert sorted(map(tuple, sink.done().collect())) == [(1, "sha-pain", "f1"),
                                                         (2, "sha-fever", "f1")]  # fmt: skip
    runs = {row[0]: row[3] for row in held(sink, RUNS)}
    assert runs == {"run-1": "interrupted", "run-2": "done"}
    assert sink.read(RUNS).schema.names == schemas()[RUNS].names
    assert staged(server) == []


def test_a_commit_that_fails_leaves_what_was(spark, server, schema, sink):
    commit(sink, None, frames(spark, [1]), run_row(1))
    twice = frames(spark, [2, 2])
    with pytest.raises(InputError, match=r"UniqueViolation \(23505\) in notes"):
        commit(sink, ids_frame(spark, [1]), twice, run_row(2))
    assert [row[0] for row in held(sink, NOTES)] == [1]
    assert len(held(sink, RUNS)) == 1
    assert staged(server) != []
    with sink.lock():
        sink.recover()
    assert staged(server) == []


@pytest.mark.parametrize("kind", ["string", "decimal"])
def test_ids_keep_their_type_and_texts_every_character(spark, sink, kind):
    from decimal import Decimal

    id_type = StringType() if kind == "string" else DecimalType(20, 2)
    ids = ["a\x00", "a\u24000", "a\u2400", "tab\tline\nback\\slash", "\\N", "", "é😀"]
    ids = ids if kind == "string" else [Decimal("12345678901234567.25"), Decimal("-1.00")]
    text = 'x\x00y\t"q"\r\n\\.\n\\N\u2400é😀'
    commit(sink, None, frames(spark, ids, text, id_type=id_type), run_row(1), schemas(id_type))
    assert sink.done().schema[0].dataType == id_type
    assert {row[0] for row in sink.done().collect()} == set(ids)
    assert {row[3] for row in held(sink, ENTITIES)} == {text.replace("\x00", "\ufffd")}
    gone = frames(spark, [], id_type=id_type)
    commit(sink, ids_frame(spark, ids, id_type), gone, run_row(2), schemas(id_type))
    assert held(sink, ENTITIES) == []


def test_nested_annotations_become_json(spark, server, schema, sink):
    made = schemas(annotations={"said": JSON})
    notes = spark.createDataFrame([(1, "s", "f", "r", 0, None, {"a": 'q"\x00\n'})], made[NOTES])
    commit(sink, None, {NOTES: notes}, run_row(1), made)
    assert server.sql(f"select said->>'a' from {schema}.notes") == [('q"\ufffd\n',)]


def test_one_run_at_a_time(spark, server, schema, sink):
    other = settings(server, schema).open(spark)
    with sink.lock():
        with (
            pytest.raises(LockedError, match=f"another run writes to schema {schema}"),
            other.lock(),
        ):
            pass
        with settings(server, schema + "x").open(spark).lock():
            pass
    with other.lock():
        pass


def test_places_that_cannot_be_used_are_told_in_one_line(spark, server, schema):
    server.sql(f"create schema {schema}")
    server.sql(f"create table {schema}.notes (note_id bigint, body text)")
    server.sql("create role reader login password 'read'")
    cases = {
        "lacks entities": {},
        "Connection refused": {"url": "postgresql://127.0.0.1:1/nowhere"},
        "password authentication failed": {"password": "wrong-Xylo"},
        "may not create tables in schema": {"user": "reader", "password": "read"},
        "may not create it": {"user": "reader", "password": "read", "schema": schema + "new"},
        'database "none" does not exist': {"url": server.url.rsplit("/", 1)[0] + "/none"},
    }
    for said, more in cases.items():
        with pytest.raises(InputError, match=said) as told:
            settings(server, **{"schema": schema, **more}).open(spark).check(schemas())
        assert "\n" not in str(told.value)
        assert PASSWORD not in str(told.value)
        assert "wrong-Xylo" not in str(told.value)
    with pytest.raises(ParamError, match="url cannot be read") as told:
        settings(server, schema, url=server.url + f"?nope={PASSWORD}").open(spark)
    assert PASSWORD not in str(told.value)
    assert PASSWORD not in repr(settings(server, schema))


def test_no_plan_tells_the_password(spark, sink, capsys):
    commit(sink, None, frames(spark, [1]), run_row(1))
    for mode in ("extended", "codegen", "formatted"):
        sink.read(NOTES).explain(mode=mode)
    told = capsys.readouterr().out
    assert "MapInArrow" in told
    assert PASSWORD not in told


def test_columns_of_other_types_are_refused(spark, server, schema, sink):
    commit(sink, None, {}, run_row(1))
    server.sql(f"alter table {schema}.entities alter begin type text")
    with pytest.raises(
        InputError, match=f"column {schema}.entities.begin is text, expected integer"
    ):
        sink.check(schemas())
    with pytest.raises(InputError, match=r"entities\.note_id is bigint, expected text"):
        sink.check(schemas(StringType()))


def test_a_server_that_restarts_ends_the_run_and_the_next_completes(spark, server, sink):
    commit(sink, None, frames(spark, [1]), run_row(1))
    known = sink.read(NOTES)
    with sink.lock():
        server.stop("immediate")
        with pytest.raises(InputError, match="Connection refused"), model_errors_of_workers():
            known.collect()
        server.start()
        with pytest.raises(InputError, match="PostgreSQL at 127") as told:
            sink.commit(None, frames(spark, [2]), run_row(2))
        assert "\n" not in str(told.value)
    commit(sink, None, frames(spark, [2]), run_row(2))
    assert [row[0] for row in held(sink, NOTES)] == [1, 2]
