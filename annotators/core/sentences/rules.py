"""Sentences by rules: what the annotator SentenceDetector computes, as pure functions on strings.

Boundaries are those of Spark NLP 5.5.3's rule-based detector, the odd ones included. Offsets are
ours: half-open, in characters (code points), and always those of the sentence's own text. The rules
themselves are in `sentence_patterns`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from annotators.core.cleanup import BLANKS
from annotators.core.errors import ParamError
from annotators.core.java.cursor import JavaPatternError
from annotators.core.java.regex import compile_java
from annotators.core.sentences.lines import Span, line_blocks
from annotators.core.sentences.patterns import (
    BREAK,
    CLOSE,
    GAP,
    HELD,
    OPEN,
    hold_and_break,
)

Sentence = tuple[int, int, str]

_REPLACEMENTS = {"none": BREAK, "append": rf"\g<0>{BREAK}", "prepend": rf"{BREAK}\g<0>"}


@dataclass(frozen=True)
class SentenceRules:
    """The params of SentenceDetector that decide on sentences.

    use_abbreviations: stops of known abbreviations (`Dr. Li`, `etc. and`, `no. 5`) end no sentence.
    detect_lists: `(a)`, ` 1. ` and the like begin a sentence.
    custom_bounds: regular expressions in Java's syntax, applied one after the other.
    custom_bounds_strategy: what becomes of a match: left out of the sentences (`none`), the end of
        the sentence before (`append`) or the begin of the one after (`prepend`).
    use_custom_bounds_only: no other rule than custom_bounds, if there are any.
    min_length, max_length: sentences of other lengths are dropped. Lengths are in UTF-16 units, as
        in Spark NLP, so that the same sentences stay (an emoji counts two).
    split_length: a longer sentence is cut at blanks into pieces of at most this length, if it can.
    break_at_lines: our own rule: blank lines, headings and list items end sentences too.

    Raises ParamError for an unknown strategy or a bound that cannot be compiled.
    """

    use_abbreviations: bool = True
    detect_lists: bool = True
    custom_bounds: tuple[str, ...] = ()
    custom_bounds_strategy: str = "none"
    use_custom_bounds_only: bool = False
    min_length: int = 0
    max_length: int | None = None
    split_length: int | None = None
    break_at_lines: bool = False

    def __post_init__(self) -> None:
        if self.custom_bounds_strategy not in _REPLACEMENTS:
            raise ParamError(
                f"customBoundsStrategy is '{self.custom_bounds_strategy}', but must be one of: "
                f"{', '.join(_REPLACEMENTS)}."
            )
        try:
            for bound in self.custom_bounds:
                compile_java(bound)
        except JavaPatternError as problem:
            raise ParamError(f"SentenceDetector: param 'customBounds': {problem}") from None


DEFAULT = SentenceRules()


def split_sentences(text: str, rules: SentenceRules = DEFAULT) -> list[Sentence]:
    """(begin, end, result) of each sentence, in order and disjoint; result is text[begin:end].

    begin, end: half-open, in characters of `text`.
    """
    spans: Iterable[Span] = _sentence_spans(text, rules)
    if rules.split_length is not None:
        spans = _cut_at_blanks(text, spans, rules.split_length)
    sentences = [(begin, end, text[begin:end]) for begin, end in spans]
    if rules.min_length > 1 or rules.max_length is not None:
        limit = float("inf") if rules.max_length is None else rules.max_length
        sentences = [s for s in sentences if rules.min_length <= _utf16_length(s[2]) <= limit]
    return sentences


def _sentence_spans(text: str, rules: SentenceRules) -> Iterator[Span]:
    if not rules.break_at_lines:
        yield from _spans_by_marks(text, rules)
        return
    for first, last in line_blocks(text):
        for begin, end in _spans_by_marks(text[first:last], rules):
            yield first + begin, first + end


def _spans_by_marks(text: str, rules: SentenceRules) -> Iterator[Span]:
    if not text.isascii() and _OWN_MARKS.search(text):
        text = _OWN_MARKS.sub(_STRANGER, text)
    marked = text
    for bound in rules.custom_bounds:
        pattern = compile_java(bound).pattern
        marked = pattern.sub(_REPLACEMENTS[rules.custom_bounds_strategy], marked)
    if not (rules.custom_bounds and rules.use_custom_bounds_only):
        marked = hold_and_break(
            marked,
            lists=rules.detect_lists,
            abbreviations=rules.use_abbreviations,
            numbers_first=not rules.custom_bounds,
        )
    if BREAK in text or (rules.custom_bounds and rules.custom_bounds_strategy == "none"):
        return _find(text, _drop_kept_breaks(marked, GAP).replace(HELD, ".").split(BREAK))
    return _measure(_drop_kept_breaks(marked).split(BREAK))


# Private characters that are marks here, in a text of the user's. Spark NLP takes them for its
# marks, and loses the position of the sentence; a BREAK of the user's ends a sentence in both.
_OWN_MARKS = re.compile(f"[{HELD}{OPEN}{CLOSE}{GAP}]")
_STRANGER = "\uf058"


def _drop_kept_breaks(marked: str, stand_in: str = "") -> str:
    """`marked` without `OPEN` and `CLOSE`.

    A `BREAK` whose next neighbour of them is a `CLOSE` does not count and becomes `stand_in`.
    """
    *parts, rest = marked.split(CLOSE)
    dropped = []
    for part in parts:
        free, _, kept = part.rpartition(OPEN)
        dropped += [free, kept.replace(BREAK, stand_in)]
    return "".join([*dropped, rest]).replace(OPEN, "")


def _measure(pieces: list[str]) -> Iterator[Span]:
    """The spans of pieces that make up the whole text, without the blanks around each."""
    at = 0
    for piece in pieces:
        body = piece.lstrip(BLANKS)
        begin = at + len(piece) - len(body)
        end = begin + len(body.rstrip(BLANKS))
        if begin < end:
            yield begin, end
        at += len(piece)


def _find(text: str, pieces: list[str]) -> Iterator[Span]:
    """The spans of pieces of a text whose bounds were left out: the first place of each.

    So it is in Spark NLP; but there a piece with a bound left out inside is at -1, and here it
    spans from its first part to its last.
    """
    at = 0
    for piece in pieces:
        body = piece.replace(GAP, "").strip(BLANKS)
        if not body:
            continue
        begin = text.find(body, at)
        if begin >= 0:
            at = begin + len(body)
        else:
            begin, at = _find_parts(text, piece, at)
        yield begin, at


def _find_parts(text: str, piece: str, at: int) -> Span:
    begins = []
    for part in piece.split(GAP):
        if body := part.strip(BLANKS):
            begins.append(text.index(body, at))
            at = begins[-1] + len(body)
    return begins[0], at


def _cut_at_blanks(text: str, spans: Iterable[Span], limit: int) -> Iterator[Span]:
    """Spans of as many words as fit into `limit` UTF-16 units; a longer word is a span alone."""
    for first, last in spans:
        begin = end = at = first
        length = 0
        for word in text[first:last].split(" "):
            size = _utf16_length(word)
            if length + size > limit:
                if begin < end:
                    yield begin, end
                begin, length = at, 0
            length += size + 1
            end = at + len(word)
            at = end + 1
        if begin < end:
            yield begin, end


def _utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
