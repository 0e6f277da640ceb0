"""`notemill etl` from a configuration to its end: session, pipeline, source, sink, one pass."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from uuid import uuid4

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import DataType

from annotators import LightPipeline, fuse
from annotators.core.errors import ParamError
from jobs._etl.annotation import Annotator
from jobs._etl.batch import Plan, Rules, Told, planned, run_plan
from jobs._etl.config import Config
from jobs._etl.fingerprint import Pedigree, check_same, cpu_flags, pedigree, versions
from jobs._etl.omop import Omop, nlp_system
from jobs._run.annotating import TRIAL, pipeline_named
from jobs._run.exit_codes import InputError, NoNotesError
from jobs._run.spark import absolute_model, spark_session, submitted
from jobs.sinks.sink import Sink
from jobs.sinks.tables import NOTE_ID, Run, Tables, tables
from jobs.sources.files import ERROR
from jobs.sources.guard import keep_input, local
from jobs.sources.source import TEXT, Source
from pipelines import NamedPipeline


@dataclass(frozen=True)
class Options:
    """What the command line says beside the configuration."""

    limit: int | None = None
    allow_empty: bool = False
    master: str | None = None
    remote: str | None = None


@dataclass(frozen=True)
class Work:
    """All that a run needs, before any note is read."""

    spark: SparkSession
    config: Config
    rules: Rules
    named: NamedPipeline
    model: PipelineModel
    pedigree: Pedigree
    check_same: Callable[[], None]
    sink: Sink

    def annotator(self, run: Run) -> Annotator:
        """What annotates in a run."""
        job = self.config.job
        return Annotator(
            self.model, self.named, job.annotations, self.pedigree.fingerprint, run.run_id,
            job.partitions, self.check_same, self._omop(run),
        )  # fmt: skip

    def _omop(self, run: Run) -> Omop | None:
        sink, made = self.config.sink, self.pedigree
        system = nlp_system(versions()["notemill"], made.models, made.fingerprint)
        return Omop(system, run.started, sink.snippets) if sink.omop else None

    def tables(self, notes: DataFrame) -> Tables:
        """The schemas of all tables, with ids of the source's type."""
        kept: dict[str, DataType] = {}
        if self.config.job.annotations:
            made = self.model.transform(notes).schema
            kept = {name: made[name].dataType for name in self.config.job.annotations}
        return tables(
            notes.schema[NOTE_ID].dataType,
            asserted=self.named.assertions is not None,
            omop=self.config.sink.omop,
            annotations=kept,
        )


def prepared(config: Config, options: Options) -> Work:
    """The work that a configuration means. Raises ParamError, ModelError, JavaError, InputError."""
    job = config.job
    named = pipeline_named(job.pipeline)
    unknown = sorted(set(job.annotations) - set(named.columns))
    if unknown:
        raise ParamError(
            f"annotations: {job.pipeline} makes no {', '.join(unknown)}; it makes "
            f"{', '.join(named.columns)}."
        )
    stages = named.build(TEXT, job.model and absolute_model(job.model), ERROR)
    if job.precision is not None:
        for stage in stages.getStages():
            if hasattr(stage, "setPrecision"):
                stage.setPrecision(job.precision)
    conf = {
        **_few_tasks(options),
        **config.source.spark_conf(),
        **config.sink.spark_conf(),
        **job.spark,
    }
    spark = spark_session("notemill etl", options.master, options.remote, conf)
    fitted = stages.fit(spark.createDataFrame([], f"{TEXT} string, {ERROR} string"))
    extra = {name: True for name in ("omop", "snippets") if getattr(config.sink, name)}
    if job.annotations:
        extra["annotations"] = list(job.annotations)  # type: ignore[assignment]
    columns = [c for c in (named.chunks, named.assertions, *job.annotations) if c]
    fused = fuse(fitted, outputCols=list(dict.fromkeys(columns)))
    LightPipeline(fused).annotate(TRIAL)
    rules = Rules(
        slice_notes=job.slice_notes,
        remove=job.deleted == "remove",
        allow_empty=options.allow_empty,
        limit=options.limit,
        keep_fingerprints=job.keep_fingerprints,
        max_error_rate=job.max_error_rate,
        commit_at_rate=job.on_error_rate == "commit",
    )
    made = pedigree(fitted, extra)
    same = partial(check_same, fitted, extra, made)
    return Work(spark, config, rules, named, fused, made, same, config.sink.open(spark))


def _few_tasks(options: Options) -> dict[str, str]:
    """On this machine alone, tasks for its cores: Spark's 200 a shuffle cost more than the ids."""
    on_cluster = submitted() or not (options.master or "local").startswith("local")
    if on_cluster or options.remote is not None:
        return {}
    return {"spark.sql.shuffle.partitions": str(4 * (os.cpu_count() or 1))}


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
        with planned(notes, work.sink, work.pedigree.fingerprint, work.rules) as plan:
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
    with planned(notes, work.sink, work.pedigree.fingerprint, work.rules) as plan:
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
    made = work.pedigree
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
