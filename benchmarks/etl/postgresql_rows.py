"""Entities a second into a real PostgreSQL: a job's first commit, its second, and COPY alone.

    python -m benchmarks.etl.postgresql_rows --rounds 3

A round is a job in a process of its own that makes some 100,000 entities a slice, by a small random
model, and commits two slices into tables that are not there yet. A commit stages and puts in place
the entities, their notes, and the row of the run. The server is Debian's, started in a folder of
its own and configured as it comes: it waits for the disk. COPY alone is one session that sends the
same entities, ready as text, into a table that has the index of `entities`, or none.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from statistics import median

import psycopg

from benchmarks.etl.commits import MARK
from benchmarks.etl.notes import CORPORA, read_notes, varied, write_jsonl
from benchmarks.etl.processes import environment, python
from tests.conftest import TOKEN_LABELS, write_tiny_bert
from tests.jobs.databases.server import PASSWORD, USER, Server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slice", type=int, default=336, help="notes a commit, a multiple of 8")
    parser.add_argument("--corpora", type=Path, default=CORPORA)
    options = parser.parse_args()
    server = Server(durable=True)
    try:
        with tempfile.TemporaryDirectory(prefix="rows-") as place:
            folder = Path(place)
            write_jsonl(
                folder / "notes.jsonl", varied(read_notes(options.corpora), 2 * options.slice)
            )
            write_tiny_bert(folder / "model", TOKEN_LABELS, "token-classification")
            rounds = [
                measured(server, folder, f"s{number}", options.slice)
                for number in range(options.rounds)
            ]
    finally:
        server.remove()
    for one in rounds:
        print(json.dumps(one))
    medians = {name: round(median(one[name] for one in rounds)) for name in rounds[0]}
    print(json.dumps({"medians, entities a second": medians}))


def measured(server: Server, folder: Path, schema: str, slice_notes: int) -> dict[str, int]:
    """Entities a second of each way, and how many there were."""
    config = folder / f"{schema}.yaml"
    config.write_text(json.dumps({
        "source": {"path": str(folder / "notes.jsonl")}, "model": str(folder / "model"),
        "sink": {"format": "postgresql", "url": server.url, "user": USER,
                 "password": "${SECRET}", "schema": schema}, "slice_notes": slice_notes,
    }), encoding="utf-8")  # fmt: skip
    said = python(
        ["benchmarks.etl.commits", str(config)], folder, {**environment(), "SECRET": PASSWORD}
    )
    lines = [line.removeprefix(MARK) for line in said.splitlines() if line.startswith(MARK)]
    first, second = (json.loads(line) for line in lines)
    ways = {
        "entities of the first": first["entities"],
        "first commit": first["entities"] / first["seconds"],
        "second commit": second["entities"] / second["seconds"],
        **copy_alone(server, schema),
    }
    return {name: round(figure) for name, figure in ways.items()}


def copy_alone(server: Server, schema: str) -> dict[str, float]:
    """What a session reaches that has all rows ready, its commit included."""
    found = {}
    with psycopg.connect(
        server.url, user=USER, password=PASSWORD, options=f"-c search_path={schema}"
    ) as connection:
        with connection.cursor().copy("copy entities to stdout") as out:
            texts = [bytes(some) for some in out]
        rows = sum(text.count(b"\n") for text in texts)
        for way in ("without index", "with index"):
            connection.execute("create table alone (like entities)")
            if way == "with index":
                connection.execute("create index on alone (note_id)")
            connection.commit()
            began = time.monotonic()
            with connection.cursor().copy("copy alone from stdin") as into:
                for text in texts:
                    into.write(text)
            connection.commit()
            found[f"COPY alone, {way}"] = rows / (time.monotonic() - began)
            connection.execute("drop table alone")
    return found


if __name__ == "__main__":
    main()
