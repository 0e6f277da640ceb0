"""A command's own lines only: what Spark and Java say while a job runs goes to a log file.

The JVM takes over the standard error that this process has when it starts. For that moment it is a
pipe: until the session is there its lines go to the log, from then on, when notes are read, they
are dropped. Spark's warnings come to the log by log4j, which is told to write the first line of a
message, without exceptions and what they quote, so that no note is ever in it.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs._run.progress import Progress

LOG = "spark.log"
_OPTIONS = "SPARK_SUBMIT_OPTS"
_BAR = re.compile(rb"\[Stage \d+:[=> ]*\((\d+) \+ \d+\) / (\d+)\]")
_LOG4J = r"""
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
appender.file.type = File
appender.file.name = file
appender.file.fileName = {log}
appender.file.append = true
appender.file.layout.type = PatternLayout
appender.file.layout.alwaysWriteExceptions = false
appender.file.layout.pattern = %d{{HH:mm:ss}} %p %c{{1}}: %replace{{%replace{{%m}}{{[\r\n][\s\S]*}}{{}}}}{{(Exception|Error): .*}}{{$1}}%n
"""  # noqa: E501 (a pattern is one line)


class RunLog:
    """Where Spark and Java write during one run of a command. kept: whether it outlives the run."""

    def __init__(self, *, kept: bool) -> None:
        self.kept = kept
        self.folder = Path(tempfile.mkdtemp(prefix="notemill-"))
        self.path = self.folder / LOG
        self.path.touch(mode=0o600)
        self.tasks: tuple[int, int] | None = None
        """Of the stage that runs: how many tasks are done, and how many there are."""
        self.own_bar = False
        """Whether the command tells by itself how far it is."""
        self._up = threading.Event()
        self._progress: Progress | None = None

    @contextmanager
    def taking_stderr(self) -> Iterator[None]:
        """While this lasts, what is started inherits a standard error that goes to the log."""
        settings = self.folder / "log4j2.properties"
        settings.write_text(_LOG4J.format(log=self.path), encoding="utf-8")
        before = os.environ.get(_OPTIONS)
        setting = f"-Dlog4j2.configurationFile=file:{settings}"
        os.environ[_OPTIONS] = f"{before or ''} {setting}".strip()
        sys.stderr.flush()
        terminal = os.dup(2)
        reads, writes = os.pipe()
        os.dup2(writes, 2)
        os.close(writes)
        threading.Thread(target=self._pump, args=(reads, terminal), daemon=True).start()
        try:
            yield
        finally:
            self._up.set()
            os.dup2(terminal, 2)
            if before is None:
                del os.environ[_OPTIONS]
            else:
                os.environ[_OPTIONS] = before

    def start_lines(self) -> list[str]:
        """What Java said before the session was there, or why it never was."""
        return self.path.read_text(encoding="utf-8", errors="replace").splitlines()

    def close(self) -> None:
        """End the progress line; remove the log unless it is to be kept."""
        self.end_progress()
        if not self.kept:
            shutil.rmtree(self.folder, ignore_errors=True)

    def end_progress(self) -> None:
        """Clear the line that tells how far the job is."""
        if self._progress is not None:
            self._progress.end()

    def _pump(self, reads: int, terminal: int) -> None:
        """Read what the JVM says, for as long as it lives."""
        self._progress = Progress(terminal)
        with self.path.open("ab", buffering=0) as log:
            while said := os.read(reads, 65_536):
                if not self._up.is_set():
                    log.write(said)
                elif bars := _BAR.findall(said):
                    done, parts = bars[-1]
                    self.tasks = (int(done), int(parts))
                    if not self.own_bar:
                        self._progress.tell(int(done), int(parts))
        os.close(reads)


class _Current:
    log: RunLog | None = None


def current_log() -> RunLog | None:
    """The log of the command that runs, None where a library or spark-submit runs a job."""
    return _Current.log


@contextmanager
def run_log(*, keep: bool) -> Iterator[RunLog]:
    """The log of a run; gone at its end unless kept. The JVM may outlive the run, not the log."""
    log = RunLog(kept=keep)
    _Current.log = log
    try:
        yield log
    finally:
        _Current.log = None
        log.close()
        if not keep:
            atexit.register(shutil.rmtree, log.folder, ignore_errors=True)
