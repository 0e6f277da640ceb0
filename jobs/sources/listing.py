"""Which files lie at a path: local ones by this machine, others by Spark's file systems."""

from __future__ import annotations

import glob
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from jobs._run.exit_codes import InputError, NoNotesError
from jobs.sources.guard import local

_MACHINERY = re.compile(
    r"^(\.|_(SUCCESS|metadata|common_metadata|started|committed|temporary))|\.crc$"
)


@dataclass(frozen=True)
class File:
    """A file to read. name: its path below the place that was named. size: in bytes."""

    path: str
    name: str
    size: int
    here: bool


def files_at(spark: SparkSession, path: str) -> list[File]:
    """Every file at a path or pattern, in sub-folders too, in the order of their names.

    Raises InputError, in one line, where there is none or the file system is not to be had.
    """
    if local(path) is not None:
        return files_here(path)
    return _in_order(path, _remote_files(spark, path))


def files_here(path: str) -> list[File]:
    """What `files_at` gives of a path or pattern of this machine, without a session."""
    return _in_order(path, _local_files(path, local(path) or Path(path)))


def _in_order(path: str, files: Iterable[File]) -> list[File]:
    found = sorted(files, key=lambda file: file.name)
    if not found:
        raise NoNotesError(f"there are no notes in {path}: the folder is empty.")
    return found


def literal(path: str) -> str:
    r"""The path with a backslash before what Hadoop would read as a pattern."""
    return re.sub(r"([\[\]{}*?\\])", r"\\\1", path)


def _local_files(path: str, here: Path) -> Iterator[File]:
    tops = [here]
    if not here.exists():
        tops = sorted(Path(found) for found in _expanded(str(here)))
    if not tops:
        raise InputError(f"there is nothing at {path}.")
    several = len(tops) > 1
    for top in tops:
        if not top.is_dir():
            yield _file(top, top.name)
            continue
        for full in _below(top, ()):
            below = full.relative_to(top)
            yield _file(full, str(Path(top.name) / below if several else below))


def _below(folder: Path, above: tuple[tuple[int, int], ...]) -> Iterator[Path]:
    """The files in a folder and its sub-folders; a link to a folder that it lies in is left out."""
    try:
        here = folder.stat()
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError as failure:
        raise InputError(f"cannot list {folder}: {failure.strerror}.") from None
    place = (here.st_dev, here.st_ino)
    if place in above:
        return
    for name in names:
        full = folder / name
        if _MACHINERY.search(name):
            continue
        if full.is_dir():
            yield from _below(full, (*above, place))
        else:
            yield full


def _expanded(pattern: str) -> Iterator[str]:
    """The paths that a pattern of `*`, `?`, `[…]` and `{a,b}` means."""
    choice = re.search(r"\{([^{}]*)\}", pattern)
    if choice is None:
        yield from glob.glob(pattern, recursive=True)  # noqa: PTH207 (absolute patterns, too)
        return
    for part in choice.group(1).split(","):
        yield from _expanded(pattern[: choice.start()] + part + pattern[choice.end() :])


def _file(path: Path, name: str) -> File:
    if not path.exists():
        raise InputError(f"cannot read {path}: it is a link to what is not there.")
    if not path.is_file():
        raise InputError(f"cannot read {path}: it is neither a file nor a folder.")
    if not os.access(path, os.R_OK):
        raise InputError(f"cannot read {path}: permission is denied.")
    return File(str(path.absolute()), name, path.stat().st_size, here=True)


LOST = "??"
LOST_NAMES = (
    "Java takes no letters but those of ASCII in names of files here. Start it with the variable "
    "LC_ALL=C.UTF-8, or name the path in ASCII."
)


def names_are_lost(spark: SparkSession, path: str) -> bool:
    """Whether Java, in the locale that it was started in, cannot see a path's letters.

    spark-submit has put `?` for each byte of a letter by then.
    """
    if path.isascii() and LOST not in path:
        return False
    with tempfile.TemporaryDirectory(prefix="notemill-") as folder:
        files = [Path(folder) / name for name in ("plain", "l\u00e9tter")]
        for file in files:
            file.write_text("seen", encoding="utf-8")
        plain, letter = (_seen(spark, file) for file in files)
    return plain and not letter


def _seen(spark: SparkSession, file: Path) -> bool:
    try:
        return spark.read.text(str(file)).count() == 1
    except PySparkException:
        return False


def contents(spark: SparkSession, paths: list[str]) -> DataFrame:
    """The files at paths of other file systems, with `path`, `length` and `content`."""
    reader = spark.read.format("binaryFile").option("recursiveFileLookup", "true")
    return reader.load(paths)


def _remote_files(spark: SparkSession, path: str) -> list[File]:
    try:
        rows = contents(spark, [path]).select("path", "length").collect()
    except Exception as failure:  # noqa: BLE001 (what file systems raise varies)
        raise unreachable(path, failure) from None
    root = urlsplit(path).path.rstrip("/") + "/"
    found = []
    for row in rows:
        whole = unquote(urlsplit(row["path"]).path)
        name = whole.removeprefix(root) if whole.startswith(root) else whole.rsplit("/", 1)[-1]
        found.append(File(row["path"], name, row["length"], here=False))
    return found


def unreachable(path: str, failure: Exception) -> InputError:
    """What a file system's failure means, in one line."""
    told = str(failure)
    scheme = urlsplit(path).scheme
    if "PATH_NOT_FOUND" in told or "does not exist" in told:
        return InputError(f"there is nothing at {path}.")
    if re.search(r"No FileSystem for scheme|UNSUPPORTED_FILE_SYSTEM|ClassNotFoundException", told):
        return InputError(
            f"cannot reach {path}: this Spark has no file system for {scheme}://; add its JAR with "
            "spark.jars.packages (spark-submit --packages)."
        )
    if re.search(r"UnknownHost|ConnectException|Incomplete HDFS URI|no host", told):
        return InputError(f"cannot reach {path}: its host does not answer or is not named.")
    kind = re.findall(r"\b(?:\w+\.)+(\w+(?:Exception|Error))\b", told)
    return InputError(f"cannot reach {path}: {(kind or [type(failure).__name__])[0]}.")
