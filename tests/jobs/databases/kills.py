"""A folder with a job of the ETL that is killed at moments and run again, whatever its sink.

`benchmarks/etl/soak.py` does it at random moments, over and over.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from tests.java import without_spark
from tests.jobs.databases.server import PASSWORD, USER

ROOT = Path(__file__).resolve().parents[3]
TABLES = ("entities", "notes", "note_nlp", "rejects")
UNLIKE = ("run_id", "nlp_date", "nlp_datetime")


class Place:
    """A folder with a configuration of a job, and the sink that it writes to.

    kind: parquet, delta or postgresql, which needs a server and a schema. slice_notes: notes a
    commit. more: keys of the configuration.
    """

    def __init__(self, folder, texts, model, kind, server=None, schema=None, slice_notes=4, **more):
        self.folder, self.kind, self.server, self.schema = folder, kind, server, schema
        folder.mkdir(parents=True, exist_ok=True)
        self.put(texts)
        sink = {"format": kind, "path": str(folder / "out")}
        if kind == "postgresql":
            sink = {"format": kind, "url": server.url, "user": USER, "password": "${SECRET}",
                    "schema": schema}  # fmt: skip
        (folder / "etl.yaml").write_text(json.dumps({
            "source": {"path": str(folder / "notes.jsonl")}, "sink": {**sink, "omop": True},
            "model": str(model), "slice_notes": slice_notes, "partitions": 2, **more,
        }), encoding="utf-8")  # fmt: skip

    def put(self, texts):
        """The notes that the job reads, and a row without an id."""
        lines = [json.dumps({"note_id": i, "text": t}) + "\n" for i, t in enumerate(texts)]
        lines.append('{"note_id": null, "text": "No name."}\n')
        (self.folder / "notes.jsonl").write_text("".join(lines), encoding="utf-8")

    def like(self, other):
        """Begin with the tables that another place's job has committed."""
        if self.kind == "postgresql":
            self.server.sql(f"create schema {self.schema}")
            for (table,) in self.server.sql(
                "select tablename from pg_tables where schemaname = %s", other.schema
            ):
                mine, theirs = f"{self.schema}.{table}", f"{other.schema}.{table}"
                self.server.sql(f"create table {mine} (like {theirs} including all)")
                self.server.sql(f"insert into {mine} select * from {theirs}")
        else:
            shutil.copytree(other.folder / "out", self.folder / "out", symlinks=True)

    def start(self, *command, **variables):
        """The job as a process of a group of its own; on this machine, if no command says where."""
        here = (sys.executable, "-m", "jobs.cli", "etl", "etl.yaml", "--master", "local[2]")
        own = {"PYTHONPATH": str(ROOT), "SECRET": PASSWORD}
        with (self.folder / "said.txt").open("w", encoding="utf-8") as said:
            return subprocess.Popen(
                [str(part) for part in command or here], cwd=self.folder,
                env={**without_spark(), **own, **variables}, stdout=said, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    def said(self):
        """What the job has said that was started last."""
        return (self.folder / "said.txt").read_text(encoding="utf-8", errors="replace")

    def runs(self):
        """How many commits there were, or at least that there was one: rows of `runs`."""
        return len(self.table("runs"))

    def notes(self):
        return len(self.table("notes"))

    def staged(self):
        """Whether rows are on their way now."""
        if self.kind == "postgresql":
            return bool(self.staging_tables())
        return any(self.folder.glob("out/_staging/*/*/*"))

    def staging_tables(self):
        """The names of the tables that tasks copy into now (PostgreSQL)."""
        return [name for (name,) in self.server.sql(
            "select relname from pg_class c join pg_namespace n on n.oid = relnamespace"
            " where relkind = 'r' and nspname = %s and relname like %s",
            self.schema, r"\_notemill\_%")]  # fmt: skip

    @contextmanager
    def copying_held(self):
        """While this lasts, a task waits in its transaction before it copies entities that are
        staged (PostgreSQL).
        """
        table = next(name for name in self.staging_tables() if name.endswith("_entities"))
        with self.server.connect() as session:
            session.execute(f"lock table {self.schema}.{table} in exclusive mode")
            yield

    def waiting(self):
        """How many sessions of tasks wait for a lock (PostgreSQL)."""
        ((count,),) = self.server.sql(
            "select count(*) from pg_stat_activity"
            " where application_name = %s and wait_event_type = 'Lock'",
            f"notemill task {self.schema}",
        )
        return count

    def rows(self):
        """Every row of the tables as text, in order; without what tells one run from another."""
        return {
            table: sorted(
                str(sorted((k, str(v)) for k, v in row.items() if k not in UNLIKE))
                for row in self.table(table)
            )
            for table in TABLES
        }

    def table(self, table):
        """The rows that a reader finds now."""
        if self.kind == "postgresql":
            columns = [row[0] for row in self.server.sql(
                "select column_name from information_schema.columns where table_schema = %s"
                " and table_name = %s order by ordinal_position", self.schema, table)]  # fmt: skip
            if not columns:
                return []
            found = self.server.sql(f"select * from {self.schema}.{table}")
            return [dict(zip(columns, row, strict=True)) for row in found]
        place = self.folder / "out" / table
        if not place.exists():
            return []
        if self.kind == "parquet":
            import pyarrow.parquet as pq

            return pq.read_table(os.path.realpath(place)).to_pylist()
        from deltalake import DeltaTable

        return DeltaTable(str(place)).to_pyarrow_table().to_pylist()


def reached(job, happens, patience=300):
    """Wait for a moment of a job; whether it still ran then."""
    deadline = time.monotonic() + patience
    while job.poll() is None and not happens():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return job.poll() is None


def killed_when(job, happens, *, group):
    """Kill -9 the driver (or with it its JVM and workers) at a moment; whether it still ran."""
    alive = reached(job, happens)
    if alive:
        (os.killpg if group else os.kill)(job.pid, signal.SIGKILL)
    job.communicate()
    return alive


def completed(place):
    """What the job says that runs to its end, in this process: nobody kills it."""
    from typer.testing import CliRunner

    from jobs.cli import app

    for _ in range(60):
        config = str(place.folder / "etl.yaml")
        result = CliRunner().invoke(app, ["etl", config], env={"SECRET": PASSWORD})
        if result.exit_code != 6:  # the lock of a process that is still dying
            break
        time.sleep(0.5)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def consistent(place):
    """What a reader sees at any moment: every entity is of a note that is there, and counted."""
    counted = sum(row["entities"] for row in place.table("notes"))
    return counted == len(place.table("entities")) == len(place.table("note_nlp"))
