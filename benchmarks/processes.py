"""A contender in a process of its own, its memory watched from outside.

    python -m benchmarks.contend NAME SPEC.json RESULT.json

`spec` is what it is told, `result` what it tells; nothing else crosses, so a contender may run in
another environment (Spark NLP's needs an older Spark).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MB = 1_000_000
_EVERY = 0.25
_CAUSE = re.compile(r"(Caused by: )?([\w.]+\.)\w*(Error|Exception)\b")


def run_contender(name: str, spec: Mapping[str, Any], python: str = sys.executable) -> Any:
    """The result of a contender, with `peak_mb` of its JVM and of its Python workers.

    Raises RuntimeError with the end of what it said where it fails.
    """
    with tempfile.TemporaryDirectory() as scratch:
        given, told, said = (Path(scratch) / n for n in ("spec.json", "result.json", "said.txt"))
        given.write_text(json.dumps(spec), "utf-8")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": python}
        environment["PYSPARK_DRIVER_PYTHON"] = python
        with said.open("wb") as out:
            process = subprocess.Popen(
                [python, "-m", "benchmarks.contend", name, str(given), str(told)],
                cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
            peaks = _watch(process)
        if process.returncode or not told.is_file():
            text = said.read_text("utf-8", "replace")
            raise RuntimeError(
                f"{name} failed ({process.returncode}), {last_cause(text)}:\n{text[-2000:]}"
            )
        return {**json.loads(told.read_text("utf-8")), "peak_mb": peaks}


def last_cause(said: str) -> str:
    """The last exception that a failure names, shortened: what a report quotes."""
    lines = [line.strip().removeprefix(": ") for line in said.splitlines()]
    causes = [line for line in lines if _CAUSE.match(line)]
    return (causes or list(filter(None, lines)) or [""])[-1][:200]


def _watch(process: subprocess.Popen[bytes]) -> dict[str, float]:
    """Peaks of resident memory in MB while the process lives: the JVM, all workers, one worker."""
    peaks = {"jvm": 0, "workers": 0, "worker": 0}
    while process.poll() is None:
        sizes = _sizes(process.pid)
        for kind, found in sizes.items():
            if kind == "worker":
                peaks["worker"] = max(peaks["worker"], *found, 0)
                peaks["workers"] = max(peaks["workers"], sum(found))
            else:
                peaks[kind] = max(peaks[kind], *found, 0)
        time.sleep(_EVERY)
    return {kind: round(size / MB) for kind, size in peaks.items()}


def cpu_seconds(root: int) -> float:
    """CPU that a process and those below it have used so far, with that of children that ended."""
    ticks = 0
    for pid in (root, *below(root)):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def below(root: int) -> list[int]:
    """The processes that a process started, and those that they started."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, below = [], list(children.get(root, []))
    while below:
        found.append(below.pop())
        below += children.get(found[-1], [])
    return found


def _sizes(root: int) -> dict[str, list[int]]:
    """Resident bytes of the JVM and of Python workers below a process; a fork counts its own."""
    sizes: dict[str, list[int]] = {"jvm": [0], "worker": [0]}
    for pid in below(root):
        try:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            continue
        kind = "jvm" if name == "java" else "worker" if name.startswith("python") else None
        if kind:
            sizes[kind].append(pages * os.sysconf("SC_PAGE_SIZE"))
    return sizes
