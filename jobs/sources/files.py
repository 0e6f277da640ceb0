"""Reading notes: JSON lines, CSV, Parquet or a folder of text files to (id, text, error)."""

from __future__ import annotations

from pathlib import Path

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from annotators.core.errors import InputColumnError
from annotators.schema import quoted
from jobs._run.exit_codes import InputError

FORMATS = ("json", "csv", "parquet", "text")
_SUFFIXES = {
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".csv": "csv",
    ".parquet": "parquet", ".txt": "text",
}  # fmt: skip
_CORRUPT = "_corrupt_record"
ERROR = "error"


def read_notes(
    spark: SparkSession,
    path: str,
    format: str | None,  # noqa: A002 (as the option is called)
    id_col: str,
    text_col: str,
) -> DataFrame:
    """The notes at `path`: columns `id_col`, `text_col` and `error`, null but for unreadable rows.

    format: one of FORMATS; None looks at the names of the files. In a folder of text files a note's
    id is its file's name without the suffix. A JSON line that is no JSON becomes a row without id
    and text whose error says so. Raises InputError or InputColumnError where there is nothing to
    read.
    """
    kind = format or _guess(path)
    if kind not in FORMATS:
        raise InputError(f"format '{kind}' is unknown; it must be one of {', '.join(FORMATS)}.")
    try:
        frame = _read(spark, path, kind, id_col, text_col)
    except AnalysisException as failure:
        raise InputError(f"cannot read {path} as {kind}: {_first_line(failure)}") from None
    except Exception as failure:  # noqa: BLE001 (a file of another kind: what is raised varies)
        raise InputError(f"cannot read {path} as {kind}: {type(failure).__name__}.") from None
    for column in (id_col, text_col):
        if column not in frame.columns:
            raise InputColumnError.missing("annotate", column, frame.columns)
    return frame.select(
        F.col(quoted(id_col)),
        F.col(quoted(text_col)).cast("string").alias(text_col),
        _unreadable(frame).alias(ERROR),
    )


def mark_repeated_ids(notes: DataFrame, id_col: str) -> DataFrame:
    """Give each of several notes with one id an error; they are annotated and kept all the same."""
    identity = F.col(quoted(id_col))
    repeated = (
        notes.groupBy(identity.alias("_id")).count().where("count > 1")
        .select("_id", F.lit("annotate: RepeatedNoteId").alias("_repeated"))
    )  # fmt: skip
    joined = notes.join(repeated, identity.eqNullSafe(F.col("_id")), "left")
    error = F.coalesce(F.col(ERROR), F.col("_repeated"))
    return joined.withColumn(ERROR, error).drop("_id", "_repeated")


def _read(spark: SparkSession, path: str, kind: str, id_col: str, text_col: str) -> DataFrame:
    reader = spark.read
    if kind == "json":
        return reader.json(path)
    if kind == "csv":
        # Named, so that Spark does not turn the line ends within a text into those between rows;
        # with it, a row's last field would keep the CR of CRLF, if it is not quoted.
        return reader.csv(
            path, header=True, multiLine=True, escape='"', lineSep="\n",
            ignoreTrailingWhiteSpace=True,
        )  # fmt: skip
    if kind == "parquet":
        return reader.parquet(path)
    texts = reader.text(path, wholetext=True, recursiveFileLookup=True)
    return texts.select(_file_stem().alias(id_col), F.col("value").alias(text_col))


def _file_stem() -> Column:
    """The name of a row's file, without the suffix and without the URL encoding Spark gives it."""
    encoded = F.element_at(F.split(F.input_file_name(), "/"), -1)
    name = F.url_decode(F.regexp_replace(encoded, r"\+", "%2B"))
    return F.regexp_replace(name, r"\.[^.]*$", "")


def _unreadable(frame: DataFrame) -> Column:
    if _CORRUPT not in frame.columns:
        return F.lit(None).cast("string")
    return F.when(F.col(_CORRUPT).isNotNull(), "annotate: UnreadableRecord")


def _guess(path: str) -> str:
    """The format that the file's suffix tells, or that of the files in a local folder."""
    here = Path(path)
    if here.is_dir():
        files = (f for f in here.rglob("*") if f.is_file() and f.name[0] not in "._")
        suffixes = {f.suffix.lower() for f in files}
        kinds = {_SUFFIXES.get(suffix, "") for suffix in suffixes}
        if not suffixes:
            raise InputError(f"there are no notes in {path}: the folder is empty.")
        if len(kinds) != 1 or "" in kinds:
            raise InputError(
                f"cannot tell the format of {path} from its files' names "
                f"({', '.join(sorted(suffixes))}); "
                f"say it with --format, one of {', '.join(FORMATS)}."
            )
        return kinds.pop()
    if "://" not in path and not here.exists() and not any(c in path for c in "*?[{"):
        raise InputError(f"there is nothing at {path}.")
    return _SUFFIXES.get(here.suffix.lower(), "parquet")


def _first_line(failure: Exception) -> str:
    return str(failure).split("\n", 1)[0]
