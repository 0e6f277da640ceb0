"""What there is to do: each note of the source against what the sink has of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.sinks.tables import FINGERPRINT, NOTE_ID, SHA256
from jobs.sources.files import ERROR
from jobs.sources.source import TEXT

NEW, CHANGED, STALE, UNCHANGED, GONE = "new", "changed", "stale", "unchanged", "gone"
"""States of a note. Stale: done by another pipeline."""
NAMELESS = "nameless"
"""The state of the one row that stands for all rows without an id."""
TODO = (NEW, CHANGED, STALE)
REPEATED, MISSING = "etl: RepeatedNoteId", "etl: MissingNoteId"
PLACE, STATE, ROWS, CHARACTERS = "place", "state", "rows", "characters"


def glance(notes: DataFrame) -> DataFrame:
    """Each row by id, hash and place, without its text; small enough to be kept.

    place: a number that grows with the order in which the source is read.
    """
    return notes.select(
        NOTE_ID,
        sha256_of(F.col(TEXT)).alias(SHA256),
        ERROR,
        F.coalesce(F.length(TEXT), F.lit(0)).cast("long").alias(CHARACTERS),
        F.monotonically_increasing_id().alias(PLACE),
    )


def sha256_of(text: Column) -> Column:
    """The SHA-256 of a text in UTF-8, in hex; null where there is none."""
    return F.sha2(text.cast("binary"), 256)


def compared(rows: DataFrame, done: DataFrame | None, fingerprint: str) -> DataFrame:
    """A row per note: id, hash, error, rows, characters, place, state.

    Rows of one id and one text are one note. An id with several texts is a note with the error
    REPEATED, its hash that of all of them. `done`: as Sink.done gives it.
    """
    variant = F.struct(F.coalesce(SHA256, F.lit("")).alias("sha"),
                       F.coalesce(ERROR, F.lit("")).alias("error"))  # fmt: skip
    grouped = rows.groupBy(NOTE_ID).agg(
        F.count("*").alias(ROWS),
        F.min(PLACE).alias(PLACE),
        F.max(CHARACTERS).alias(CHARACTERS),
        F.array_sort(F.collect_set(variant)).alias("variants"),
    )
    several, first = F.size("variants") > 1, F.col("variants")[0]
    together = F.concat_ws(
        "\n", F.transform("variants", lambda v: F.concat_ws(" ", v["sha"], v["error"]))
    )
    notes = grouped.select(
        NOTE_ID, ROWS, PLACE, CHARACTERS,
        F.when(several, F.sha2(together, 256)).otherwise(_some(first["sha"])).alias(SHA256),
        F.when(several, F.lit(REPEATED)).otherwise(_some(first["error"])).alias(ERROR),
    )  # fmt: skip
    if done is None:
        known = notes.withColumns({"known": F.lit(None).cast("string"), "same": F.lit(False)})
    else:
        committed = done.groupBy(NOTE_ID).agg(
            F.max(F.coalesce(SHA256, F.lit(""))).alias("known"),
            F.max(F.col(FINGERPRINT) == fingerprint).alias("same"),
        )
        known = notes.join(committed, NOTE_ID, "full_outer")
    state = (
        F.when(F.col(ROWS).isNull(), GONE)
        .when(F.col(NOTE_ID).isNull(), NAMELESS)
        .when(F.col("known").isNull(), NEW)
        .when(F.col("known") != F.coalesce(SHA256, F.lit("")), CHANGED)
        .when(F.col("same"), UNCHANGED)
        .otherwise(STALE)
    )
    return known.withColumn(STATE, state).drop("known", "same")


@dataclass(frozen=True)
class Counts:
    """How many notes there are in each state. repeated, doubled: notes to do whose id has several
    texts, or one text in several rows. rows: rows of the source, nameless ones among them.
    """

    rows: int
    nameless: int
    new: int
    changed: int
    stale: int
    unchanged: int
    gone: int
    repeated: int
    doubled: int
    characters: int

    @property
    def todo(self) -> int:
        return self.new + self.changed + self.stale


def counted(plan: DataFrame) -> Counts:
    """The counts of a plan, in one pass over it."""
    todo = F.col(STATE).isin(*TODO)
    several = F.coalesce(F.col(ERROR), F.lit("")) == REPEATED
    found = plan.groupBy(STATE).agg(
        F.count("*").alias("notes"),
        F.sum(ROWS).alias("rows"),
        F.sum(F.when(todo & several, 1).otherwise(0)).alias("repeated"),
        F.sum(F.when(todo & ~several & (F.col(ROWS) > 1), 1).otherwise(0)).alias("doubled"),
        F.sum(F.when(todo & ~several, F.col(CHARACTERS)).otherwise(0)).alias("characters"),
    )
    by = {row[STATE]: row.asDict() for row in found.collect()}

    def of(state: str, column: str = "notes") -> int:
        return int(by.get(state, {}).get(column) or 0)

    def total(column: str) -> int:
        return sum(of(state, column) for state in by)

    return Counts(
        total("rows"), of(NAMELESS, "rows"), of(NEW), of(CHANGED), of(STALE), of(UNCHANGED),
        of(GONE), total("repeated"), total("doubled"), total("characters"),
    )  # fmt: skip


@dataclass(frozen=True)
class Slice:
    """Notes to do whose place lies in [begin, end): how many, the new ones, characters in all."""

    begin: int
    end: int
    notes: int
    new: int
    characters: int


def slices(plan: DataFrame, counts: Counts, most: int, limit: int | None) -> list[Slice]:
    """Stretches of the source with some `most` notes to do each, `limit` notes in all."""
    todo = plan.where(F.col(STATE).isin(*TODO))
    end = (1 << 63) - 1
    if not counts.todo or limit == 0:
        return []
    if limit is not None and limit < counts.todo:
        first = todo.orderBy(PLACE).limit(limit).agg(F.max(PLACE)).collect()[0][0]
        todo, end = todo.where(F.col(PLACE) <= first), int(first) + 1
    elif counts.todo <= most:
        return [Slice(0, end, counts.todo, counts.new, counts.characters)]
    width = max(1, most // 8)
    stretch = F.expr(f"{PLACE} div {width}").alias("stretch")
    new = F.sum(F.when(F.col(STATE) == NEW, 1).otherwise(0))
    found = todo.groupBy(stretch).agg(F.count("*"), new, F.sum(CHARACTERS)).collect()
    of_stretches = [Slice(int(s) * width, (int(s) + 1) * width, *map(int, r)) for s, *r in found]
    return _joined(sorted(of_stretches, key=lambda part: part.begin), most, end)


def _joined(stretches: Sequence[Slice], most: int, end: int) -> list[Slice]:
    """Neighbours together, as long as they have at most `most` notes; the last goes to `end`."""
    made: list[Slice] = []
    for part in stretches:
        last = made[-1] if made else None
        if last is not None and last.notes + part.notes <= most:
            made[-1] = Slice(
                last.begin, part.end, last.notes + part.notes, last.new + part.new,
                last.characters + part.characters,
            )  # fmt: skip
        else:
            made.append(part)
    return [*made[:-1], *(replace(part, end=end) for part in made[-1:])]


def within(plan: DataFrame, part: Slice) -> DataFrame:
    """The notes to do of one slice."""
    place = F.col(PLACE)
    return plan.where(F.col(STATE).isin(*TODO) & (place >= part.begin) & (place < part.end))


def nameless_rows(rows: DataFrame) -> DataFrame:
    """The rows without an id, each with an error."""
    error = F.coalesce(F.col(ERROR), F.lit(MISSING))
    return rows.where(F.col(NOTE_ID).isNull()).withColumn(ERROR, error)


def nameless_differ(rows: DataFrame, counts: Counts, rejected: DataFrame | None) -> bool:
    """Whether the rows without an id are others, by their errors, than those rejected before."""
    before: dict[str, int] = {}
    if rejected is not None:
        found = rejected.where(F.col(NOTE_ID).isNull()).groupBy("stage", "exception").count()
        before = {f"{r['stage']}: {r['exception']}": r["count"] for r in found.collect()}
    now: dict[str, int] = {}
    if counts.nameless:
        named = nameless_rows(rows).groupBy(ERROR).count()
        now = {r[ERROR]: r["count"] for r in named.collect()}
    return now != before


def _some(text: Column) -> Column:
    return F.when(text != "", text)
