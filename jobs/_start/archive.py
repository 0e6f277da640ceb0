"""Spark's classes as Java has laid them out: mapped into memory at a start, not read and checked.

Java makes such an archive at the end of a run, which takes half a minute: `notemill doctor` does so
where it is asked to. One that is damaged, or not of this very Java and Spark, is passed over.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pyspark

from annotators.core.errors import NotemillError
from jobs._run.java import java_here, release_of

VARIABLE = "SPARK_SUBMIT_OPTS"
"""Where Spark's scripts look for Java's options."""
_SAFE = re.compile(r"[\w./+@-]+")
"""Paths that go through Spark's scripts as they are."""
# Checksums are compared, and what Java thinks of the file stays off the command's own lines.
_USE = "-Xshare:auto -XX:+VerifySharedSpaces -Xlog:disable"
_WRITABLE_BY_OTHERS = 0o022
NOTE = {"note_id": "1", "text": "Metformin for type 2 diabetes. No chest pain."}


def archive_place(size: int) -> Path:
    """Where an archive of so many bytes lies, for the Java and the Spark of this environment.

    Java ends, without a word, over an archive that was cut; so its name tells its size.
    """
    cache = os.environ.get("XDG_CACHE_HOME") or f"{os.environ.get('HOME', '')}/.cache"
    java = java_here()
    told = f"{pyspark.__file__}\n{pyspark.__version__}\n{java}\n{release_of(java) if java else ''}"
    name = hashlib.sha256(told.encode()).hexdigest()[:16]
    return Path(cache).absolute() / "notemill" / f"spark-{pyspark.__version__}-{name}-{size}.jsa"


def kept_archives() -> list[Path]:
    """The archives for this Java and Spark, whole or not."""
    example = archive_place(0)
    return sorted(example.parent.glob(f"{example.stem.removesuffix('0')}*.jsa"))


def with_archive(options: str) -> str:
    """Java's options with those for the archive, where there is one, and only its user's."""
    try:
        whole = [place for place in kept_archives() if place == archive_place(place.stat().st_size)]
        if not whole or not all(map(_only_ours, (whole[-1], whole[-1].parent))):
            return options
    except OSError:
        return options
    return f"{options} {_USE} -XX:SharedArchiveFile={whole[-1]}" if _safe(whole[-1]) else options


def _only_ours(place: Path) -> bool:
    """Whether a file or folder is this user's, or the system's, and nobody else may write to it."""
    found = place.stat()
    return found.st_uid in (0, os.getuid()) and not found.st_mode & _WRITABLE_BY_OTHERS


def make_archive(options: str, model: str | None = None) -> Path:
    """Annotate a note, and have Java keep the classes that it took. Raises NotemillError.

    options: those that Java will have with the archive. model: other than the pipeline's own.
    """
    folder = archive_place(0).parent
    if not _safe(folder):
        raise NotemillError(f"{folder} has characters that Spark's scripts do not take.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix=".unfinished-") as scratch:
            made = Path(scratch) / "spark.jsa"
            asked = f"{options} -XX:ArchiveClassesAtExit={made} -Xlog:disable"
            command = [sys.executable, "-m", __name__, scratch, *([model] if model else [])]
            # Java ends, and writes, after Python: what it holds of this pipe is waited for.
            subprocess.run(  # noqa: S603 (this module)
                command, env={**os.environ, VARIABLE: asked}, capture_output=True, check=False
            )
            place = archive_place(made.stat().st_size)
            for older in kept_archives():
                older.unlink()
            return made.replace(place)
    except OSError as failure:
        told = failure.strerror or type(failure).__name__
        raise NotemillError(f"Java made no archive in {folder}: {told}.") from None


def _safe(place: Path) -> bool:
    return _SAFE.fullmatch(str(place)) is not None


def _run(folder: str, model: str | None = None) -> None:
    """Annotate a note by the driver, and by a worker."""
    from jobs.annotate import annotate  # noqa: PLC0415 (which starts Java by this module)

    notes = Path(folder) / "notes.jsonl"
    notes.write_text(json.dumps(NOTE) + "\n", encoding="utf-8")
    for partitions in (None, 1):
        annotate(str(notes), f"{folder}/{partitions}", model=model, partitions=partitions)


if __name__ == "__main__":
    _run(*sys.argv[1:])
