"""The locale that Java starts in: names of files are UTF-8, whatever cron or a container says.

Python takes the names of files for UTF-8 where the locale is C or POSIX. Java does not: it neither
reads nor writes a file whose name has an umlaut there.
"""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_VARIABLE = "LC_ALL"
_KNOWN_WELL = ("C.UTF-8", "en_US.UTF-8")


@contextmanager
def names_in_utf8() -> Iterator[None]:
    """While this lasts, what is started takes the names of files for UTF-8, where Python does."""
    before = os.environ.get(_VARIABLE)
    better = _utf8_locale() if _differs() else None
    if better is not None:
        os.environ[_VARIABLE] = better
    try:
        yield
    finally:
        if better is not None:
            os.environ.pop(_VARIABLE)
            if before is not None:
                os.environ[_VARIABLE] = before


def _differs() -> bool:
    """Whether this Python takes names for UTF-8 and the locale does not say so."""
    said = next((os.environ[v] for v in (_VARIABLE, "LC_CTYPE", "LANG") if os.environ.get(v)), "C")
    as_utf8 = sys.getfilesystemencoding().replace("-", "").lower() == "utf8"
    return as_utf8 and "utf8" not in said.replace("-", "").lower()


def _utf8_locale() -> str | None:
    """A locale in UTF-8 that this machine has."""
    now = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in _KNOWN_WELL:
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, now)
    return None
