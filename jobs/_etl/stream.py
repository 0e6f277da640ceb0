"""`mode: stream`: each file that lands is read once, by Structured Streaming's list of files.

The stream carries names of files only. Each of its batches goes the way of a whole run
(batch.py), so both modes give the same tables. A batch that Spark hands out again, since the driver
died between the commit and the checkpoint, is known by its run id and left alone.

Over Spark Connect a function of `foreachBatch` would run in the server's process, without this
one's lock and progress. There the stream writes the names to files, one a batch, and this process
takes the batches whose run is not in the tables.
"""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.streaming.query import StreamingQuery
from pyspark.sql.streaming.readwriter import DataStreamWriter

from annotators.core.errors import ParamError
from jobs._etl.batch import Told, planned, run_plan
from jobs._etl.job import Work, apart, new_run
from jobs._etl.landed import landed
from jobs._run.exit_codes import NoNotesError
from jobs._run.slots import over_connect
from jobs.sinks.disk import disk_told
from jobs.sinks.file_lock import make_private
from jobs.sinks.tables import RUNS, Run
from jobs.sources.guard import keep_input, local
from jobs.sources.listing import File, files_at, literal
from jobs.sources.source import Files

_FILE = "path string, modificationTime timestamp, length long, content binary"
_ANY_AGE = "36500d"
_LISTS = "lists"
"""The folder in a checkpoint with the names of files by batch, over Spark Connect."""
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
            of_all = _all_listed if over_connect(work.spark) else _all_batches
            return of_all(work, source, place, told)


def _all_batches(work: Work, source: Files, place: str, told: Told) -> Run | None:
    batches = _Batches(work, source, told)
    query = _names(work, source).writeStream.foreachBatch(batches.take_names)
    batches.begin(running := _begun(query, place))
    try:
        running.awaitTermination()
    except PySparkException:
        if batches.failure is None:
            raise
    finally:
        running.stop()
    if batches.failure is not None:
        raise batches.failure from None
    return batches.total


def _all_listed(work: Work, source: Files, place: str, told: Told) -> Run | None:
    batches = _Batches(work, source, told)
    lists = f"{place}/{_LISTS}"
    query = _names(work, source).coalesce(1).writeStream.format("json")
    running = _begun(query.option("path", lists), place)
    running.awaitTermination()
    batches.begin(running)
    done = _done(work.sink.read(RUNS), str(running.id))
    for number, (name, paths) in enumerate(_listed(work.spark, lists).items()):
        if name not in done:
            batches.take(paths, number, name)
    return batches.total


def _listed(spark: SparkSession, lists: str) -> dict[str, list[str]]:
    """The names of files by list, one list a batch, in the order in which they were written."""
    of = [F.col("_metadata.file_name"), F.col("_metadata.file_modification_time").alias("since")]
    try:
        rows = spark.read.schema("path string").json(lists).select("path", *of).collect()
    except AnalysisException as failure:
        if "PATH_NOT_FOUND" not in str(failure):
            raise
        return {}  # nothing has ever landed
    rows.sort(key=lambda row: (row["since"], row["file_name"]))
    return {
        name: [row["path"] for row in of_list]
        for name, of_list in groupby(rows, key=lambda row: row["file_name"])
    }


def _done(runs: DataFrame | None, query: str) -> set[str]:
    """The batches of a query that are in the tables."""
    if runs is None:
        return set()
    whole = (F.col("state") == "done") & F.col("run_id").startswith(f"{query}-")
    return {
        row[0].removeprefix(f"{query}-") for row in runs.where(whole).select("run_id").collect()
    }


def _names(work: Work, source: Files) -> DataFrame:
    """A stream of the names of files that land. It takes a file however old it is: Spark would pass
    over those that land with a time a week before the latest one it has seen, as copies that keep
    times do.
    """
    return (
        work.spark.readStream.format("binaryFile")
        .schema(_FILE)
        .option("recursiveFileLookup", "true")
        .option("maxFilesPerTrigger", work.config.job.files_per_batch)
        .option("maxFileAge", _ANY_AGE)
        .load(literal(source.path) if Path(source.path).exists() else source.path)
        .select("path")
    )


def _begun(query: DataStreamWriter, place: str) -> StreamingQuery:
    return query.option("checkpointLocation", place).trigger(availableNow=True).start()


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

    def take_names(self, files: DataFrame, number: int) -> None:
        """As `foreachBatch` hands out a batch."""
        self._begun.wait()
        try:
            if str(number) in _done(self._work.sink.read(RUNS), self._query):
                return
            self.take([row["path"] for row in files.collect()], number, str(number))
        except BaseException as failure:
            self.failure = failure
            raise

    def take(self, paths: list[str], number: int, name: str) -> None:
        """Annotate and commit one batch. name: the batch among those of the query.

        number: 0 for the first one ever.
        """
        work, run_id = self._work, f"{self._query}-{name}"
        there = _files(work, self._source)
        files = landed(paths, there)
        if not files:
            return
        run = new_run(work, run_id)
        try:
            notes = self._source.read_files(work.spark, files, there)
        except NoNotesError:
            return
        work.sink.check(work.tables(notes))
        fingerprint = work.ready.pedigree.fingerprint
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
    above = job.checkpoint or work.config.sink.checkpoint()
    if above is None:
        raise ParamError(
            "checkpoint: is missing; mode: stream keeps there which files it has read."
        )
    # What was read for other tables, or in another way, is not read for these.
    here = local(source.path)
    folder = source.path if here is None else here.absolute()
    way = " lists" if over_connect(work.spark) else ""
    named = f"{source.model_dump_json()} {folder} {work.config.sink.shown()}{way}"
    of_both = hashlib.sha256(named.encode()).hexdigest()[:16]
    return source, f"{above.rstrip('/')}/{work.ready.pedigree.fingerprint[:16]}-{of_both}"


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


def _together(total: Run, run: Run) -> Run:
    counts = {name: getattr(total, name) + getattr(run, name) for name in _COUNTS}
    return replace(run, started=total.started, **counts)
