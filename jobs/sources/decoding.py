"""Bytes to text: byte-order marks obeyed, undecodable bytes marked, so that a row can tell."""

from __future__ import annotations

import codecs
import io
from typing import IO

from annotators.core.errors import ParamError

UNDECODABLE = "\ufdd2"
"""Stands for bytes that are not text; a noncharacter, which Unicode keeps out of texts."""
DEFAULT = "utf-8"
_HANDLER = "notemill_mark"
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _mark(failure: UnicodeError) -> tuple[str, int]:
    if not isinstance(failure, UnicodeDecodeError):
        raise failure
    return UNDECODABLE, failure.end


codecs.register_error(_HANDLER, _mark)


def known_encoding(encoding: str | None) -> str:
    """The encoding, UTF-8 where none is said. Raises ParamError for one Python does not know."""
    try:
        "".encode(encoding or DEFAULT)
    except (LookupError, ValueError):
        raise ParamError(
            f"encoding '{encoding}' is unknown; give one that Python knows, as utf-8, cp1252, "
            "latin-1 or utf-16."
        ) from None
    return encoding or DEFAULT


def encoding_of(head: bytes, encoding: str) -> str:
    """What a byte-order mark at the start says, else `encoding`."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), encoding)


def decoded(data: bytes, encoding: str) -> str:
    """The text of a whole file or value; UNDECODABLE stands where it is none."""
    return data.decode(encoding_of(data[:4], encoding), _HANDLER)


def text_stream(stream: IO[bytes], encoding: str, newline: str) -> io.TextIOWrapper:
    """A stream of bytes as lines of text that end with `newline` only."""
    buffered = io.BufferedReader(stream)  # type: ignore[type-var]
    used = encoding_of(buffered.peek(4)[:4], encoding)
    return io.TextIOWrapper(buffered, used, _HANDLER, newline)
