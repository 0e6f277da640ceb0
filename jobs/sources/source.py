"""What `notemill etl` reads notes from: the interface of sources, and files as one of them.

Another source is a class here or in a file of its own, and a line of SOURCES in
jobs/_etl/config.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pyspark.sql import DataFrame, SparkSession

from jobs._run.settings import Settings
from jobs.sources.files import File, files_at, read_notes

NOTE_ID, TEXT = "note_id", "text"


class Source(Settings):
    """A place with notes. Its fields are the keys that `source:` may have.

    id, text: the columns (or fields) with a note's id and text.
    """

    format: Any
    id: str = NOTE_ID
    text: str = TEXT

    def read(self, spark: SparkSession) -> DataFrame:
        """All notes: `note_id` in the source's own type, `text` (string or null), `error`.

        error: null, or `stage: ExceptionClass` of a row that could not be read; such a row may
        lack its id. Nothing is executed twice in vain: the frame is read once for ids and hashes,
        and once a slice for texts, and must hold the same rows each time.
        Raises InputError, in one line without secrets, where the source cannot be used.
        A source without notes gives an empty frame, or raises NoNotesError.
        """
        raise NotImplementedError

    def shown(self) -> str:
        """The place in words for plans and logs, without secrets."""
        raise NotImplementedError

    def places(self, spark: SparkSession) -> list[str]:  # noqa: ARG002 (of files only)
        """Paths that are read, which no sink may replace."""
        return []

    def spark_conf(self) -> Mapping[str, str]:
        """What a session needs to read this source, as `spark.jars.packages`."""
        return {}


class Files(Source):
    """JSON lines, CSV, Parquet or a folder of text files, read as `notemill annotate` reads them.

    format: None looks at the names of the files.
    """

    format: Literal["json", "csv", "parquet", "text"] | None = None
    path: str
    encoding: str | None = None
    sep: str | None = None
    quote: str | None = None
    escape: str | None = None

    def read(self, spark: SparkSession) -> DataFrame:
        """All notes of the files."""
        return self.read_files(spark, files_at(spark, self.path))

    def read_files(
        self, spark: SparkSession, files: Sequence[File], among: Sequence[File] | None = None
    ) -> DataFrame:
        """The notes of some files, told apart from `among` where a note's id is its file's name."""
        return read_notes(
            spark, self.path, self.format, self.id, self.text, names=(NOTE_ID, TEXT), files=files,
            among=among, encoding=self.encoding, sep=self.sep, quote=self.quote, escape=self.escape,
        )  # fmt: skip

    def shown(self) -> str:
        """The path."""
        return self.path

    def places(self, spark: SparkSession) -> list[str]:
        """Every file."""
        return [file.path for file in files_at(spark, self.path)]
