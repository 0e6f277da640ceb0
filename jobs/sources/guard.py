"""The guard that no output replaces what it is made of: places are compared, not their names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from jobs._run.exit_codes import InputError


def keep_input(path: str, files: Iterable[str], targets: Iterable[str]) -> None:
    """Raise InputError where a target holds a file to be read, by whatever name it is reached.

    path: the input as the user calls it. files: what is read, local paths or URIs. Folders are
    compared by device and inode, so that symbolic links and mounts hide nothing.
    """
    read = {path, *files}
    places = {place for file in read for place in _places(file)}
    for target in targets:
        if places & set(_places(target, parents=False)):
            raise InputError(f"{path} lies in {target}, which would be replaced: write elsewhere.")


def keep_all(read: Iterable[str | Path], targets: Iterable[str | Path]) -> None:
    """Raise InputError where a target is a local file or folder that is read, or holds one."""
    written = [str(target) for target in targets]
    for path in map(str, read):
        here = local(path)
        if here is not None:
            inside = here.rglob("*") if here.is_dir() else ()
            keep_input(path, map(str, inside), written)


def local(path: str) -> Path | None:
    """The path on this machine that a name means; None for other file systems."""
    if "://" not in path and not path.startswith("file:"):
        return Path(path)
    parts = urlsplit(path)
    return Path(path.split(":", 1)[1].removeprefix("//")) if parts.scheme == "file" else None


def _places(name: str, *, parents: bool = True) -> Iterator[tuple[object, ...]]:
    """What tells a place from all others, for the name and every folder that it lies in."""
    path = local(name)
    if path is None:
        parts = urlsplit(name)
        kind = "s3" if parts.scheme in ("s3", "s3a", "s3n") else parts.scheme
        steps = [step for step in parts.path.split("/") if step]
        for end in range(len(steps), 0 if parents else len(steps) - 1, -1):
            yield kind, parts.netloc, *steps[:end]
        return
    for form in (path.absolute(), Path(os.path.realpath(path))):
        for place in (form, *(form.parents if parents else ())):
            yield "path", str(place)
            if place.exists():
                found = place.stat()
                yield found.st_dev, found.st_ino
