"""Which files a stream's names mean: Spark writes a path otherwise than its user does."""

from __future__ import annotations

import os
from urllib.parse import unquote

from jobs._run.exit_codes import InputError
from jobs.sources.guard import local
from jobs.sources.listing import LOST, LOST_NAMES, File


def landed(paths: list[str], there: list[File]) -> list[File]:
    """The files that Spark means; those that are gone since are left out.

    Raises InputError for one that is there by another name: its notes would never be read.
    """
    meant = set().union(*map(_forms, paths))
    found = [file for file in there if _forms(file.path) & meant]
    known = set().union(*(_forms(file.path) for file in found))
    for path in paths:
        forms = _forms(path)
        if forms & known:
            continue
        if LOST in path:
            raise InputError(f"cannot read a file that landed: {LOST_NAMES}")
        if any(map(os.path.exists, forms)) and not path.endswith(".crc"):
            raise InputError(
                "cannot tell which file it is that landed: name the folder of source.path without "
                "links and patterns, and begin with /."
            )
    return found


def _forms(path: str) -> set[str]:
    """How a path may be written: Spark's has a scheme, no `..`, and at times escapes."""
    here = local(path)
    bare = path if here is None else os.path.normpath(here)
    return {bare, unquote(bare)}
