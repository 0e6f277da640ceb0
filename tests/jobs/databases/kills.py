"""Kill the ETL at moments, run it again, compare: for a test of few kills, and a soak of many.

python -m tests.jobs.databases.kills postgresql 20
python -m tests.jobs.databases.kills delta 20
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.java import without_spark
from tests.jobs.databases.server import PASSWORD, USER

ROOT = Path(__file__).resolve().parents[3]
TABLES = ("entities", "notes", "note_nlp", "rejects")
UNLIKE = ("run_id", "nlp_date", "nlp_datetime")


class Place:
    """A folder with a configuration of a job, and the sink that it writes to."""

    def __init__(self, folder, texts, model, server=None, schema=None, slice_notes=4):
        self.folder, self.server, self.schema = folder, server, schema
        folder.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps({"note_id": i, "text": t}) + "\n" for i, t in enumerate(texts)]
        lines.append('{"note_id": null, "text": "No name."}\n')
        (folder / "notes.jsonl").write_text("".join(lines), encoding="utf-8")
        sink = {"format": "delta", "path": str(folder / "out")}
        if server:
            sink = {"format": "postgresql", "url": server.url, "user": USER,
                    "password": "${SECRET}", "schema": schema}  # fmt: skip
        (folder / "etl.yaml").write_text(json.dumps({
            "source": {"path": str(folder / "notes.jsonl")}, "sink": {**sink, "omop": True},
            "model": str(model), "slice_notes": slice_notes, "partitions": 2,
        }), encoding="utf-8")  # fmt: skip

    def start(self):
        """The job as a process of a group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "jobs.cli", "etl", "etl.yaml", "--master", "local[2]"],
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
        if self.server:
            found = self.server.sql(
                "select 1 from pg_class c join pg_namespace n on n.oid = relnamespace"
                " where nspname = %s and relname like %s", self.schema, r"\_notemill\_%",
            )  # fmt: skip
            return bool(found)
        return any(self.folder.glob("out/_staging/*/*/*.parquet"))

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
        if self.server:
            columns = [row[0] for row in self.server.sql(
                "select column_name from information_schema.columns where table_schema = %s"
                " and table_name = %s order by ordinal_position", self.schema, table)]  # fmt: skip
            if not columns:
                return []
            found = self.server.sql(f"select * from {self.schema}.{table}")
            return [dict(zip(columns, row, strict=True)) for row in found]
        from deltalake import DeltaTable

        place = self.folder / "out" / table
        return DeltaTable(str(place)).to_pyarrow_table().to_pylist() if place.exists() else []


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
    """Run the job to its end; what it said. The lock of a JVM that is still dying is waited for."""
    for _ in range(20):
        job = place.start()
        said = job.communicate(timeout=400)[0]
        if job.returncode != 6:
            break
        time.sleep(1)
    assert job.returncode == 0, said
    return said


def consistent(place):
    """What a reader sees at any moment: every entity is of a note that is there, and counted."""
    counted = sum(row["entities"] for row in place.table("notes"))
    return counted == len(place.table("entities")) == len(place.table("note_nlp"))


def at_work(place, before, seconds):
    """Whether so many seconds are over since the first rows were on their way."""
    since = []

    def over():
        if not since and (place.staged() or place.notes() > before):
            since.append(time.monotonic())
        return bool(since) and time.monotonic() >= since[0] + seconds

    return over


def soak(kind, kills, wait):
    """Kill at random moments; print how many of the tables after it were those undisturbed."""
    from jobs.demo import SAMPLE
    from tests.conftest import TOKEN_LABELS, write_tiny_bert
    from tests.jobs.databases.server import Server

    server = Server() if kind == "postgresql" else None
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    model = write_tiny_bert(folder / "model", TOKEN_LABELS, "token-classification")
    notes = [json.loads(line)["text"] for line in SAMPLE.read_text("utf-8").splitlines()]
    texts = [note[i * 200 : i * 200 + 300] for note in notes for i in range(2)][:16]
    draw = random.Random(7)
    try:
        whole = Place(folder / "whole", texts, model, server, "whole", 8)
        began = time.monotonic()
        completed(whole)
        seconds, wanted = time.monotonic() - began, whole.rows()
        print(
            f"{kind}: undisturbed in {seconds:.0f} s, {len(wanted['entities'])} entities",
            flush=True,
        )
        done = equal = sound = archives = 0
        while done < kills:
            place = Place(folder / f"p{archives}", texts, model, server, f"p{archives}", 8)
            for _ in range(3):
                job, before = place.start(), place.notes()
                moment = at_work(place, before, draw.uniform(0, wait))
                if not killed_when(job, moment, group=draw.random() < 0.5):
                    break
                done += 1
                sound += consistent(place)
                print(f"  kill {done}: {before} notes were committed, {place.notes()} are; "
                      f"{sound} times consistent", flush=True)  # fmt: skip
                if done == kills:
                    break
            completed(place)
            archives += 1
            equal += place.rows() == wanted
            print(f"{kind}: {equal} of {archives} archives are as the undisturbed one", flush=True)
        print(f"{kind}: {done} kills, {sound} left consistent tables; {equal} of {archives} archives"
              " are in the end as the undisturbed one", flush=True)  # fmt: skip
    finally:
        if server:
            server.remove()


if __name__ == "__main__":
    soak(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
