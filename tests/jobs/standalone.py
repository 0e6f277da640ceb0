"""The wheel outside the project, in processes: commands, and a cluster of a master and two workers."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks.processes import below
from tests.java import submit_args, without_spark

PATIENCE = 120
"""Seconds that the processes of a cluster get to find each other."""
_CLUSTER = [sys.executable, "-m", "jobs.cluster"]
_CAME = "Registering worker"
"""What a master says of a worker that has come."""


def environment(site):
    """This environment with the wheel's folder in front, and nothing of this test's own Spark."""
    more = {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_SUBMIT_ARGS": submit_args()}
    return {**without_spark(), **more, "PYTHONPATH": str(site)}


def call(command, site, folder, **variables):
    return subprocess.run(
        [str(part) for part in command], cwd=folder, env={**environment(site), **variables},
        capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip


def own_lines(done):
    """What a command says on stderr, but how far it is, which a busy machine is told of."""
    return [line for line in done.stderr.splitlines() if not line.endswith("parts done")]


class Cluster(NamedTuple):
    """Its address, the folder that it was started in, the master's log there, the workers."""

    url: str
    folder: object
    log: object
    workers: tuple


@contextmanager
def standalone(site, folder):
    """A master and two workers, with the commands of docker-compose.yml; they end with the block."""
    port, page = _free_ports(2)
    url, log = f"spark://127.0.0.1:{port}", folder / "master.log"
    lead = [*_CLUSTER, "master", "--host", "127.0.0.1", "--port", port, "--ui-port", page]
    with (
        _process(lead, site, folder, log) as master,
        _process(_serving(url), site, folder, folder / "worker1.log") as first,
        _process(_serving(url), site, folder, folder / "worker2.log") as second,
    ):
        _wait_for(log, _CAME, 2, [master, first, second])
        yield Cluster(url, folder, log, (first, second))


@contextmanager
def one_worker_more(cluster, site):
    """A third worker while the block lasts, which a test may kill: others go on with two."""
    known = cluster.log.read_text(encoding="utf-8").count(_CAME)
    log = cluster.folder / "worker3.log"
    with _process(_serving(cluster.url), site, cluster.folder, log) as third:
        _wait_for(cluster.log, _CAME, known + 1, [third])
        yield third


def executors(worker):
    """The processes that run a worker's tasks now: JVMs, by their ids."""
    return [pid for pid in below(worker.pid) if _name(pid) == "java"]


def python_workers(parent):
    """What Python daemons below a process have forked, by their ids."""
    daemons = [pid for pid in below(parent) if _name(pid).startswith("python")]
    return sorted({fork for daemon in daemons for fork in below(daemon)})


def _name(pid):
    """The name of a process, empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _serving(url):
    return [*_CLUSTER, "worker", url, "--cores", "1", "--memory", "2g", "--host", "127.0.0.1"]


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
        with suppress(ProcessLookupError):  # a test may have killed it
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
