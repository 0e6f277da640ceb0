"""A command as a process, with the time that it and all that it starts take."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import ROOT

_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Took:
    """wall, cpu: seconds from the start until the last process of the command is gone, and the
    processor's time of all of them: the driver, its JVM, the Python workers.
    """

    wall: float
    cpu: float
    said: str


def took(arguments: Sequence[str], folder: Path, *, code: int = 0) -> Took:
    """Run `python -m ARGUMENTS` in a folder, with this project first on its path.

    Orphans of the command become children of this process (Linux), which waits for them: a JVM
    ends after the driver that started it. So no other child may run. Raises RuntimeError with the
    end of what it said where it ends with another exit code.
    """
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryFile() as said:
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=folder, env=environment(), stdout=said,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        cpu, ended = 0.0, None
        while (found := _next_child()) is not None:
            pid, status, seconds = found
            cpu += seconds
            if pid == process.pid:
                ended = os.waitstatus_to_exitcode(status)
                process.returncode = ended
        wall = time.monotonic() - began
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
    if ended != code:
        raise RuntimeError(f"{arguments[0]} ended with {ended}, not {code}:\n{text[-3000:]}")
    return Took(wall, cpu, text)


def python(arguments: Sequence[str], folder: Path, variables: Mapping[str, str]) -> str:
    """Run `python -m ARGUMENTS` in a folder; what it said. Raises RuntimeError where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, env=variables, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{arguments[0]} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return done.stdout


def environment() -> dict[str, str]:
    """This process' environment without what it knows of Spark, its project first."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK_", "PYSPARK_"))}
    return {**kept, "PYTHONPATH": str(ROOT)}


def _next_child() -> tuple[int, int, float] | None:
    """The next child that ends: its id, status and seconds; None where there is none left."""
    try:
        pid, status, usage = os.wait4(-1, 0)
    except ChildProcessError:
        return None
    return pid, status, usage.ru_utime + usage.ru_stime
