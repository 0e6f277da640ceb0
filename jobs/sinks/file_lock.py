"""A lock on a folder of this machine that dies with the process that holds it."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path

from jobs._run.exit_codes import LockedError
from jobs.sinks.disk import refused

LOCK = "_lock"


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold the folder, which is made where it is not there. Raises LockedError or InputError.

    The kernel lets go of the lock when the process ends, however it ends; the file stays, since a
    file that is removed can be locked by two at once.
    """
    try:
        make_private(folder)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as failure:
        raise refused(folder, failure) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 200, 0).decode("utf-8", "replace").strip()
            raise LockedError(
                f"another run holds {folder} ({holder or 'it does not say which'}): wait until it "
                "ends."
            ) from None
        _say_who(handle)
        yield
    finally:
        os.close(handle)


def _say_who(handle: int) -> None:
    """For people: the lock itself is the kernel's, so it holds where the disk is full, too."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
    said = f"process {os.getpid()} on {socket.gethostname()} since {now}"
    with suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, said.encode(), 0)


def make_private(folder: Path) -> None:
    """Make the folder, and those above it that are missing, for its owner only."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(mode=0o700, exist_ok=True)
