"""Rows for the tables of `notemill etl`, and what a sink holds, for tests of every sink."""

from datetime import datetime, timezone

from pyspark.sql.types import LongType, MapType, StringType

from jobs.sinks.tables import ENTITIES, NOTES, REJECTS, Run, tables

WHEN = datetime(2026, 11, 29, 18, 30, tzinfo=timezone.utc)


def schemas(id_type=None, *, annotations=None, omop=False):
    return tables(id_type or LongType(), asserted=False, omop=omop, annotations=annotations or {})


def run_row(number, state="done", **counts):
    return Run(
        run_id=f"run-{number}", started=WHEN, ended=WHEN, state=state, mode="batch",
        fingerprint="f1", models="{}", precision="int8", cpu_flags="", config_sha256="",
        versions="{}", **counts,
    )  # fmt: skip


def frames(spark, ids, text="pain", *, id_type=None, run=1, rejects=(), spread=2):
    """Two entities and a note for each id, and a reject for each of `rejects`."""
    made = schemas(id_type)
    entities = [
        (i, at, at + 3, text, "Disease", 0.9501, 0, "f1") for i in ids for at in (0, 10)
    ]  # fmt: skip
    notes = [(i, f"sha-{text}", "f1", f"run-{run}", 2, None) for i in ids]
    refused = [(i, "etl", "RepeatedNoteId", f"run-{run}") for i in rejects]
    rows = {ENTITIES: entities, NOTES: notes, REJECTS: refused}
    return {
        name: spark.createDataFrame(found, made[name]).repartition(spread)
        for name, found in rows.items()
    }


def ids_frame(spark, ids, id_type=None):
    return spark.createDataFrame([(i,) for i in ids], schemas(id_type)[NOTES][:1])


def held(sink, table):
    """The rows of a table, sorted."""
    frame = sink.read(table)
    return None if frame is None else sorted(map(tuple, frame.collect()), key=repr)


JSON = MapType(StringType(), StringType())
