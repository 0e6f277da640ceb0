"""Whether what the executors wrote is all there, before it is put in place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from jobs._run.exit_codes import InputError
from jobs._run.slots import runs_here, task_slots
from jobs.sinks.file_lock import make_private
from jobs.sinks.tables import NOTE_ID, NOTES
from jobs.sources.listing import literal

SHARE = (
    "let every machine of the cluster see this folder by the same path, or set sink.format to "
    "postgresql"
)


def check_written(folder: Path, table: str, files: Sequence[Path], rows: int | None) -> None:
    """Raise InputError unless the files are here, have so many rows, and notes are there once.

    rows: those that were made; None: it is not known. Fewer are here where a task wrote to a folder
    of another machine. A note is there twice where the source gave it twice, other than before.
    """
    there = [file for file in files if file.exists()]
    found = sum(pq.read_metadata(file).num_rows for file in there)
    if len(there) < len(files) or rows not in (None, found):
        made = "more" if rows is None else rows
        raise InputError(
            f"{found} rows of {table} came to {folder}, and {made} were made: {SHARE}, then run "
            "the same command again."
        )
    if table == NOTES and there:
        ids = pa.concat_tables(pq.read_table(file, columns=[NOTE_ID]) for file in there)[NOTE_ID]
        if len(ids.unique()) < len(ids):
            raise InputError(
                "the source changed while it was read, and gave a note twice: nothing of it is in "
                "the tables. Run the same command again."
            )


def check_seen(spark: SparkSession, folder: Path, staging: Path) -> None:
    """Raise InputError unless Spark, and each machine that runs tasks, sees a file of this one."""
    if runs_here(spark):
        return
    make_private(staging)
    probe = staging / "probe"
    probe.write_text("written", encoding="utf-8")
    try:
        seen = spark.read.text(literal(str(probe))).count() == 1
    except Exception:  # noqa: BLE001 (what file systems raise varies)
        seen = False
    if not seen or _blind(spark, probe):
        raise InputError(f"Spark does not see {folder} of this machine: {SHARE}.")


def _blind(spark: SparkSession, probe: Path) -> int:
    """How many of some tasks, which run on all executors, do not see the file."""
    count = 2 * task_slots(spark)
    file = str(probe)

    def look(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            unseen = [not Path(file).exists()] * batch.num_rows
            yield pa.RecordBatch.from_pydict({"unseen": unseen})

    tasks = spark.range(0, count, 1, count).mapInArrow(look, "unseen boolean")
    return tasks.where("unseen").count()
