"""What the tests of other processes share: a Spark Connect server."""

import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pyspark
import pytest

from jobs._start.short_run import SETTINGS

PATIENCE = 120
"""Seconds that a server gets to start."""


def _listens(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def connect_server():
    """A function that runs a Spark Connect server while a block lasts, and gives its address."""

    @contextmanager
    def run(master, folder, environment, **conf):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = {
            "spark.connect.grpc.binding.port": port, "spark.ui.enabled": "false",
            **SETTINGS, **conf,
        }  # fmt: skip
        command = [
            Path(pyspark.__file__).parent / "bin" / "spark-submit", "--master", master,
            "--class", "org.apache.spark.sql.connect.service.SparkConnectServer",
            *(part for k, v in settings.items() for part in ("--conf", f"{k}={v}")),
            "spark-internal",
        ]  # fmt: skip
        log = folder / "server.log"
        with log.open("w", encoding="utf-8") as said:
            running = subprocess.Popen(
                command, env=environment, cwd=folder, stdout=said, stderr=said
            )
        try:
            deadline = time.monotonic() + PATIENCE
            while not _listens(port):
                assert running.poll() is None, log.read_text("utf-8")[-3_000:]
                assert time.monotonic() < deadline, log.read_text("utf-8")[-3_000:]
                time.sleep(0.3)
            yield f"sc://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait(30)

    return run
