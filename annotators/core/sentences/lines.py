"""Blocks of lines (break_at_lines), for notes in which a heading or an item ends without a stop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from annotators.core.cleanup import BLANKS

_BULLET = r"[-*+>•·▪◦‣●○■□\u2013\u2014]|\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{2,4})[.)]"
_ITEM_LINE = re.compile(rf"\s*(?:{_BULLET})\s+\S")
_CAPITAL_LINE = re.compile(r"[A-Z][A-Z0-9 &/,()'-]{3,59}")
_LABEL = re.compile(r"\s*[A-Z][A-Z0-9 &/()-]{1,40}:")
_HEADING_LENGTH = 60

Span = tuple[int, int]


def line_blocks(text: str) -> Iterator[Span]:
    """The spans of the text's blocks of lines, each to be read for sentences by itself.

    Blank lines part them, in a few steps for however many: a note may have millions.
    """
    shouted = text.isupper()
    at = 0
    for blank, lines in groupby(text.splitlines(keepends=True), key=str.isspace):
        if blank:
            yield from _in_blanks(together := "".join(lines), at)
            at += len(together)
            continue
        begin = at
        block: list[str] = []
        for line in lines:
            if block and _begins_block(line, block, shouted):
                yield begin, at
                begin, block = at, []
            block.append(line)
            at += len(line)
        yield begin, at


def _in_blanks(lines: str, at: int) -> Iterator[Span]:
    """The spans of those of blank lines that are blank in Python only; mostly, and soon, none."""
    if not lines.strip(BLANKS):
        return
    for line in lines.splitlines(keepends=True):
        if line.strip(BLANKS):
            yield at, at + len(line)
        at += len(line)


def _begins_block(line: str, block: list[str], shouted: bool) -> bool:
    """Whether a sentence ends before `line`, the lines of `block` (one or more) before it.

    shouted: the text has no lower case, so that a line in capitals is not a heading for that.
    """
    before = block[-1]
    if _ITEM_LINE.match(line) or _LABEL.match(line):
        return True
    if _is_heading(line, shouted) or _is_heading(before, shouted):
        return True
    goes_on = line[0].isspace() or line[0].islower()
    return not goes_on and _ITEM_LINE.match(block[0]) is not None


def _is_heading(line: str, shouted: bool) -> bool:
    words = line.strip()
    if len(words) > _HEADING_LENGTH or words.endswith("."):
        return False
    return words.endswith(":") or (not shouted and _CAPITAL_LINE.fullmatch(words) is not None)
