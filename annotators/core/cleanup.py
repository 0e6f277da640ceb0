"""The cleanup modes of DocumentAssembler: what becomes of white space and of written-out escapes.

The rules are those of Spark NLP 5.5.3, measured. White space is ASCII white space (space, tab, line
feed, vertical tab, form feed, carriage return), so a no-break space survives every mode; trimming
takes every character up to U+0020. The `_full` modes also know the escapes that exports leave in a
text, a backslash and a letter: line feed, carriage return with line feed, and tab, wherever they
stand, even in a Windows path.

A cleaned text has offsets of its own; nothing maps them back.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from annotators.core.errors import ParamError

BLANKS = "".join(map(chr, range(0x21)))
"""What Java's `String.trim` takes from both ends."""

_SPACE = re.compile(r"\s", re.ASCII)
_SPACES = re.compile(r"\s+", re.ASCII)
_SPACE_BEFORE_LINE_OR_TAB = re.compile(r"\s[\n\t]", re.ASCII)
_ESCAPE = re.compile(r"\\(?:r\\n|[nt])")
_ESCAPE_AFTER_SPACE = re.compile(r"\s(?:[\n\t]|\\(?:r\\n|[nt]))", re.ASCII)
# A run of \r counts only with a \n behind it. Taking the whole run in one match, and leaving it
# as it is where there is none, keeps a long run linear.
_ESCAPES = re.compile(r"(?:\\r)+(\\n)*|(?:\\n)+|(?:\\t)+")


def clean(text: str, mode: str) -> str:
    """`text` as DocumentAssembler gives it in cleanup mode `mode` (one of `CLEANUP_MODES`).

    Raises ParamError for another mode.
    """
    try:
        return _CLEANERS[mode](text)
    except KeyError:
        raise ParamError(
            f"cleanupMode is '{mode}', but must be one of: {', '.join(CLEANUP_MODES)}."
        ) from None


def _inplace(text: str) -> str:
    return _SPACE.sub(" ", text)


def _inplace_full(text: str) -> str:
    return _ESCAPE.sub(" ", _inplace(text))


def _shrink(text: str) -> str:
    return _SPACES.sub(" ", text.strip(BLANKS))


def _shrink_full(text: str) -> str:
    return _ESCAPES.sub(_blank_unless_bare_returns, _shrink(text))


def _blank_unless_bare_returns(run: re.Match[str]) -> str:
    return run[0] if run[0].endswith("\\r") else " "


def _each(text: str) -> str:
    return _SPACE_BEFORE_LINE_OR_TAB.sub(" ", text)


def _each_full(text: str) -> str:
    return _ESCAPE_AFTER_SPACE.sub(" ", text)


def _delete_full(text: str) -> str:
    return _ESCAPE.sub("", text.strip(BLANKS))


_CLEANERS: dict[str, Callable[[str], str]] = {
    "disabled": str,
    "inplace": _inplace,
    "inplace_full": _inplace_full,
    "shrink": _shrink,
    "shrink_full": _shrink_full,
    "each": _each,
    "each_full": _each_full,
    "delete_full": _delete_full,
}
CLEANUP_MODES = tuple(_CLEANERS)
