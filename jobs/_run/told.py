"""What may be told of a failure: classes, conditions and places, never a message's own words.

The message of an exception may quote what was being read, which in a job on notes is a note.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterator

from annotators.core.errors import NotemillError

SHIP = (
    "Install the wheel where executors run, or ship a packed environment with --archives "
    "(docs/cluster.md)."
)
DOCTOR = "`notemill doctor` says what to install."
"""What to do where a package cannot be imported."""
_CONDITION = re.compile(r"^\[([A-Z][A-Z0-9_.]+)\]")
_CLASS = re.compile(r"^(?:Caused by: |: )?((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception))(?::|$)")
_OURS = ("annotators", "pipelines", "jobs")
_MODULE = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")
_PYTHONS = re.compile(r"different version[^\d]*(\d+\.\d+)\D+(\d+\.\d+)", re.DOTALL)
_PROGRAM = re.compile(r'Cannot run program "([^"\n]+)"')
_PLACE = re.compile(r'^ *File "([^"\n]+)", line (\d+), in ([\w<>.]+)$')


class ExecutorError(NotemillError):
    """An executor lacks what a job needs. `found` is what it lacks, `remedy` what to do."""

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(f"{found} {remedy}")
        self.found, self.remedy = found, remedy


def in_a_line(failure: BaseException) -> str:
    """The failure's class, and with Spark's the condition and the class that a worker raised."""
    parts = [type(failure).__name__]
    told = _CONDITION.search(str(failure))
    if told:
        parts.append(f"[{told.group(1)}]")
    inner = [c.rpartition(".")[2] for c in _classes(str(failure))]
    if inner and inner[-1] != parts[0]:
        parts.append(f"of {inner[-1]}")
    return " ".join(parts)


def traceback_of(failure: BaseException) -> Iterator[str]:
    """The places that a failure came through, here and on a worker, without messages."""
    chain: list[BaseException] = []
    link: BaseException | None = failure
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    for step in reversed(chain):
        for frame in traceback.extract_tb(step.__traceback__):
            yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
        yield in_a_line(step)
        places = [p for p in map(_PLACE.match, str(step).splitlines()) if p]
        for place in places:
            yield '    worker: File "{}", line {}, in {}'.format(*place.groups())


def lacking_on_executor(failure: BaseException) -> ExecutorError | None:
    """What a failed job says of its executors; None where it failed of something else."""
    told = str(failure)
    module = _MODULE.search(told)
    if module:
        ours = module[1].split(".")[0] in _OURS
        return ExecutorError(
            f"an executor's Python has no {'Notemill' if ours else module[1]}.", SHIP
        )
    pythons = _PYTHONS.search(told)
    if "PYTHON_VERSION_MISMATCH" in told and pythons:
        return ExecutorError(
            f"an executor has Python {pythons[1]}, the driver {pythons[2]}.",
            "Set PYSPARK_PYTHON to the same Python on both.",
        )
    if "Cannot run program" in told:
        program = _PROGRAM.search(told)
        return ExecutorError(
            f"an executor has no {program[1] if program else 'Python'}.",
            "Set PYSPARK_PYTHON to a Python that is on every executor.",
        )
    return None


def died_on_executor(failure: BaseException) -> NotemillError | None:
    """What is to be said of a Python worker that was killed or crashed; None where none was."""
    if "Python worker exited unexpectedly" not in str(failure):
        return None
    return NotemillError(
        "a Python worker ended in the middle of its work, as often as it was tried: the system "
        "kills one where memory runs out. Run the same command again, where memory is short with "
        "fewer tasks at once (--master local[1])."
    )


def _classes(message: str) -> list[str]:
    """The classes of exceptions that lines of a message begin with."""
    return [found.group(1) for found in map(_CLASS.match, message.splitlines()) if found]


def cannot_import(failure: Exception) -> str:
    """That a package cannot be imported, which one, and the class of the failure."""
    package = getattr(failure, "name", None) or _package_of(failure)
    return f"{package} cannot be imported ({type(failure).__name__})."


def _package_of(failure: BaseException) -> str:
    """The outermost package, past Notemill's own, that the failure came through."""
    trace = failure.__traceback__
    own = ("jobs", "annotators", "pipelines", "importlib", "contextlib")
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        if name and name not in own and name not in sys.stdlib_module_names and name != "__main__":
            return name
        trace = trace.tb_next
    return "a package"
