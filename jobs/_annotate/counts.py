"""What a run of `notemill annotate` did, in counts only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from annotators.core.errors import NotemillError
from jobs._run.exit_codes import InputError
from jobs.sources.files import ERROR, MISSING, REPEATED
from pipelines import NamedPipeline

READING = "annotate: "
"""What errors of reading begin with; those of a stage begin with its name."""


@dataclass(frozen=True)
class Counts:
    """What was done. kinds: each error with its notes."""

    notes: int
    entities: int
    kinds: list[tuple[str, int]]

    def __str__(self) -> str:
        errors = sum(count for _, count in self.kinds)
        return f"{self.notes} notes, {self.entities} entities, {errors} errors"

    def check(self) -> None:
        """Raise InputError where no note could be read, NotemillError where every note failed."""
        failed = {error: count for error, count in self.kinds if error not in (MISSING, REPEATED)}
        if not self.notes or sum(failed.values()) < self.notes:
            return
        if all(error.startswith(READING) for error in failed):
            raise InputError("no note could be read; the counts say why.")
        raise NotemillError("every note failed; the counts say in which stage.")


def counts_of(written: DataFrame, named: NamedPipeline) -> Counts:
    """The counts of notes as they were written."""
    found = F.size(named.chunks) if named.chunks else F.lit(0)
    sums = [F.count("*").alias("notes"), F.sum(found).alias("entities")]
    rows = written.groupBy(ERROR).agg(*sums).collect()
    kinds = sorted((row[ERROR], row["notes"]) for row in rows if row[ERROR] is not None)
    return Counts(sum(r["notes"] for r in rows), sum(r["entities"] or 0 for r in rows), kinds)


def counts_of_errors(errors: Iterable[str | None], entities: int) -> Counts:
    """The counts of notes that have these errors, None for one without."""
    kinds = Counter(errors)
    told = sorted((error, count) for error, count in kinds.items() if error is not None)
    return Counts(kinds.total(), entities, told)
