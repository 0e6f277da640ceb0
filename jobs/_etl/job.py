"""`notemill etl` from a configuration to its end: session, pipeline, source, sink, one pass."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from fnmatch import fnmatch
from pathlib import Path
from uuid import uuid4

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import DataType

from jobs._etl.annotation import Annotator
from jobs._etl.batch import Plan, Rules, Told, planned, run_plan
from jobs._etl.config import Config
from jobs._etl.fingerprint import cpu_flags, versions
from jobs._etl.omop import Omop, nlp_system
from jobs._etl.ready import Ready, made_ready
from jobs._run.annotating import pipeline_named
from jobs._run.exit_codes import InputError, NoNotesError
from jobs._run.spark import spark_session, submitted
from jobs._start.short_run import FEW_TASKS, is_small
from jobs.sinks.sink import Sink
from jobs.sinks.tables import NOTE_ID, Run, Tables, tables
from jobs.sources.files import ERROR
from jobs.sources.guard import keep_input, local
from jobs.sources.source import TEXT, Source

SHORT_NIGHT = 64_000_000
"""Bytes of a source over which a night is short: it annotates little of what it reads. Where all of
13 MB is new, it takes no longer either: 86 seconds instead of 89."""


@dataclass(frozen=True)
class Options:
    """What the command line says beside the configuration."""

    limit: int | None = None
    allow_empty: bool = False
    master: str | None = None
    remote: str | None = None


@dataclass(frozen=True)
class Work:
    """All that a run needs, before any note is read. tried: raises what the model's trial did."""

    spark: SparkSession
    config: Config
    rules: Rules
    ready: Ready
    tried: Callable[[], None]
    sink: Sink

    def annotator(self, run: Run) -> Annotator:
        """What annotates in a run. Raises ModelError where the model cannot run."""
        self.tried()
        job, ready = self.config.job, self.ready
        return Annotator(
            ready.model, ready.named, job.annotations, ready.pedigree.fingerprint, run.run_id,
            job.partitions, ready.check_same, self._omop(run),
        )  # fmt: skip

    def _omop(self, run: Run) -> Omop | None:
        sink, made = self.config.sink, self.ready.pedigree
        system = nlp_system(versions()["notemill"], made.models, made.fingerprint)
        return Omop(system, run.started, sink.snippets) if sink.omop else None

    def tables(self, notes: DataFrame) -> Tables:
        """The schemas of all tables, with ids of the source's type."""
        kept: dict[str, DataType] = {}
        if self.config.job.annotations:
            made = self.ready.model.transform(notes).schema
            kept = {name: made[name].dataType for name in self.config.job.annotations}
        return tables(
            notes.schema[NOTE_ID].dataType,
            asserted=self.ready.named.assertions is not None,
            omop=self.config.sink.omop,
            annotations=kept,
        )


def prepared(config: Config, options: Options) -> Work:
    """The work that a configuration means. Raises ParamError, ModelError, JavaError, InputError.

    Java takes as long to start as a model to open: the one goes on beside the other.
    """
    pipeline_named(config.job.pipeline)
    beside = ThreadPoolExecutor(1)
    making = beside.submit(made_ready, config)
    tried = beside.submit(lambda: making.result().try_out())
    conf = {
        **_few_tasks(options),
        **config.source.spark_conf(),
        **config.sink.spark_conf(),
        **config.job.spark,
    }
    path = getattr(config.source, "path", None)
    short = path is not None and is_small(path, SHORT_NIGHT)
    spark = spark_session("notemill etl", options.master, options.remote, conf, short=short)
    ready = making.result()
    job = config.job
    rules = Rules(
        slice_notes=job.slice_notes,
        remove=job.deleted == "remove",
        allow_empty=options.allow_empty,
        limit=options.limit,
        keep_fingerprints=job.keep_fingerprints,
        max_error_rate=job.max_error_rate,
        commit_at_rate=job.on_error_rate == "commit",
    )
    return Work(spark, config, rules, ready, tried.result, config.sink.open(spark))


def _few_tasks(options: Options) -> dict[str, str]:
    """On this machine alone, tasks for its cores."""
    on_cluster = submitted() or not (options.master or "local").startswith("local")
    if on_cluster or options.remote is not None:
        return {}
    return FEW_TASKS


def run_batch(work: Work, told: Told) -> Run | None:
    """One pass over the whole source, under the sink's lock; None where there was nothing at all.

    Raises what the source and the sink raise, and TooManyErrorsError.
    """
    notes = source_of(work)
    if notes is None:
        return None
    written = work.tables(notes)
    work.sink.check(written)
    run = new_run(work, str(uuid4()))
    with work.sink.lock():
        work.sink.recover()
        work.sink.check(written)  # another run may have ended since it was asked
        with planned(notes, work.sink, work.ready.pedigree.fingerprint, work.rules) as plan:
            if not plan.counts.rows and plan.idle:
                return None
            return run_plan(plan, notes, work.sink, work.annotator(run), work.rules, run, told)


@contextmanager
def looked_at(work: Work) -> Iterator[Plan | None]:
    """The plan of a run, for --dry-run: nothing is written, no lock is taken."""
    notes = source_of(work)
    if notes is None:
        yield None
        return
    work.sink.check(work.tables(notes))
    with planned(notes, work.sink, work.ready.pedigree.fingerprint, work.rules) as plan:
        work.tried()
        yield plan


def source_of(work: Work) -> DataFrame | None:
    """All notes of the source; None where there are none, and none to be removed for that."""
    source, targets = work.config.source, work.config.sink.targets()
    apart(source, targets)
    try:
        places = source.places(work.spark)
        if places:
            keep_input(source.shown(), places, targets)
        return source.read(work.spark)
    except NoNotesError:
        done = work.sink.done()
        if not work.rules.remove or done is None:
            return None
        kind = done.schema[NOTE_ID].dataType.simpleString()
        schema = f"{NOTE_ID} {kind}, {TEXT} string, {ERROR} string"
        return work.spark.createDataFrame([], schema)


def apart(source: Source, targets: Sequence[str]) -> None:
    """Raise InputError where tables would lie in what is read, and be read as notes."""
    path = getattr(source, "path", None)
    named = None if path is None else local(path)
    if named is None or named.is_file():
        return
    read = Path(os.path.realpath(named))
    for target in filter(None, map(local, targets)):
        folder = Path(os.path.realpath(target.absolute().parent))
        if named.exists():
            within = folder.is_relative_to(read)
        else:  # a pattern as `notes/*` also means what is not there yet
            within = any(fnmatch(str(f), str(read)) for f in (folder, *folder.parents))
        if within:
            raise InputError(
                f"sink.path lies in the source {named}, where its tables would be read as notes: "
                "name a folder outside of it."
            )


def new_run(work: Work, run_id: str) -> Run:
    """The row of a run that begins now."""
    made = work.ready.pedigree
    return Run(
        run_id=run_id,
        started=datetime.now(timezone.utc),
        ended=None,
        state="running",
        mode=work.config.job.mode,
        fingerprint=made.fingerprint,
        models=json.dumps(dict(made.models), sort_keys=True),
        precision=made.precision,
        cpu_flags=cpu_flags(),
        config_sha256=work.config.sha256,
        versions=json.dumps(versions(), sort_keys=True),
    )
