"""The tables of `notemill etl`, the same in every sink: names, columns, keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from pyspark.sql.types import (
    DataType,
    DateType,
    FloatType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

ENTITIES, NOTES, NOTE_NLP, REJECTS, RUNS = "entities", "notes", "note_nlp", "rejects", "runs"
NOTE_ID, SHA256, FINGERPRINT, RUN_ID = "note_id", "text_sha256", "fingerprint", "run_id"
INTERRUPTED = "interrupted"
"""The state of a run that was killed."""
SAID = ("assertion", "section", "negation", "certainty", "temporality", "experiencer")
"""What `entities` has beside the entity where the pipeline says it."""

Tables = Mapping[str, StructType]
"""The schema of each table that a job writes, by its name."""


@dataclass(frozen=True)
class Run:
    """A row of `runs`: what one run of the job did. Its row is put last, as the mark of a commit.

    state: running, done, interrupted, or aborted (too many errors). Times are UTC. rows_in: rows
    read; notes_in: notes, several rows of one id counted once. notes_in is new + changed +
    unchanged + left (by --limit); new + changed is annotated + null + error. models: JSON, name to
    SHA-256. versions: JSON, package to version.
    """

    run_id: str
    started: datetime
    ended: datetime | None
    state: str
    mode: str
    fingerprint: str
    models: str
    precision: str
    cpu_flags: str
    config_sha256: str
    versions: str
    rows_in: int = 0
    notes_in: int = 0
    notes_new: int = 0
    notes_changed: int = 0
    notes_unchanged: int = 0
    notes_deleted: int = 0
    notes_left: int = 0
    notes_annotated: int = 0
    notes_null: int = 0
    notes_error: int = 0
    entities: int = 0


def with_run(rows: Iterable[dict[str, Any]], run: Run) -> list[dict[str, Any]]:
    """The rows of `runs` with that of this run as it is now; others cannot be running any more."""
    others = [row for row in rows if row[RUN_ID] != run.run_id]
    ended = [{**r, "state": INTERRUPTED} if r["state"] == "running" else r for r in others]
    return [*ended, asdict(run)]


_OF_PYTHON: dict[str, DataType] = {
    "str": StringType(), "int": LongType(), "datetime": TimestampType(),
    "datetime | None": TimestampType(),
}  # fmt: skip


def tables(
    id_type: DataType, *, asserted: bool, omop: bool, annotations: Mapping[str, DataType]
) -> Tables:
    """The schemas, with ids of the source's type.

    asserted: whether the pipeline says SAID of entities. annotations: columns of annotations that
    `notes` keeps, by option.
    """
    said = SAID if asserted else ()
    entities = _struct(
        (NOTE_ID, id_type), ("begin", IntegerType()), ("end", IntegerType()),
        ("text", StringType()), ("label", StringType()), ("score", FloatType()),
        ("sentence", IntegerType()), *[(name, StringType()) for name in said],
        (FINGERPRINT, StringType()),
    )  # fmt: skip
    notes = _struct(
        (NOTE_ID, id_type), (SHA256, StringType()), (FINGERPRINT, StringType()),
        (RUN_ID, StringType()), ("entities", IntegerType()), ("error", StringType()),
        *annotations.items(),
    )  # fmt: skip
    rejects = _struct(
        (NOTE_ID, id_type), ("stage", StringType()), ("exception", StringType()),
        (RUN_ID, StringType()),
    )  # fmt: skip
    runs = _struct(*[(field.name, _OF_PYTHON[str(field.type)]) for field in fields(Run)])
    found = {ENTITIES: entities, NOTES: notes, REJECTS: rejects, RUNS: runs}
    return {**found, NOTE_NLP: note_nlp(id_type)} if omop else found


def note_nlp(id_type: DataType) -> StructType:
    """OMOP CDM 5.4's table, with ids of the source's type and 64-bit keys."""
    return _struct(
        ("note_nlp_id", LongType()), (NOTE_ID, id_type), ("section_concept_id", IntegerType()),
        ("snippet", StringType()), ("offset", StringType()), ("lexical_variant", StringType()),
        ("note_nlp_concept_id", IntegerType()), ("note_nlp_source_concept_id", IntegerType()),
        ("nlp_system", StringType()), ("nlp_date", DateType()), ("nlp_datetime", TimestampType()),
        ("term_exists", StringType()), ("term_temporal", StringType()),
        ("term_modifiers", StringType()),
    )  # fmt: skip


def _struct(*columns: tuple[str, DataType]) -> StructType:
    return StructType([StructField(name, kind) for name, kind in columns])
