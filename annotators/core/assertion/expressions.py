"""Regular expressions of rules, sought in many sentences without a search in each."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from annotators.core.assertion.sheets.characters import Ints, in_small_letters
from annotators.core.assertion.sheets.sheet import APART, Sheet
from annotators.core.assertion.sheets.spelling import Numbers, number_of

_LEAD = re.compile(r"\\b(?:\(\?:(\w+(?:\|\w+)*)\)|(\w+))\\b")
_PART = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[.^$\0]|\(\?[a-zA-Z]*[msx]", re.DOTALL)
_GROUP = re.compile(r"\([^()]*\)")
_SEES_ENDS = re.compile(r"[.^\0(]|\[\^|.*(?:\0|\\[ABDSWZz0-9xuUN])", re.DOTALL)
"""What of an expression may take the NUL behind a sentence for a part of it, or miss its end."""

_LAST = re.compile(r"(?:\\.|[^\\])*?(?:\\([^\w\s])|([:;,=/]))$", re.DOTALL)
"""An expression that ends with a mark, and so do its matches."""

_END = r"(?=\n?\0)"
"""`$` in a sheet."""


class Expression:
    r"""One expression. How it is sought hangs on how it is written:

    - `\b(?:in|since)\b…` at these words only;
    - without `.`, `[^…]`, `^` and the like, which see beyond a sentence, in all sentences at once,
      or, where it ends with a mark, in those that have this;
    - else sentence by sentence, which takes longest.
    """

    def __init__(self, source: str, flags: re.RegexFlag) -> None:
        lead = _LEAD.match(source)
        words = (lead[1] or lead[2]).split("|") if lead and not _has_choice(source) else []
        self.longest = max(map(len, words), default=0)
        cased = map(in_small_letters, words) if flags & re.IGNORECASE else words
        self._lead = np.array(sorted(map(number_of, cased)), np.uint64)
        self._pattern = re.compile(source, flags)
        sees = any(_SEES_ENDS.match(part) for part in _PART.findall(source))
        self._anywhere = None if sees else re.compile(_PART.sub(_with_end, source), flags)
        last = None if _has_choice(source) else _LAST.match(source)
        self._last = (last[1] or last[2]) if last else ""

    def spans(self, sheet: Sheet, numbers: Numbers) -> Ints:
        """int64[N, 2]: the half-open spans of its matches. numbers: how words are spelled."""
        anywhere = self._anywhere if sheet.is_plain else None
        if len(self._lead):
            begins = sheet.words.begin[
                np.logical_or.reduce([numbers == word for word in self._lead])
            ]
            found = self._led(sheet, begins, anywhere)
        elif anywhere and self._last.isascii() and self._last:
            found = self._where_last_is(sheet, anywhere)
        elif anywhere:
            found = (match.span() for match in anywhere.finditer(sheet.text))
        else:
            found = self._in_each(sheet)
        spans = np.array(list(found), np.int64).reshape(-1, 2)
        return spans[spans[:, 0] < spans[:, 1]]

    def _led(
        self, sheet: Sheet, begins: Ints, anywhere: re.Pattern[str] | None
    ) -> Iterator[tuple[int, int]]:
        """The matches that begin at some words, none in another."""
        done = 0
        sentences = sheet.sentence_of(begins).tolist()
        for begin, sentence in zip(begins.tolist(), sentences, strict=True):
            if begin < done:
                continue
            if anywhere:
                match, start = anywhere.match(sheet.text, begin), 0
            else:
                start = int(sheet.begin[sentence])
                match = self._pattern.match(sheet.sentence(sentence), begin - start)
            if match:
                done = match.end() + start
                yield begin, done

    def _where_last_is(self, sheet: Sheet, anywhere: re.Pattern[str]) -> Iterator[tuple[int, int]]:
        marks = np.flatnonzero(sheet.characters.bytes == ord(self._last))
        having = np.unique(sheet.sentence_of(marks))
        ends = sheet.end[having] + len(APART)
        for begin, end in zip(sheet.begin[having].tolist(), ends.tolist(), strict=True):
            for match in anywhere.finditer(sheet.text, begin, end):
                yield match.span()

    def _in_each(self, sheet: Sheet) -> Iterator[tuple[int, int]]:
        for sentence, start in enumerate(sheet.begin.tolist()):
            for match in self._pattern.finditer(sheet.sentence(sentence)):
                yield match.start() + start, match.end() + start


def _with_end(part: re.Match[str]) -> str:
    return _END if part[0] == "$" else part[0]


def _has_choice(source: str) -> bool:
    """Whether an expression is a choice as a whole: `a|b`, not `(a|b)`."""
    rest, before = _PART.sub("", source), ""
    while rest != before:
        rest, before = _GROUP.sub("", rest), rest
    return "|" in rest
