"""The wheel outside the project, in processes: commands, and a cluster of a master and two workers."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import NamedTuple

from tests.java import of_executors, without_spark

PATIENCE = 120
"""Seconds that the processes of a cluster get to find each other."""


def environment(site):
    """This environment with the wheel's folder in front, and nothing of this test's own Spark."""
    more = {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_SUBMIT_ARGS": of_executors()}
    return {**without_spark(), **more, "PYTHONPATH": str(site)}


def call(command, site, folder, **variables):
    return subprocess.run(
        [str(part) for part in command], cwd=folder, env={**environment(site), **variables},
        capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip


class Cluster(NamedTuple):
    """Its address, the folder that it was started in, and the master's log there."""

    url: str
    folder: object
    log: object


@contextmanager
def standalone(site, folder):
    """A master and two workers, with the commands of docker-compose.yml; they end with the block."""
    port, page = _free_ports(2)
    url, log = f"spark://127.0.0.1:{port}", folder / "master.log"
    cluster = [sys.executable, "-m", "jobs.cluster"]
    lead = [*cluster, "master", "--host", "127.0.0.1", "--port", port, "--ui-port", page]
    serve = [*cluster, "worker", url, "--cores", "1", "--memory", "2g", "--host", "127.0.0.1"]
    with (
        _process(lead, site, folder, log) as master,
        _process(serve, site, folder, folder / "worker1.log") as first,
        _process(serve, site, folder, folder / "worker2.log") as second,
    ):
        _wait_for(log, "Registering worker", 2, [master, first, second])
        yield Cluster(url, folder, log)


def _free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


@contextmanager
def _process(command, site, folder, log):
    """A process in the background, which ends with the block."""
    with log.open("w", encoding="utf-8") as said:
        started = subprocess.Popen(
            [str(part) for part in command], cwd=folder, env=environment(site), stdout=said,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield started
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        try:
            started.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


def _wait_for(log, line, count, running):
    deadline = time.monotonic() + PATIENCE
    while log.read_text(encoding="utf-8").count(line) < count:
        assert all(one.poll() is None for one in running), log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.2)
