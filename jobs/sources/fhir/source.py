"""FHIR as a source: files of resources as a bulk export writes them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs._run.exit_codes import InputError, NoNotesError
from jobs.sources.files import ERROR
from jobs.sources.listing import files_at
from jobs.sources.parsing import parsed
from jobs.sources.records import Wanted
from jobs.sources.source import NOTE_ID, TEXT, Source


class Fhir(Source):
    """NDJSON (packed or not) of DocumentReference and DiagnosticReport; other resources are passed
    over.

    A resource is a note, whose id is `DocumentReference/ID`. Its text is the attachment in the best
    form there is (plain, HTML, RTF); a report that has none is its conclusion. What is not text
    here (other types, attachments by URL) is a reject that says so.
    """

    format: Literal["fhir"]
    path: str

    def read(self, spark: SparkSession) -> DataFrame:
        """All notes. Raises NoNotesError where no file holds one."""
        missing = [name for name in ("inscriptis", "striprtf") if find_spec(name) is None]
        if missing:
            raise InputError(
                f"{' and '.join(missing)} is not installed: pip install 'notemill[fhir]', here and "
                "where the executors run."
            )
        files = files_at(spark, self.path)
        records = parsed(spark, files, "fhir", {}, Wanted(self.id, self.text))
        if records.first() is None:
            raise NoNotesError(
                f"there are no DocumentReference or DiagnosticReport in {self.path}."
            )
        return records.select(F.col("id").alias(NOTE_ID), F.col("text").alias(TEXT), ERROR)

    def shown(self) -> str:
        """The path."""
        return f"{self.path} (FHIR)"

    def places(self, spark: SparkSession) -> list[str]:
        """Every file."""
        return [file.path for file in files_at(spark, self.path)]
