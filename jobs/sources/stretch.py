"""A part of a file, from the beginning of a line to the end of one, as a stream of its own."""

from __future__ import annotations

import io
from typing import IO, Any


class Stretch(io.RawIOBase):
    """The lines of a stream that begin at byte `first` or behind it, and before byte `last`.

    Stretches that share their limits share no line and leave none out. Lines end with LF.
    """

    def __init__(self, stream: IO[bytes], first: int, last: int) -> None:
        super().__init__()
        self._end = _line_start(stream, last)
        self._at = _line_start(stream, first)
        self._stream = stream
        stream.seek(self._at)

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as there are bytes; how many they are, 0 at the end."""
        view = memoryview(buffer)
        found = self._stream.read(max(0, min(len(view), self._end - self._at)))
        view[: len(found)] = found
        self._at += len(found)
        return len(found)


def _line_start(stream: IO[bytes], place: int) -> int:
    """Where the first line begins that begins at a place or behind it."""
    if place == 0:
        return 0
    stream.seek(place - 1)
    stream.readline()
    return stream.tell()
