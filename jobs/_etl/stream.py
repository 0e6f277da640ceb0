"""`mode: stream`: each file that lands is read once, by Structured Streaming's list of files.

The stream carries names of files only. Each of its batches goes the way of a whole run
(batch.py), so both modes give the same tables. A batch that Spark hands out again, since the driver
died between the commit and the checkpoint, is known by its run id and left alone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.streaming.query import StreamingQuery

from annotators.core.errors import ParamError
from jobs._etl.batch import Told, planned, run_plan
from jobs._etl.job import Work, apart, new_run
from jobs._run.exit_codes import InputError, NoNotesError
from jobs.sinks.disk import disk_told
from jobs.sinks.file_lock import make_private
from jobs.sinks.tables import RUNS, Run
from jobs.sources.guard import keep_input, local
from jobs.sources.listing import LOST, LOST_NAMES, File, files_at, literal
from jobs.sources.source import Files

_FILE = "path string, modificationTime timestamp, length long, content binary"
_ANY_AGE = "36500d"
_COUNTS = (
    "rows_in", "notes_in", "notes_new", "notes_changed", "notes_unchanged", "notes_left",
    "notes_annotated", "notes_null", "notes_error", "entities",
)  # fmt: skip


def run_stream(work: Work, told: Told) -> Run | None:
    """Annotate the files that came since the last run; the counts of all batches together.

    Raises what a batch raises; ParamError where the source or a rule does not go with a stream.
    """
    source, place = _checked(work)
    apart(source, work.config.sink.targets())
    keep_input(
        source.path, [file.path for file in _files(work, source)], work.config.sink.targets()
    )
    with work.sink.lock(), disk_told(place):
        work.sink.recover()
        _forget_lost(work, place)
        with _private(place):
            return _all_batches(work, source, place, told)


def _all_batches(work: Work, source: Files, place: str, told: Told) -> Run | None:
    batches = _Batches(work, source, told)
    query = _begun(work, source, place, batches)
    batches.begin(query)
    try:
        query.awaitTermination()
    except PySparkException:
        if batches.failure is None:
            raise
    finally:
        query.stop()
    if batches.failure is not None:
        raise batches.failure from None
    return batches.total


def _begun(work: Work, source: Files, place: str, batches: _Batches) -> StreamingQuery:
    """The query. It takes a file however old it is: Spark would pass over those that land with a
    time a week before the latest one it has seen, as copies that keep times do.
    """
    return (
        work.spark.readStream.format("binaryFile")
        .schema(_FILE)
        .option("recursiveFileLookup", "true")
        .option("maxFilesPerTrigger", work.config.job.files_per_batch)
        .option("maxFileAge", _ANY_AGE)
        .load(literal(source.path) if Path(source.path).exists() else source.path)
        .select("path")
        .writeStream.foreachBatch(batches.take)
        .option("checkpointLocation", place)
        .trigger(availableNow=True)
        .start()
    )


def _forget_lost(work: Work, place: str) -> None:
    """Remove a checkpoint on this machine whose tables are gone: it would hide all files from new
    ones.
    """
    here = local(place)
    if here is not None and here.exists() and work.sink.read(RUNS) is None:
        shutil.rmtree(here)


class _Batches:
    """Takes the batches of one query, one after the other."""

    def __init__(self, work: Work, source: Files, told: Told) -> None:
        self.total: Run | None = None
        self.failure: BaseException | None = None
        self._work, self._source, self._told = work, source, told
        self._query = ""
        self._begun = threading.Event()

    def begin(self, query: StreamingQuery) -> None:
        """Know the query, whose id its checkpoint keeps."""
        self._query = str(query.id)
        self._begun.set()

    def take(self, files: DataFrame, number: int) -> None:
        """Annotate and commit one batch."""
        self._begun.wait()
        try:
            self._take([row["path"] for row in files.collect()], number)
        except BaseException as failure:
            self.failure = failure
            raise

    def _take(self, paths: list[str], number: int) -> None:
        work, run_id = self._work, f"{self._query}-{number}"
        runs = work.sink.read(RUNS)
        if (
            runs is not None
            and runs.where((F.col("run_id") == run_id) & (F.col("state") == "done")).count()
        ):
            return
        there = _files(work, self._source)
        landed = _landed(paths, there)
        if not landed:
            return
        run = new_run(work, run_id)
        try:
            notes = self._source.read_files(work.spark, landed, there)
        except NoNotesError:
            return
        work.sink.check(work.tables(notes))
        fingerprint = work.pedigree.fingerprint
        with planned(notes, work.sink, fingerprint, work.rules, number) as plan:
            run = run_plan(plan, notes, work.sink, work.annotator(run), work.rules, run, self._told)
        self.total = run if self.total is None else _together(self.total, run)


def _checked(work: Work) -> tuple[Files, str]:
    """The source and the folder of the checkpoint, which no other pipeline or sink shares."""
    source, job = work.config.source, work.config.job
    if not isinstance(source, Files):
        raise ParamError("mode: stream reads files that land in a folder; set mode to batch.")
    if job.deleted == "remove":
        raise ParamError("deleted: remove needs the whole source; a stream sees what is new only.")
    if work.rules.limit is not None:
        raise ParamError("--limit is of mode: batch; a stream takes files_per_batch.")
    if type(work.spark).__module__.startswith("pyspark.sql.connect"):
        raise ParamError("mode: stream does not run over Spark Connect; set mode to batch.")
    above = job.checkpoint or work.config.sink.checkpoint()
    if above is None:
        raise ParamError(
            "checkpoint: is missing; mode: stream keeps there which files it has read."
        )
    # What was read for other tables, or in another way, is not read for these.
    here = local(source.path)
    folder = source.path if here is None else here.absolute()
    named = f"{source.model_dump_json()} {folder} {work.config.sink.shown()}"
    of_both = hashlib.sha256(named.encode()).hexdigest()[:16]
    return source, f"{above.rstrip('/')}/{work.pedigree.fingerprint[:16]}-{of_both}"


@contextmanager
def _private(place: str) -> Iterator[None]:
    """A checkpoint on this machine is its owner's only."""
    here = local(place)
    if here is not None:
        make_private(here)
    try:
        yield
    finally:
        for file in here.rglob("*") if here is not None else ():
            file.chmod(0o700 if file.is_dir() else 0o600)


def _files(work: Work, source: Files) -> list[File]:
    try:
        return files_at(work.spark, source.path)
    except NoNotesError:
        return []


def _landed(paths: list[str], there: list[File]) -> list[File]:
    """The files that Spark means; those that are gone since are left out.

    Raises InputError for one that is there by another name: its notes would never be read.
    """
    meant = set().union(*map(_forms, paths))
    landed = [file for file in there if _forms(file.path) & meant]
    known = set().union(*(_forms(file.path) for file in landed))
    for path in paths:
        forms = _forms(path)
        if forms & known:
            continue
        if LOST in path:
            raise InputError(f"cannot read a file that landed: {LOST_NAMES}")
        if any(map(os.path.exists, forms)) and not path.endswith(".crc"):
            raise InputError(
                "cannot tell which file it is that landed: name the folder of source.path without "
                "links and patterns, and begin with /."
            )
    return landed


def _forms(path: str) -> set[str]:
    """How a path may be written: Spark's has a scheme, no `..`, and at times escapes."""
    here = local(path)
    bare = path if here is None else os.path.normpath(here)
    return {bare, unquote(bare)}


def _together(total: Run, run: Run) -> Run:
    counts = {name: getattr(total, name) + getattr(run, name) for name in _COUNTS}
    return replace(run, started=total.started, **counts)
