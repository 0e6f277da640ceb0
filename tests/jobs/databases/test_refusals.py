"""PostgreSQL whose disk is full, or whose tables are others: one line, and nothing is lost."""

import os
import shutil

import pytest

from tests.jobs.databases.server import PASSWORD, USER
from tests.jobs.databases.test_etl_everywhere import etl, put
from tests.jobs.etl.test_disk import fill, mounted


def test_tables_with_other_columns_are_left_alone(
    spark, server, schema, tmp_path, token_model, monkeypatch
):
    monkeypatch.setenv("SECRET", PASSWORD)
    sink = {"format": "postgresql", "url": server.url, "user": USER, "password": "${SECRET}",
            "schema": schema}  # fmt: skip
    more = ["--set", f"model={token_model}"]
    first = etl(tmp_path, put(tmp_path, {1: "The patient denies pain."}), sink, *more)
    assert first.exit_code == 0, (first.output, first.exception)
    server.sql(f"alter table {schema}.entities add column reviewed boolean")
    before = server.sql(f"select * from {schema}.entities")
    for arguments in ([], ["--dry-run"]):
        source = put(tmp_path, {1: "The patient takes aspirin.", 2: "Pain."})
        refused = etl(tmp_path, source, sink, *more, *arguments)
        assert refused.exit_code == 3
        (line,) = refused.output.strip().splitlines()
        assert f"table {schema}.entities has reviewed besides: rename it" in line
    assert server.sql(f"select * from {schema}.entities") == before
    server.sql(f"alter table {schema}.entities drop column reviewed")
    again = etl(tmp_path, source, sink, *more)
    assert "1 new, 1 changed" in again.output, again.exception


def test_a_full_disk_of_the_server_is_told_and_with_room_the_same_command_finishes(
    spark, server, schema, tmp_path, token_model, monkeypatch
):
    if os.geteuid():
        pytest.skip("only root mounts a file system")
    monkeypatch.setenv("SECRET", PASSWORD)
    sink = {"format": "postgresql", "user": USER, "password": "${SECRET}", "schema": schema,
            "url": f"{server.url}?options=-cdefault_tablespace%3Dsmall"}  # fmt: skip
    source = put(tmp_path, {i: f"The patient takes aspirin {i} mg. " * 40 for i in range(9)})
    more = ["--set", f"model={token_model}"]
    with mounted(server.folder / "small", "size=4m,mode=700") as disk:
        shutil.chown(disk, "postgres", "postgres")
        server.sql(f"create tablespace small location '{disk}'")
        try:
            for left in (0, 256):
                fill(disk, left)
                failed = etl(tmp_path, source, sink, *more)
                assert failed.exit_code == 3, failed.exception
                (line,) = failed.output.strip().splitlines()
                assert "No space left on device" in line
                assert "run the same command again" in line
                (disk / "others").unlink()
            done = etl(tmp_path, source, sink, *more)
            assert done.exit_code == 0, (done.output, done.exception)
            counts = [
                server.sql(f"select {count} from {schema}.{table}")[0][0]
                for count, table in (
                    ("sum(entities)", "notes"), ("count(*)", "entities"), ("count(*)", "note_nlp"),
                    ("count(distinct note_id)", "notes"),
                )
            ]  # fmt: skip
            assert counts[0] == counts[1] == counts[2] > 0
            assert counts[3] == 9
        finally:
            server.sql(f"drop schema if exists {schema} cascade")
            server.sql("drop tablespace small")
