"""A job in the middle of which PostgreSQL, its source and its sink, is restarted: it ends with a line,
readers see whole notes at any moment, and the same command makes the tables whole."""

import threading
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from tests.jobs.databases.kills import Place, completed, consistent
from tests.jobs.databases.server import PASSWORD, USER

NOTES = 8


@pytest.fixture(scope="module")
def new_place(server, sample_notes, token_model, tmp_path_factory):
    """Makes a place whose job reads a table of the server and writes into another of its schemas."""
    texts = [note["text"][:300] for note in sample_notes[:NOTES]]
    server.sql("create table restarted (note_id bigint, note_text text)")
    for identity, text in [*enumerate(texts), (None, "No name.")]:
        server.sql("insert into restarted values (%s, %s)", identity, text)
    source = {"format": "jdbc", "url": server.url, "user": USER, "password": "${SECRET}",
              "table": "restarted", "partitions": 2}  # fmt: skip

    def make(schema):
        folder = tmp_path_factory.mktemp(schema)
        return Place(folder, texts, token_model, "postgresql", server, schema, source=source)

    return make


@pytest.fixture(scope="module")
def undisturbed(spark, new_place):
    place = new_place("undisturbed")
    completed(place)
    found = place.rows()
    assert (len(found["notes"]), len(found["rejects"])) == (NOTES, 1)
    return found


@contextmanager
def meanwhile(moment, disturb):
    """Do something at a moment of the job that this process runs; it must be before its end."""
    over, done = threading.Event(), threading.Event()

    def watch():
        while not over.wait(0.01):
            if moment():
                disturb()
                done.set()
                return

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert done.is_set()


def etl(place):
    from jobs.cli import app

    return CliRunner().invoke(
        app, ["etl", str(place.folder / "etl.yaml")], env={"SECRET": PASSWORD}
    )


def sessions(place, name):
    return place.server.sql(
        "select pid from pg_stat_activity where application_name = %s and pid <> pg_backend_pid()",
        name,
    )


MOMENTS = {
    "while notes are read": lambda place: sessions(place, "notemill etl"),
    "while rows are copied": lambda place: place.staged(),
    "between commits": lambda place: place.runs(),
}


@pytest.mark.parametrize(
    ("moment", "mode"),
    [
        ("while notes are read", "fast"),
        ("while rows are copied", "immediate"),
        ("between commits", "fast"),
    ],
)
def test_a_server_that_restarts_is_told_and_the_same_command_finishes(
    moment, mode, spark, server, schema, new_place, undisturbed
):
    place = new_place(schema)

    def restart():
        server.stop(mode)
        server.start()
        assert consistent(place)

    with meanwhile(lambda: MOMENTS[moment](place), restart):
        ended = etl(place)
    assert ended.exit_code == 3, (ended.output, ended.exception)
    (line,) = ended.output.strip().splitlines()
    assert f"PostgreSQL at 127.0.0.1:{server.port}/{USER}: " in line
    assert "run the same command again" in line
    assert consistent(place)
    assert place.notes() < NOTES
    completed(place)
    assert consistent(place)
    assert place.rows() == undisturbed
