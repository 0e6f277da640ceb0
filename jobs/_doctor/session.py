"""What a Spark session does with a tiny pipeline, and what the machines of its executors are."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from annotators import LightPipeline, fuse
from annotators.core.errors import NotemillError
from jobs._doctor.facts import PACKAGES, Facts, gatherer
from jobs._doctor.finding import Finding, advice, fine, wrong
from jobs._run.exit_codes import MODEL
from jobs._run.told import SHIP, in_a_line, lacking_on_executor
from pipelines import PIPELINES

TEXT = "Metformin for type 2 diabetes. No chest pain."
ROUNDS = 4
"""Tasks a slot that ask for the facts, so that no executor is passed over."""


def executor_facts(spark: SparkSession, slots: int) -> tuple[list[Facts], list[Finding]]:
    """The facts of each host and Python that tasks run on, or why they cannot be asked for."""
    tasks = slots * ROUNDS
    # By value and without Arrow: it also answers where Notemill, pandas or pyarrow are missing.
    ask = F.udf(gatherer(PACKAGES), "string", useArrow=False)
    try:
        told = spark.range(0, tasks, 1, tasks).select(ask("id")).distinct().collect()
    except PySparkException as failure:
        return [], [_executor_failure(failure)]
    found = {}
    for row in told:
        facts = json.loads(row[0])
        found[facts["host"], facts["executable"]] = facts
    return list(found.values()), []


def executor_findings(facts: Facts, driver: Facts) -> list[Finding]:
    """How an executor's machine and Python go with the driver's."""
    where = f"executor {facts['host']}"
    who = f"Python {facts['python']} at {facts['executable']}"
    if facts["home"] is None:
        return [wrong("executor", f"{where}: {who} has no Notemill.", SHIP)]
    findings = []
    for name, told in facts["packages"].items():
        if told.startswith("!"):
            findings.append(
                wrong("executor", f"{where}: {who} cannot import {name}: {told[1:]}.", SHIP)
            )
    others = [
        f"{name} {told} (the driver has {driver['packages'][name]})"
        for name, told in facts["packages"].items()
        if not told.startswith("!") and told != driver["packages"][name]
    ]
    if facts["version"] != driver["version"]:
        others.insert(0, f"Notemill {facts['version']} (the driver has {driver['version']})")
    if others:
        findings.append(
            advice("executor", f"{where} has {', '.join(others)}.", "Install the same everywhere.")
        )
    findings += [wrong("executor", f"{where}: {told}", SHIP, MODEL) for told in facts["models"]]
    return findings or [fine("executor", f"{where}: {who}, Notemill at {facts['home']}")]


def trial_findings(spark: SparkSession, slots: int, model: str | None) -> list[Finding]:
    """A tiny pipeline on the driver, then as a Spark job with a task a slot."""
    try:
        started = time.monotonic()
        fitted = _fitted(spark, model)
        expected = LightPipeline(fitted).annotate(TEXT)["ner_chunk"]
        light = time.monotonic() - started
        rows = _annotated(spark, fitted, slots).collect()
    except NotemillError as failure:
        return [wrong("trial", f"the pipeline cannot be made: {failure}", "", MODEL)]
    except PySparkException as failure:
        return [_executor_failure(failure)]
    took = time.monotonic() - started - light
    if any(row[0] != expected for row in rows):
        return [
            wrong(
                "trial",
                f"executors find other entities than the driver ({len(expected)}) in one text.",
                "Install the same versions and models everywhere.",
            )
        ]
    return [
        fine(
            "trial",
            f"{len(expected)} entities in each of {slots} tasks, as on the driver; driver "
            f"{light:.1f} s, job {took:.1f} s",
        )
    ]


def _fitted(spark: SparkSession, model: str | None) -> PipelineModel:
    named = PIPELINES["clinical_ner"]
    empty = spark.createDataFrame([], "text string")
    fitted: PipelineModel = named.build("text", model, "error").fit(empty)
    fused: PipelineModel = fuse(fitted, outputCols=["ner_chunk"])
    return fused


def _annotated(spark: SparkSession, fitted: PipelineModel, slots: int) -> DataFrame:
    notes = spark.range(0, slots, 1, slots).select(F.lit(TEXT).alias("text"))
    return fitted.transform(notes).select("ner_chunk.result")


def versions_of_server(spark: SparkSession, driver: Facts) -> Iterator[Finding]:
    """A Spark Connect server or cluster of another Spark than the driver's."""
    here = str(driver["packages"]["pyspark"])
    if spark.version.split("-")[0] != here:
        yield advice(
            "spark", f"the session runs Spark {spark.version}, the driver has pyspark {here}.",
            f"Install pyspark {spark.version} on the driver.",
        )  # fmt: skip


def setting(spark: SparkSession, key: str) -> str | None:
    """A setting of the session; None where it is not set or may not be asked for."""
    try:
        value: Any = spark.conf.get(key, None)
    except PySparkException:
        return None
    return None if value is None else str(value)


def _executor_failure(failure: PySparkException) -> Finding:
    """Why a job failed on executors, by what a worker said of itself."""
    lacking = lacking_on_executor(failure)
    if lacking is not None:
        return wrong("executor", lacking.found, lacking.remedy)
    return wrong("executor", f"a job failed: {in_a_line(failure)}.", "Run it with --debug.")
