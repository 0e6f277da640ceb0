"""How far a job is: a line that is written over on a terminal, a line now and then in a log."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

EVERY = 30.0
"""Seconds between two lines in a log."""
WIDTH = 30


class Progress:
    """Tells parts done on a file descriptor: `told` is whether a line on a terminal is open."""

    def __init__(self, file: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._file, self._clock = file, clock
        self._terminal = os.isatty(file)
        self._last = clock()
        self.told = False

    def tell(self, done: int, parts: int) -> None:
        """Say that so many of a stage's parts are done."""
        said = b"%d of %d parts done" % (done, parts)
        if self._terminal:
            self.told = True
            os.write(self._file, b"\r" + said.ljust(WIDTH))
        elif self._clock() - self._last >= EVERY:
            self._last = self._clock()
            os.write(self._file, said + b"\n")

    def end(self) -> None:
        """Clear the line of a terminal."""
        if self.told:
            os.write(self._file, b"\r" + b" " * WIDTH + b"\r")
            self.told = False
