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

    def start(self, master="local[2]"):
        """The job as a process of a group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "jobs.cli", "etl", "etl.yaml", "--master", master],
            cwd=self.folder, env={**without_spark(), "PYTHONPATH": str(ROOT), "SECRET": PASSWORD},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    def runs(self):
        """How many commits there were, or at least that there was one: rows of `runs`."""
        return len(self.table("runs"))

    def notes(self):
        return len(self.table("notes"))

    def staged(self):
        """Whether rows are on their way now."""
        if self.kind == "postgresql":
            found = self.server.sql(
                "select 1 from pg_class c join pg_namespace n on n.oid = relnamespace"
                " where nspname = %s and relname like %s", self.schema, r"\_notemill\_%",
            )  # fmt: skip
            return bool(found)
        return any(self.folder.glob("out/_staging/*/*/*"))

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


def killed_when(job, happens, *, group, patience=300):
    """Kill -9 the driver (or with it its JVM and workers) at a moment; whether it still ran."""
    deadline = time.monotonic() + patience
    while job.poll() is None and not happens():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    alive = job.poll() is None
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
