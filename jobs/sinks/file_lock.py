"""A lock on a folder of this machine that dies with the process that holds it."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from jobs._run.exit_codes import InputError, LockedError

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
        raise InputError(f"cannot write to {folder}: {failure.strerror}.") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 200, 0).decode("utf-8", "replace").strip()
            raise LockedError(
                f"another run holds {folder} ({holder or 'it does not say which'}): wait until it "
                "ends."
            ) from None
        now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
        os.ftruncate(handle, 0)
        os.pwrite(
            handle, f"process {os.getpid()} on {socket.gethostname()} since {now}".encode(), 0
        )
        yield
    finally:
        os.close(handle)


def make_private(folder: Path) -> None:
    """Make the folder, and those above it that are missing, for its owner only."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(mode=0o700, exist_ok=True)
