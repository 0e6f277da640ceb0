"""The place that a job writes to: checked before the work, put in place when all is whole."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import DataFrame, SparkSession

from jobs._run.exit_codes import InputError
from jobs._run.slots import runs_here
from jobs.sinks.disk import disk_told, refused
from jobs.sources.guard import local
from jobs.sources.listing import LOST, LOST_NAMES, contents, literal, names_are_lost, unreachable

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql.types import StructType

_ASIDE = ".unfinished"


class Output:
    """Parts (Parquet folders) of one output folder.

    In a folder of this machine they are written aside and renamed when all are whole, so that a
    run that is stopped leaves the output as it was. Other file systems are written directly.
    """

    def __init__(self, folder: str, aside: Path | None, mode: str) -> None:
        self._folder = folder
        self._aside = aside
        self._mode = mode

    def write(self, frame: DataFrame, part: str) -> DataFrame:
        """Write one part; gives it as it was written."""
        self.put(frame, part)
        return frame.sparkSession.read.schema(frame.schema).parquet(literal(self._at(part)))

    def put(self, frame: DataFrame, part: str) -> None:
        """Write one part."""
        with disk_told(self._folder):
            try:
                frame.write.mode(self._mode).parquet(self._at(part))
            except AnalysisException as failure:
                if "PATH_ALREADY_EXISTS" not in str(failure):
                    raise
                raise _exists(f"{self._folder}/{part}") from None

    @property
    def takes_tables(self) -> bool:
        """Whether it is a folder of this machine."""
        return self._aside is not None

    def put_table(self, table: pa.Table, schema: StructType, part: str) -> None:
        """Write one part as Spark would write a frame of this schema, whose columns are as given.

        Only where the output takes tables.
        """
        from jobs.sinks.as_spark import write_as_spark  # noqa: PLC0415 (beside the start of Java)

        with disk_told(self._folder):
            write_as_spark(table, schema, Path(self._at(part)))

    def _at(self, part: str) -> str:
        return f"{self._aside or self._folder.rstrip('/')}/{part}"

    def put_in_place(self, parts: Sequence[str]) -> None:
        """Rename what was written aside; the parts that it replaces are removed last."""
        if self._aside is None:
            return
        replaced = self._aside / "replaced"
        replaced.mkdir()
        for part in parts:
            target = Path(_local(self._folder)) / part
            if target.is_symlink() or target.exists():
                target.rename(replaced / part)
            (self._aside / part).rename(target)


@contextmanager
def output_folder(
    spark: SparkSession | None, folder: str, parts: Sequence[str], *, overwrite: bool
) -> Iterator[Output]:
    """The folder to write `parts` to. Raises InputError, before any work, where that cannot be.

    A part that exists is refused unless overwrite. spark: None for a folder of this machine that
    this process alone writes to.
    """
    if not folder.strip():
        raise InputError("the output is empty: name a folder to write to.")
    mode = "overwrite" if overwrite else "error"
    here = local(folder)
    if here is None:
        if spark is not None:
            _check_remote(spark, folder, parts, overwrite=overwrite)
        yield Output(folder, None, mode)
        return
    for part in parts:
        if not overwrite and ((here / part).is_symlink() or (here / part).exists()):
            raise _exists(f"{folder}/{part}")
    made = [place for place in (here, *here.parents) if not place.exists()]
    aside = here.absolute() / f"{_ASIDE}-{socket.gethostname()}-{os.getpid()}"
    try:
        aside.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(here)
        (aside / "probe").write_text("written", encoding="utf-8")
    except OSError as failure:
        raise refused(folder, failure) from None
    try:
        seen = spark is None or _sees(spark, aside / "probe", folder)
        yield Output(folder, aside if seen else None, mode)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        for place in made:
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()


def _local(folder: str) -> Path:
    return (local(folder) or Path(folder)).absolute()


def _exists(place: str) -> InputError:
    return InputError(f"{place} exists; replace it with --overwrite.")


def _sees(spark: SparkSession, probe: Path, folder: str) -> bool:
    """Whether Spark's own file system is this machine's (on a cluster it may be another).

    Raises InputError where Java takes no such names as the folder's.
    """
    try:
        found = spark.read.text(literal(str(probe)))
        seen = bool(found.schema) if runs_here(spark) else found.count() == 1
    except PySparkException:
        seen = False
    if (not seen or LOST in folder) and names_are_lost(spark, str(probe)):
        raise InputError(f"cannot write to {folder}: {LOST_NAMES}")
    return seen


def _remove_leftovers(here: Path) -> None:
    """Remove what runs of this machine left here that were killed."""
    for left in here.glob(f"{_ASIDE}-{socket.gethostname()}-*"):
        number = left.name.rsplit("-", 1)[-1]
        if number.isdecimal() and int(number) != os.getpid() and not _runs(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _check_remote(
    spark: SparkSession, folder: str, parts: Sequence[str], *, overwrite: bool
) -> None:
    for part in parts:
        place = f"{folder.rstrip('/')}/{part}"
        try:
            contents(spark, [literal(place)]).select("path").first()
        except Exception as failure:  # noqa: BLE001 (what file systems raise varies)
            told = unreachable(place, failure)
            if "there is nothing at" not in str(told):
                raise told from None
            continue
        if not overwrite:
            raise _exists(place)
