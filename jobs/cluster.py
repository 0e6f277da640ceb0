"""A Spark standalone master or worker in the foreground, from the pyspark that is installed.

    python -m jobs.cluster master --host master
    python -m jobs.cluster worker spark://master:7077 --cores 1 --memory 2g

docker-compose.yml runs these; without Docker they make the same cluster of plain processes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import pyspark
import typer

app = typer.Typer(no_args_is_help=True, add_completion=False)
_DEPLOY = "org.apache.spark.deploy"


@app.command()
def master(
    host: Annotated[str, typer.Option(help="name or address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port for workers and jobs")] = 7077,
    ui_port: Annotated[int, typer.Option(help="port of the web page")] = 8080,
) -> None:
    """Run a master until it is stopped."""
    ports = ["-p", str(port), "--webui-port", str(ui_port)]
    _run(f"{_DEPLOY}.master.Master", ["--host", host, *ports])


@app.command()
def worker(
    url: Annotated[str, typer.Argument(help="the master, spark://HOST:PORT")],
    cores: Annotated[int, typer.Option(help="tasks at once")] = 1,
    memory: Annotated[str, typer.Option(help="memory for executors")] = "2g",
    host: Annotated[str | None, typer.Option(help="name or address to listen on")] = None,
) -> None:
    """Run a worker until it is stopped."""
    listen = ["--host", host] if host else []
    _run(f"{_DEPLOY}.worker.Worker", ["-c", str(cores), "-m", memory, *listen, url])


def _run(main_class: str, arguments: list[str]) -> None:
    """Become the JVM of a Spark daemon, whose Python workers will be this Python."""
    home = Path(pyspark.__file__).parent
    environment = {**os.environ, "SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable}
    command = ["spark-class", main_class, *arguments]
    os.execve(home / "bin" / "spark-class", command, environment)  # noqa: S606 (it needs no shell)


if __name__ == "__main__":
    app()
