"""What the footers of local Parquet files say, asked before Spark reads any of them.

Spark takes the columns of one file for those of all, passes empty files over, and fails on a
damaged one in the middle of the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jobs._run.exit_codes import InputError
from jobs.sources.listing import File
from jobs.sources.records import column

_ENCRYPTED = b"PARE"


def check_footers(path: str, files: Sequence[File], given: set[str], wanted: Sequence[str]) -> None:
    """Raise InputError where a file is not Parquet, or columns differ in being there or in kind.

    given: files (by path) whose id is that of their partition. wanted: the columns of ids and of
    texts.
    """
    schemas = {file: _schema(path, file) for file in files if file.here}
    for number, name in enumerate(wanted):
        kinds: dict[str, File] = {}
        for file, schema in schemas.items():
            if schema is not None and not (number == 0 and file.path in given):
                kinds.setdefault(_kind(schema, name), file)
        if len(kinds) > 1:
            shown = ", ".join(f"{kind} in {file.name}" for kind, file in list(kinds.items())[:3])
            raise InputError(
                f"cannot read {path}: column '{name}' is {shown}. Write the files alike, or read "
                "them one by one."
            )


def _schema(path: str, file: File) -> pa.Schema | None:
    """A file's columns; None where its footer is encrypted."""
    try:
        return pq.read_schema(file.path)
    except (pa.ArrowException, OSError):
        with Path(file.path).open("rb") as stream:
            if stream.read(len(_ENCRYPTED)) == _ENCRYPTED:
                return None
    what = "is empty" if not file.size else "is damaged or another format"
    raise InputError(f"cannot read {path} as parquet: {file.name} {what}.")


def _kind(schema: pa.Schema, name: str) -> str:
    found = column(schema.names, name) or column(schema.names, name.partition(".")[0])
    if found is None:
        return "missing"
    kind = schema.field(found).type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    for is_it, called in _FAMILIES:
        if is_it(kind):
            return called
    return str(kind)


def _is_text(kind: pa.DataType) -> bool:
    checks = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary,
              pa.types.is_large_binary, pa.types.is_fixed_size_binary)  # fmt: skip
    return any(check(kind) for check in checks)


_FAMILIES = (
    (_is_text, "text"),
    (pa.types.is_integer, "an integer"),
    (pa.types.is_floating, "a number"),
    (pa.types.is_decimal, "a decimal"),
    (pa.types.is_timestamp, "a time"),
    (pa.types.is_struct, "a struct"),
    (pa.types.is_null, "only nulls"),
)
