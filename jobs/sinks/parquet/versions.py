"""The layout of a Parquet sink: versions of all tables, and one link that says which counts.

    archive/entities -> _current/entities    what readers name
    archive/_current -> _versions/7          renamed into place: the commit
    archive/_versions/7/entities/*.parquet   files shared with version 6 by hard links
    archive/_staging                         what a run is writing

A reader that has listed a version's files reads them to the end, since they stay on the disk until
the version is removed, some commits later.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql.types import StructType

from jobs._run.exit_codes import InputError
from jobs.sinks.file_lock import make_private

CURRENT, VERSIONS, STAGING = "_current", "_versions", "_staging"
SCHEMAS = "_schemas.json"
KEPT = 2
"""Versions before the current one that stay for readers in the middle."""


@dataclass(frozen=True)
class Versions:
    """The versions under a folder."""

    folder: Path

    @property
    def staging(self) -> Path:
        """Where a run writes before its commits."""
        return self.folder / STAGING

    def number(self) -> int | None:
        """The version that counts, None before the first commit."""
        try:
            return int((self.folder / CURRENT).readlink().name)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError):
            raise self._damaged(f"{CURRENT} is no link to a version") from None

    def check(self) -> None:
        """Raise InputError where a copy or a hand lost the link, or what it leads to.

        Before the first commit there is none, and the first version at most.
        """
        current = self.current()
        if current is not None and not (current / SCHEMAS).is_file():
            raise self._damaged(f"{CURRENT} leads to {current.name}, which is not whole")
        whole = sorted(int(f.name) for f in self._all() if (f / SCHEMAS).is_file())
        if current is None and whole and whole[-1] > 1:
            last = f"{VERSIONS}/{whole[-1]}"
            raise self._damaged(f"the link {CURRENT} is missing, and {last} would be lost", last)

    def _damaged(self, what: str, last: str | None = None) -> InputError:
        how = "restore the folder from a copy that keeps links, or name another one"
        if last is not None:
            how = f"put it back (ln -s {last} {self.folder / CURRENT}), or name another folder"
        return InputError(f"{self.folder} is damaged: {what}: {how}.")

    def at(self, number: int) -> Path:
        """The folder of a version."""
        return self.folder / VERSIONS / str(number)

    def current(self) -> Path | None:
        """The folder of the version that counts."""
        number = self.number()
        return None if number is None else self.at(number)

    def files(self, table: str) -> list[Path]:
        """The files of a table in the version that counts."""
        current = self.current()
        return [] if current is None else sorted((current / table).glob("*.parquet"))

    def schemas(self) -> dict[str, StructType]:
        """The schema of each table of the version that counts."""
        current = self.current()
        if current is None:
            return {}
        known = json.loads((current / SCHEMAS).read_text(encoding="utf-8"))
        return {table: StructType.fromJson(schema) for table, schema in known.items()}

    def begin(self) -> Path:
        """An empty folder for the next version; nobody sees it yet."""
        folder = self.at((self.number() or 0) + 1)
        shutil.rmtree(folder, ignore_errors=True)
        make_private(folder)
        return folder

    def commit(self, folder: Path, schemas: Mapping[str, StructType]) -> None:
        """Make this folder the version that counts: to the disk first, then one rename."""
        known = {table: schema.jsonValue() for table, schema in schemas.items()}
        (folder / SCHEMAS).write_text(json.dumps(known), encoding="utf-8")
        for file in folder.rglob("*"):
            if not file.is_dir() and file.stat().st_nlink == 1:
                file.chmod(0o600)
            if file.is_dir() or file.stat().st_nlink == 1:
                to_disk(file)
        for place in (folder, folder.parent):
            to_disk(place)
        self._link_tables(schemas)
        self._link(CURRENT, f"{VERSIONS}/{folder.name}")
        to_disk(self.folder)

    def prune(self, kept: Iterable[int]) -> None:
        """Remove versions that are older than the last ones, except for those in `kept`."""
        number = self.number() or 0
        for folder in self._all():
            if int(folder.name) < number - KEPT and int(folder.name) not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def recover(self) -> None:
        """Remove what was not committed; put links right that a killed run did not come to."""
        number = self.number() or 0
        shutil.rmtree(self.staging, ignore_errors=True)
        for folder in self._all():
            if int(folder.name) > number:
                shutil.rmtree(folder, ignore_errors=True)
        for left in self.folder.glob(".*.new"):
            left.unlink(missing_ok=True)
        if number:
            self._link_tables(self.schemas())

    def _all(self) -> list[Path]:
        return [f for f in (self.folder / VERSIONS).glob("*") if f.name.isdecimal()]

    def _link_tables(self, tables: Iterable[str]) -> None:
        for table in tables:
            if not (self.folder / table).is_symlink():
                self._link(table, f"{CURRENT}/{table}")

    def _link(self, name: str, target: str) -> None:
        new = self.folder / f".{name}.new"
        new.unlink(missing_ok=True)
        new.symlink_to(target)
        new.replace(self.folder / name)


def to_disk(place: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
