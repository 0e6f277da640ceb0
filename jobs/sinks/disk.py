"""What a disk refuses becomes one line that says where, why, and what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from annotators.core.errors import NotemillError
from jobs._run.exit_codes import InputError

_ADVICE = {
    errno.ENOSPC: "make room",
    errno.EDQUOT: "make room or have the quota raised",
    errno.EROFS: "mount it for writing",
    errno.EACCES: "let this user write there",
    errno.EPERM: "let this user write there",
}
_FULL = (errno.ENOSPC, errno.EDQUOT)
_OF_SPARK = "Spark's own files (spark.local.dir, else /tmp)"


def refused(place: Path | str, failure: OSError) -> InputError:
    """The error of a run that cannot write to a place."""
    told = refusal_in(str(failure), place) if failure.errno is None else None
    reason = failure.strerror or type(failure).__name__
    return told or _told(place, failure.errno or 0, reason)


def refusal_in(message: str, place: Path | str) -> InputError | None:
    """The error of a run whose writer's message quotes what the disk said; None where it does not.

    The message itself is not told.
    """
    code = _code_in(message, _ADVICE)
    return None if code is None else _told(place, code, os.strerror(code))


@contextmanager
def disk_told(place: Path | str) -> Iterator[None]:
    """Raise InputError for what the disk refuses to this process or to a task of Spark."""
    try:
        yield
    except NotemillError:
        raise
    except OSError as failure:
        raise refused(place, failure) from None
    except Exception as failure:
        # Spark's error does not say which of its files it was about.
        told = refusal_in(str(failure), f"{place} or to {_OF_SPARK}")
        if told is None:
            raise
        raise told from None


@contextmanager
def full_disk_told() -> Iterator[None]:
    """Raise InputError where Spark finds no room for what it keeps between tasks."""
    try:
        yield
    except NotemillError:
        raise
    except Exception as failure:
        code = _code_in(str(failure), _FULL)
        if code is None:
            raise
        raise _told(_OF_SPARK, code, os.strerror(code)) from None


def _code_in(message: str, codes: Iterable[int]) -> int | None:
    return next((code for code in codes if os.strerror(code) in message), None)


def _told(place: Path | str, code: int, reason: str) -> InputError:
    advice = _ADVICE.get(code, "mend that")
    return InputError(
        f"cannot write to {place}: {reason}. What was committed stays: {advice}, then run the same "
        "command again."
    )
