"""Reading notes: JSON lines, CSV, Parquet or a folder of text files to (id, text, error)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import unquote

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from annotators.core.errors import InputColumnError
from annotators.schema import quoted
from jobs._run.exit_codes import InputError, NoNotesError
from jobs.sources.checks.parquet_footers import check_footers
from jobs.sources.decoding import known_encoding
from jobs.sources.formats import FORMATS, format_of, stem_of
from jobs.sources.listing import File, files_at, unreachable
from jobs.sources.parquet import check_names, field, notes_of_frame, read_parquet
from jobs.sources.parsing import Kinds, kinds, kinds_here, parsed, parsed_here
from jobs.sources.records import ABSENT, Record, Wanted

__all__ = [
    "ERROR", "FORMATS", "MARK", "MISSING", "REPEATED", "File", "files_at", "mark_repeated_ids",
    "read_here", "read_notes",
]  # fmt: skip

ERROR = "error"
MARK = "mark"
MISSING, REPEATED = "annotate: MissingNoteId", "annotate: RepeatedNoteId"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,39}")
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
_TELLING = re.compile(r"id|text|note|report|document|row|date|name|body|content|_", re.IGNORECASE)


def read_notes(
    spark: SparkSession,
    path: str,
    format: str | None,  # noqa: A002 (as the option is called)
    id_col: str,
    text_col: str,
    *,
    names: tuple[str, str] | None = None,
    files: Sequence[File] | None = None,
    among: Sequence[File] | None = None,
    encoding: str | None = None,
    sep: str | None = None,
    quote: str | None = None,
    escape: str | None = None,
) -> DataFrame:
    """The notes at `path`: columns of ids, texts and `error`, null except for unreadable rows.

    names: what to call the first two; `id_col` and `text_col`, where it is None.
    format: one of FORMATS; None looks at the names of the files. files: those at the path, where
    they are known already (`files_at`). In a folder of text files a note's id is its file's name
    without the suffix, with its folders where two files share a name; among: more files that ids
    tell these apart from. encoding: of files without a
    byte-order mark; UTF-8 where none is said. sep, quote, escape: those of CSV; None goes by the
    head of each file. A row that is none, or whose bytes are not text, has an error that says so.
    Raises InputError or InputColumnError where there is nothing to read.
    """
    wanted = _wanted(id_col, text_col, encoding, sep, quote, escape)
    if format is not None:
        format_of(path, (), format)
    files = files_at(spark, path) if files is None else files
    kind = format_of(path, [file.name for file in files], format)
    identity, text = names or (id_col, text_col)
    if kind == "parquet":
        return _parquet(spark, path, files, wanted).toDF(identity, text, ERROR)
    ids = _ids(among or files) if kind == "text" else _ids_of_partitions(files, id_col)
    records = parsed(spark, files, kind, ids, wanted)
    id_type = "string"
    if kind != "text":
        id_type = _checked(kinds(records, files, kind, ids, wanted), wanted, kind, path)
    return records.select(
        F.col("id").cast(id_type).alias(identity),
        F.col("text").alias(text),
        F.col("error").alias(ERROR),
    )


def read_here(
    path: str,
    format: str | None,  # noqa: A002 (as the option is called)
    id_col: str,
    text_col: str,
    *,
    files: Sequence[File],
    encoding: str | None = None,
    sep: str | None = None,
    quote: str | None = None,
    escape: str | None = None,
) -> tuple[str, list[Record]] | None:
    """The type of ids and the records that `read_notes` gives, read by this process without a job.

    None for Parquet and for files of other machines. Raises what `read_notes` raises.
    """
    wanted = _wanted(id_col, text_col, encoding, sep, quote, escape)
    kind = format_of(path, [file.name for file in files], format)
    if kind == "parquet" or not all(file.here for file in files):
        return None
    ids = _ids(files) if kind == "text" else _ids_of_partitions(files, id_col)
    records = parsed_here(files, kind, ids, wanted)
    if kind == "text":
        return "string", records
    return _checked(kinds_here(records), wanted, kind, path), records


def mark_repeated_ids(notes: DataFrame, id_col: str) -> DataFrame:
    """Mark notes without an id, and each of several with one, in a column; all are annotated."""
    identity = F.col(quoted(id_col))
    repeated = (
        notes.groupBy(identity.alias("_id")).count().where("count > 1")
        .select("_id", F.lit(REPEATED).alias("_repeated"))
    )  # fmt: skip
    joined = notes.join(repeated, identity.eqNullSafe(F.col("_id")), "left")
    missing = F.when(identity.isNull(), MISSING)
    return joined.withColumn(MARK, F.coalesce(missing, "_repeated")).drop("_id", "_repeated")


def _parquet(spark: SparkSession, path: str, files: Sequence[File], wanted: Wanted) -> DataFrame:
    check_names(spark, path, files)
    given = set(_ids_of_partitions(files, wanted.id_col))
    check_footers(path, files, given, (wanted.id_col, wanted.text_col))
    try:
        frame = read_parquet(spark, path, files, wanted.id_col)
        frame.schema  # noqa: B018 (asked now, so that a file of another kind is told here)
    except Exception as failure:  # noqa: BLE001 (a file of another kind: what is raised varies)
        if files[0].here:
            raise InputError(
                f"cannot read {path} as parquet: it is damaged or not Parquet."
            ) from None
        raise unreachable(path, failure) from None
    for name in (wanted.id_col, wanted.text_col):
        if field(frame, name) is None:
            raise _missing(name, frame.columns, telling=True)
    return notes_of_frame(frame, wanted.id_col, wanted.text_col, wanted.encoding)


def _wanted(
    id_col: str,
    text_col: str,
    encoding: str | None,
    sep: str | None,
    quote: str | None,
    escape: str | None,
) -> Wanted:
    return Wanted(id_col, text_col, known_encoding(encoding), _one(sep, "--sep"),
                  _one(quote, "--quote"), _one(escape, "--escape"))  # fmt: skip


def _checked(found: Kinds, wanted: Wanted, kind: str, path: str) -> str:
    """The type of ids, once it is clear that there are ids and texts."""
    id_kinds, text_kinds = found.of_ids, found.of_texts
    if not found.count:
        raise NoNotesError(f"there are no notes in {path}.")
    for column, there in ((wanted.id_col, id_kinds), (wanted.text_col, text_kinds)):
        # In CSV, one file without the column is a file that is read wrongly; JSON may leave out.
        if ABSENT in there and (kind == "csv" or there <= {ABSENT, "null"}):
            raise _missing(column, json.loads(found.names or "[]"), telling=kind == "json")
    odd = text_kinds - {ABSENT, "null", "string"}
    if odd and "string" not in text_kinds:
        raise InputError(
            f"column '{wanted.text_col}' is {', '.join(sorted(odd))}; text must be a string: "
            "name the text's column with --text-col (etl: source.text)."
        )
    if id_kinds & {"list", "object"}:
        raise InputError(
            f"column '{wanted.id_col}' holds lists or objects; an id must be one value: "
            "name another column with --id-col (etl: source.id)."
        )
    real = id_kinds - {ABSENT, "null"}
    if real == {"integer"}:
        return "bigint"
    if real and real <= {"integer", "number"}:
        return "double"
    return "boolean" if real == {"boolean"} else "string"


def _missing(column: str, names: Sequence[str], *, telling: bool) -> InputColumnError:
    """There is no such column; those there are, where they look like names and not like a note."""
    if names.count(column) > 1:
        return InputColumnError(
            f"annotate: there are {names.count(column)} columns '{column}', so it is not clear "
            "which is meant: rename all but one."
        )
    shown = [name for name in names if _NAME.fullmatch(name)]
    sure = len(shown) == len(names) and (telling or any(_TELLING.search(n) for n in shown))
    listed = f": {', '.join(sorted(shown))}" if shown and sure else f": {len(names)}"
    advice = "" if shown and sure else " Does the first row hold the names?"
    return InputColumnError(
        f"annotate: there is no column '{column}'. Columns that exist{listed}.{advice} "
        "Name yours with --id-col and --text-col (etl: source.id and source.text)."
    )


def _ids(files: Sequence[File]) -> dict[str, str]:
    """By path the id of each text file: the least of its name that no other file shares."""
    forms = [
        [stem_of(file.name.rsplit("/", 1)[-1]), stem_of(file.name), file.name] for file in files
    ]
    counts = [Counter(column) for column in zip(*forms, strict=True)]
    made = {}
    for file, names in zip(files, forms, strict=True):
        alone = (n for n, count in zip(names, counts, strict=True) if count[n] == 1)
        identity = next(alone, names[-1])
        made[file.path] = identity.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return made


def _ids_of_partitions(files: Sequence[File], id_col: str) -> dict[str, str]:
    """By path the id of a file in a folder as `note_id=001`, which Spark writes for a partition."""
    parts = ((file.path, part) for file in files for part in file.name.split("/")[:-1])
    named = ((path, *part.partition("=")) for path, part in parts)
    return {
        path: unquote(value)
        for path, name, mark, value in named
        if mark and name.casefold() == id_col.casefold() and value != _NO_VALUE
    }


def _one(character: str | None, option: str) -> str | None:
    r"""A character that an option gives; `\t` and `tab` mean a tab."""
    meant = "\t" if character in ("\\t", "tab") else character
    if meant is not None and len(meant) != 1:
        raise InputError(f"{option} must be one character, found {len(meant)}.")
    return meant
