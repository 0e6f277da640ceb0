"""The Spark session of a job, and the Java that it needs."""

from __future__ import annotations

import logging
import os
import re
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import pyspark
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from annotators import daemon
from annotators.core.errors import ModelError, NotemillError, ParamError, RowError
from jobs._run.exit_codes import InputError, JavaError
from jobs._run.java import java_for, version_in_release
from jobs._run.java_locale import names_in_utf8
from jobs._run.quiet import RunLog, current_log
from jobs._run.slots import is_here
from jobs._run.told import died_on_executor, lacking_on_executor
from jobs._start.short_run import SETTINGS, short_lived

TRIES = 3
"""Of a task on this machine; Spark gives it one, so that a killed worker would end a night."""
CONNECT_PORT = 15002
"""Where a Spark Connect server listens if sc://HOST names no port."""

_OF_WORKERS: dict[str, type[NotemillError]] = {
    f"{e.__module__}.{e.__name__}": e for e in (ModelError, RowError, InputError)
}
_TOLD = re.compile(rf"^({'|'.join(map(re.escape, _OF_WORKERS))}): (.+)$", re.MULTILINE)


def spark_session(
    name: str,
    master: str | None = None,
    remote: str | None = None,
    conf: Mapping[str, str] | None = None,
    *,
    short: bool = False,
) -> SparkSession:
    """The session that runs already (under spark-submit, on a platform), else a new one.

    master: where a new session runs; default: every core of this machine. On this machine a task
    that fails is tried again, as on a cluster. remote: a Spark Connect server, sc://HOST:PORT; the
    environment's SPARK_REMOTE where neither is given. Workers run this Python. conf: settings of a
    new session; of one that runs, those that can be changed. short: whether the run is one of
    seconds, if on this machine. Raises JavaError, in one line, where Java is missing or too old for
    this pyspark, and InputError where a Connect server does not answer or packages for it are
    missing.
    """
    if master and remote:
        raise ParamError("--master and --remote exclude each other: name one of them.")
    running = SparkSession.getActiveSession()
    if running is not None:
        return _changed(running, conf or {})
    remote = remote or (None if master else os.environ.get("SPARK_REMOTE"))
    if remote:
        return _changed(_connected(name, remote), conf or {})
    check_java()
    # What py4j says of a call that ctrl-C interrupts is nothing new to who pressed it.
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    # Workers run the Python that the driver's environment names; the conf alone is not looked at
    # once the JVM is started from Python.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName(name)
    if master or not submitted():
        builder = builder.master(_tried_again(master or "local[*]"))
    if not submitted():
        builder = builder.config("spark.ui.enabled", "false")
        builder = builder.config("spark.ui.showConsoleProgress", "true")
    here = not submitted() and is_here(master or "local[*]")
    brief = short and here
    own = {**(daemon.settings() if here else {}), **(SETTINGS if brief else {})}
    for key, value in {**own, **(conf or {})}.items():
        builder = builder.config(key, value)
    log = None if submitted() else current_log()
    with names_in_utf8(), short_lived() if brief else nullcontext():
        return builder.getOrCreate() if log is None else _quietly(builder, log)


def _tried_again(master: str) -> str:
    """A master of this machine with TRIES for a task; any other as it is."""
    found = re.fullmatch(r"local(?:\[(\*|\d+)\])?", master)
    return f"local[{found[1] or 1},{TRIES}]" if found else master


def _connected(name: str, remote: str) -> SparkSession:
    """A session on a Spark Connect server, whose executors have Notemill installed."""
    _answers(remote)
    logging.getLogger("pyspark.sql.connect.client").setLevel(logging.CRITICAL)
    try:
        return SparkSession.builder.appName(name).remote(remote).getOrCreate()
    except ImportError as failure:
        raise InputError(
            f"Spark Connect needs packages that are not here ({_named(failure)}): install notemill "
            "with its extra [connect]."
        ) from None


def _answers(remote: str) -> None:
    """Raise InputError where nobody listens; the client itself would ask for minutes.

    A proxy that the client goes through may reach what this machine does not: it is left to it.
    """
    place = urlsplit(remote)
    if place.scheme != "sc" or any(f"{p}_proxy" in os.environ for p in ("grpc", "https", "http")):
        return
    port = int((re.search(r":(\d+)$", place.netloc) or [0, CONNECT_PORT])[1])
    try:
        socket.create_connection((place.hostname or "", port), timeout=20).close()
    except OSError as failure:
        raise InputError(
            f"no Spark Connect server answers at {place.hostname}:{port} "
            f"({type(failure).__name__}): check host and port, and that start-connect-server.sh "
            "runs there."
        ) from None


def _named(failure: ImportError) -> str:
    """The package that is missing, as the failure names it."""
    told = re.search(r"[a-z][a-z0-9-]+ >= [\d.]+", str(failure))
    return told[0] if told else failure.name or type(failure).__name__


def _changed(session: SparkSession, conf: Mapping[str, str]) -> SparkSession:
    for key, value in conf.items():
        if session.conf.isModifiable(key):
            session.conf.set(key, value)
    return session


def _quietly(builder: SparkSession.Builder, log: RunLog) -> SparkSession:
    try:
        with log.taking_stderr():
            return builder.getOrCreate()
    except PySparkException as failure:
        if "JAVA_GATEWAY_EXITED" not in str(failure):
            raise
        said = next((line for line in log.start_lines() if "rror" in line), "it said nothing")
        raise JavaError(
            f"Java ended before Spark was up: {said}. Check JAVA_HOME and the options that Spark "
            "is given (SPARK_SUBMIT_OPTS, JAVA_TOOL_OPTIONS, spark-defaults.conf)."
        ) from None


def absolute_model(model: str) -> str:
    """A model's folder or file as an absolute path, as workers need it; a name as it is."""
    return str(Path(model).absolute()) if Path(model).exists() else model


@contextmanager
def model_errors_of_workers() -> Iterator[None]:
    """Raise again, as the ModelError or RowError that it was, what a worker said; ExecutorError
    where it could not even start, NotemillError where it was killed.
    """
    try:
        yield
    except NotemillError:
        raise
    except Exception as failure:  # of py4j where Spark does not know the failure
        told = _TOLD.search(str(failure))
        if told is not None:
            raise _OF_WORKERS[told.group(1)](told.group(2)) from None
        lacking = lacking_on_executor(failure) or died_on_executor(failure)
        if lacking is not None:
            raise lacking from None
        raise


def check_java() -> None:
    """Raise JavaError unless a Java that this pyspark runs on is found (not asked on a cluster)."""
    java_for(pyspark.__version__, told=version_in_release)


def submitted() -> bool:
    """Whether spark-submit started this process, and so has set master and Python already."""
    return "PYSPARK_GATEWAY_PORT" in os.environ
