"""One slice of notes to the rows of the tables: annotated once, kept until it is committed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pyspark.ml import PipelineModel
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from annotators.schema import quoted
from jobs._etl.omop import SNIPPET, Omop, note_nlp_rows, with_snippets
from jobs._etl.plan import REPEATED, ROWS, Slice, sha256_of, within
from jobs._run.annotating import entity_structs, partitions_for
from jobs._run.spread import KEY, to_partitions, with_partition_key
from jobs.sinks.tables import (
    ENTITIES,
    FINGERPRINT,
    NOTE_ID,
    NOTE_NLP,
    NOTES,
    REJECTS,
    RUN_ID,
    SHA256,
)
from jobs.sources.files import ERROR
from jobs.sources.source import TEXT
from pipelines import NamedPipeline

DIGITS = 4
"""Of scores. Beyond them an fp32 score may depend on what else was in its batch."""
CHARACTERS_A_TASK = 1_000_000
"""Some fifteen seconds of int8 inference, so that progress can be told by tasks."""
ROWS_A_FILE = 1_000_000
_FOUND, _EMPTY = "found", "empty"


@dataclass(frozen=True)
class Annotator:
    """What annotates: the fitted pipeline, fused; the columns that it makes and `notes` keeps.

    check_same: raises ModelError where its models are not those of the fingerprint any more.
    """

    model: PipelineModel
    named: NamedPipeline
    kept: Sequence[str]
    fingerprint: str
    run_id: str
    partitions: int | None
    check_same: Callable[[], None]
    omop: Omop | None = None


@dataclass(frozen=True)
class Outcome:
    """Counts of an annotated slice. error: notes with an error, without those of repeated ids."""

    notes: int
    entities: int
    null: int
    error: int


def tasks_for(by: Annotator, spark: SparkSession, part: Slice) -> int:
    """How many tasks annotate a slice."""
    return by.partitions or partitions_for(spark, part.characters, CHARACTERS_A_TASK)


def annotated(
    by: Annotator, notes: DataFrame, plan: DataFrame, part: Slice, count: int, *, doubled: bool
) -> DataFrame:
    """The notes of a slice with hash, error, entities: computed when first asked for, then kept.

    notes: the source, read again. A note whose text is no longer that of the plan is left out, and
    is new to the next run. count: tasks. doubled: whether rows of the source repeat each other.
    """
    wanted = within(plan, part).where(~_repeated()).select(NOTE_ID, SHA256, ROWS)
    hashed = notes.where(F.col(NOTE_ID).isNotNull()).withColumn(SHA256, sha256_of(F.col(TEXT)))
    keyed = with_partition_key(
        _chosen(hashed, wanted.where(f"{ROWS} = 1") if doubled else wanted), TEXT, count
    )
    if doubled:
        several = _chosen(hashed, wanted.where(f"{ROWS} > 1")).dropDuplicates([NOTE_ID])
        keyed = keyed.unionByName(several.withColumn(KEY, F.xxhash64(NOTE_ID)))
    made = by.model.transform(to_partitions(keyed, count))
    chunks = by.named.chunks
    found = entity_structs(chunks, by.named.assertions, DIGITS) if chunks else F.array()
    if chunks and by.omop and by.omop.snippets:
        found = with_snippets(found, F.col(TEXT))
    return made.select(
        NOTE_ID, SHA256, ERROR, F.col(TEXT).isNull().alias(_EMPTY), found.alias(_FOUND),
        *[F.col(quoted(column)) for column in by.kept],
    ).persist()  # fmt: skip


def outcome(made: DataFrame) -> Outcome:
    """Annotate, and count what came of it."""
    row = made.agg(
        F.count("*"),
        F.sum(_size()),
        F.sum((F.col(_EMPTY) & F.col(ERROR).isNull()).cast("int")),
        F.count(ERROR),
    ).collect()[0]
    notes, entities, null, error = (int(value or 0) for value in row)
    return Outcome(notes, entities, null, error)


def tables_of(
    by: Annotator, made: DataFrame, counts: Outcome, repeated: DataFrame | None
) -> dict[str, DataFrame]:
    """The new rows of the tables, by table.

    repeated: the notes of the slice whose id has several texts; they are in `notes` and `rejects`.
    """
    marks = [F.lit(by.fingerprint).alias(FINGERPRINT), F.lit(by.run_id).alias(RUN_ID)]
    notes = made.select(
        NOTE_ID, SHA256, *marks, _size().cast("int").alias("entities"), ERROR,
        *[F.col(quoted(column)) for column in by.kept],
    )  # fmt: skip
    failed = made.where(F.col(ERROR).isNotNull()).select(NOTE_ID, ERROR)
    if repeated is not None:
        rows = repeated.select(
            NOTE_ID, SHA256, *marks, F.lit(0).alias("entities"), ERROR,
            *[F.lit(None).cast(made.schema[c].dataType).alias(c) for c in by.kept],
        )  # fmt: skip
        notes = notes.unionByName(rows)
        failed = failed.unionByName(repeated.select(NOTE_ID, ERROR))
    found = {NOTES: _in_files(notes, counts.notes)}
    if by.named.chunks:
        flat = made.select(NOTE_ID, F.inline(_FOUND)).withColumn(FINGERPRINT, F.lit(by.fingerprint))
        found[ENTITIES] = _in_files(flat.drop(SNIPPET), counts.entities)
        if by.omop:
            found[NOTE_NLP] = _in_files(note_nlp_rows(flat, by.omop), counts.entities)
    if counts.error or repeated is not None:
        found[REJECTS] = rejects(failed, by.run_id).coalesce(1)
    return found


def rows_of(tables: Mapping[str, DataFrame], counts: Outcome, several: int) -> dict[str, int]:
    """How many rows each of a slice's tables has; several: notes whose id has several texts."""
    made = {
        NOTES: counts.notes + several, REJECTS: counts.error + several,
        ENTITIES: counts.entities, NOTE_NLP: counts.entities,
    }  # fmt: skip
    return {table: made[table] for table in tables}


def rejects(failed: DataFrame, run_id: str) -> DataFrame:
    """Rows of `rejects` for notes with an error, which is `stage: ExceptionClass`."""
    parts = F.split(ERROR, ": ", 2)
    return failed.select(
        NOTE_ID,
        parts[0].alias("stage"),
        F.coalesce(F.try_element_at(parts, F.lit(2)), parts[0]).alias("exception"),
        F.lit(run_id).alias(RUN_ID),
    )


def repeated_of(plan: DataFrame, part: Slice) -> DataFrame:
    """The notes of a slice whose id has several texts."""
    return within(plan, part).where(_repeated())


def _size() -> Column:
    """How many entities a note has: where there is no array, Spark says null or -1."""
    return F.greatest(F.size(_FOUND), F.lit(0))


def _repeated() -> Column:
    return F.coalesce(F.col(ERROR), F.lit("")) == REPEATED


def _chosen(notes: DataFrame, wanted: DataFrame) -> DataFrame:
    """The notes whose id and hash are wanted; no note moves to another task for it."""
    keys = wanted.select(
        F.col(NOTE_ID).alias("_id"), F.coalesce(SHA256, F.lit("")).alias("_sha")
    ).hint("broadcast")
    same = (F.col(NOTE_ID) == F.col("_id")) & (F.coalesce(SHA256, F.lit("")) == F.col("_sha"))
    return notes.join(keys, same, "left_semi")


def _in_files(rows: DataFrame, count: int) -> DataFrame:
    return rows.coalesce(max(1, -(-count // ROWS_A_FILE)))
