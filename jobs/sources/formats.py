"""Which format files are in, by their names; what cannot be read is refused by its name."""

from __future__ import annotations

import bz2
import gzip
import io
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import IO, cast

from jobs._run.exit_codes import InputError

FORMATS = ("json", "csv", "parquet", "text")
_SUFFIXES = {
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".csv": "csv", ".tsv": "csv",
    ".parquet": "parquet", ".txt": "text", ".text": "text",
}  # fmt: skip
_PACKED = (".gz", ".bz2")
_ADVICE = {
    ".zip": "unpack it first",
    ".tar": "unpack it first",
    ".tgz": "unpack it first",
    ".7z": "unpack it first",
    ".xz": "unpack it first, or pack it as .gz or .bz2",
    ".zst": "unpack it first, or pack it as .gz or .bz2",
    ".rtf": "save it as plain text (.txt)",
    ".doc": "save it as plain text (.txt)",
    ".docx": "save it as plain text (.txt)",
    ".pdf": "save it as plain text (.txt)",
    ".html": "save it as plain text (.txt)",
    ".xml": "save it as plain text (.txt)",
    ".xls": "save it as CSV",
    ".xlsx": "save it as CSV",
}


def suffix_of(path: str) -> str:
    """A file's suffix in small letters, without that of its compression."""
    name = PurePosixPath(path.replace("\\", "/").rstrip("/"))
    if name.suffix.lower() in _PACKED:
        name = name.with_suffix("")
    return name.suffix.lower()


def stem_of(name: str) -> str:
    """A file's name without its suffixes: of `7.txt.gz`, 7."""
    bare = PurePosixPath(name)
    if bare.suffix.lower() in _PACKED:
        bare = bare.with_suffix("")
    return str(bare.with_suffix(""))


def format_of(path: str, files: Sequence[str], said: str | None) -> str:
    """The format said, or that which the suffixes tell. Raises InputError where none is told."""
    if said is not None:
        if said not in FORMATS:
            raise InputError(f"format '{said}' is unknown; it must be one of {', '.join(FORMATS)}.")
        return said
    suffixes = sorted({suffix_of(file) for file in files})
    kinds = {_SUFFIXES.get(suffix, "") for suffix in suffixes}
    if len(kinds) == 1 and "" not in kinds:
        return kinds.pop()
    if len(suffixes) == 1 and suffixes[0] in _ADVICE:
        raise InputError(f"cannot read {path}: {suffixes[0]} is not a format of notes here; "
                         f"{_ADVICE[suffixes[0]]}.")  # fmt: skip
    shown = ", ".join(suffix or "no suffix" for suffix in suffixes[:12])
    raise InputError(
        f"cannot tell the format of {path} from its files' names ({shown}); "
        f"name it with --format, one of {', '.join(FORMATS)}."
    )


def is_packed(path: str) -> bool:
    """Whether a file's name says that it is packed."""
    return PurePosixPath(path).suffix.lower() in _PACKED


def unpacked(stream: IO[bytes], path: str) -> IO[bytes]:
    """The bytes of a file, unpacked where its name says that it is packed."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix == ".gz":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    return cast("IO[bytes]", bz2.BZ2File(stream)) if suffix == ".bz2" else stream


def raw(content: bytes) -> IO[bytes]:
    """Bytes that were read, as a stream."""
    return io.BytesIO(content)
