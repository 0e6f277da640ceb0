"""Sentence boundaries from a scorer: candidates, their features, and spans from the decisions.

The learned detector (`SentenceDetectorDLModel`) asks one question a candidate: does a sentence end
here? A candidate is a half-open character position `e`: the sentence would be `text[:e]`. There is
one after each run of stops (`.`, `!`, `?`, the ellipsis, their full-width forms) with the closing
quotes, brackets and citation marks behind it, and one before each line break. A colon or semicolon
inside a line is none, unlike in Spark NLP: in the convention of the training data (a heading, a
numbered line and a bullet item are sentences, full stops inside them end sentences, clauses do
not) they never end a sentence unless the line ends with them. A blank line always ends one.

Features are small integers, so that the scorer is a table look-up and a few products: the classes
of the characters around the candidate, runs of white space taken as one, and what the lines around
a line break look like, which is what tells a heading or a list item from hard-wrapped prose.

Offsets are half-open and counted in characters (code points). Everything is linear in the text.
"""

# ruff: noqa: RUF001 (look-alike characters are meant here)

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]
Features = NDArray[np.uint8]
Scorer = Callable[[Features], NDArray[np.float32]]
Span = tuple[int, int]

BEFORE, AFTER = 24, 20
"""Characters seen before and after a candidate."""
STRUCTURE = 18
"""Columns behind the characters, each a bucket of 0 to 15; `_structure` says what they hold."""
WIDTH = BEFORE + AFTER + STRUCTURE
CLASSES = 128
BUCKETS = 16

SCORE_ROWS = 8192
"""Most candidates a call of the scorer gets, so that its memory does not grow with the text."""
MOST_CLOSERS = 8
"""Most closing marks that go with a stop."""
READ_CHARS = 1 << 18
"""Texts are read together up to so many characters; a longer one is read alone."""

SPARK_NLP_IMPOSSIBLE_PENULTIMATES: tuple[str, ...] = (
    *("Bros", "No", "al", "vs", "etc", "Fig", "Dr", "Prof", "PhD", "MD", "Co", "Corp", "Inc"),
    *("bros", "VS", "Vs", "ETC", "fig", "dr", "prof", "PHD", "phd", "md", "co", "corp", "inc"),
    *("Jan", "Feb", "Mar", "Apr", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec", "St", "st"),
    *("AM", "PM", "am", "pm", "e.g", "f.e", "i.e"),
)
"""The list that Spark NLP documents for the SentenceDetectorDL trainer (its model sets none)."""

_PAD, _SPACE, _BREAK, _BLANK = 0, 1, 2, 3  # _BREAK: one line break; _BLANK: a blank line
_WIDE = 4  # a gap of two blanks or more, as typists put behind a sentence
_DIGIT, _OTHER_LOWER, _OTHER_UPPER = 98, 99, 100
_BULLET, _LETTER, _SYMBOL, _PUNCTUATION, _MARK, _UNKNOWN = 101, 102, 103, 104, 105, 106
_OPEN_QUOTE, _CLOSE_QUOTE, _ELLIPSIS, _DEGREE = 107, 108, 109, 110
_EDGE = 111  # between two texts; shown to the scorer as padding
_EDGES = "\uffff" * BEFORE
_BULLETS = "•◦▪▫‣·●○■□–—⁃∙➢➤►✓"
_SPECIAL = {
    **dict.fromkeys(_BULLETS, _BULLET),
    **dict.fromkeys("“„«", _OPEN_QUOTE),
    **dict.fromkeys("”»", _CLOSE_QUOTE),
    **dict.fromkeys("\f\v\u2029", _BLANK),
    **dict.fromkeys("\n\r\x85\u2028", _BREAK),
    "…": _ELLIPSIS,
    "°": _DEGREE,
}
_SAME_AS = {
    "’": "'",
    "‘": "'",
    "。": ".",
    "．": ".",
    "！": "!",
    "？": "?",
    "‐": "-",
    "‑": "-",
    "−": "-",
}
_CLOSING = ")]}\"'”’»"
_CITATION = re.compile(r"(?:[\[(]\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*[\])])+(?=[\s\uffff])")
_SUPERSCRIPT = re.compile(r"\d{1,3}(?:[,–-]\d{1,3})*(?=\s+[A-Z(]|\s*\uffff)")
_WORD_START = re.compile(r"[\s(\[\uffff]")


@dataclass(frozen=True)
class BoundaryRules:
    """The parameters of Spark NLP's SentenceDetectorDLModel, and the threshold.

    custom_bounds: regular expressions; a sentence ends after each match, which stays in it.
    use_custom_bounds_only: nothing but the custom bounds ends a sentence, not even a blank line.
    min_length, max_length: a sentence with fewer or more characters is left out; None, the default,
        leaves out none, as Spark NLP's JVM side does (99999 is but what its Python side shows).
    split_length: a longer sentence is cut at white space into pieces of at most so many characters;
        a single longer word stays whole. None: no cutting.
    impossible_penultimates: a full stop right after one of these words never ends a sentence. Words
        are compared whole; Spark NLP compares suffixes, so that its "al" also forbids "renal.".
    threshold: a candidate ends a sentence from this probability on.

    Raises ValueError for limits that contradict each other and for a bound that is no regular
    expression or that matches the empty string.
    """

    custom_bounds: tuple[str, ...] = ()
    use_custom_bounds_only: bool = False
    min_length: int = 0
    max_length: int | None = None
    split_length: int | None = None
    impossible_penultimates: tuple[str, ...] = ()
    threshold: float = 0.5

    def __post_init__(self) -> None:
        longest = self.max_length
        if self.min_length < 0 or (longest is not None and longest < self.min_length):
            raise ValueError(
                f"min_length is {self.min_length} and max_length {longest}: "
                "expected 0 <= min_length <= max_length"
            )
        if self.split_length is not None and self.split_length < 1:
            raise ValueError(f"split_length is {self.split_length}: expected 1 or more, or None")
        if not 0.0 <= self.threshold <= 1.0:
            raise ValueError(f"threshold is {self.threshold}: expected a probability, 0 to 1")
        for bound in self.custom_bounds:
            _check_bound(bound)


def _check_bound(bound: str) -> None:
    try:
        matches_nothing = re.compile(bound).match("") is not None
    except re.error as error:
        raise ValueError(
            f"custom bound {bound!r} is not a regular expression ({error}): "
            "escape it with re.escape if you mean the text itself"
        ) from error
    if matches_nothing:
        raise ValueError(f"custom bound {bound!r} matches the empty string: expected some text")


def candidates(text: str) -> Positions:
    """int64[N], ascending: where a sentence of `text` may end (half-open; the end of text is none).

    Blank lines are among them, though they need no scorer.
    """
    return _candidates(_read([text]))


def features(text: str, at: Positions) -> Features:
    """uint8[N, WIDTH]: what the scorer sees of the candidates `at`, as `candidates` gives them."""
    return _features(_read([text]), at)


def sentences(text: str, rules: BoundaryRules, score: Scorer) -> list[Span]:
    """Give the half-open spans of the sentences of `text`, trimmed of white space, in order.

    score: uint8[N, WIDTH] features in, float32[N] probabilities that a sentence ends there out.
    A text of white space only has no sentence.
    """
    return sentences_of_many([text], rules, score)[0]


def sentences_of_many(
    texts: Sequence[str], rules: BoundaryRules, score: Scorer
) -> list[list[Span]]:
    """`sentences` of each text, with few calls of numpy and of `score` for many short texts.

    What is found in a text does not depend on the other texts.
    """
    found: list[list[Span]] = []
    for group in _groups(texts):
        read = _read(group)
        spans = _spans(read, _cuts(read, group, rules, score))
        found.extend(_limit(text, its, rules) for text, its in zip(group, spans, strict=True))
    return found


def _groups(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut `texts` into groups of READ_CHARS characters or a little more."""
    first = size = 0
    for i, text in enumerate(texts):
        size += len(text) + BEFORE
        if size >= READ_CHARS:
            yield texts[first : i + 1]
            first, size = i + 1, 0
    if first < len(texts):
        yield texts[first:]


def _cuts(read: _Read, texts: Sequence[str], rules: BoundaryRules, score: Scorer) -> Positions:
    """int64[C], ascending: where sentences end in the texts as read."""
    custom = _custom_cuts(texts, read.text_begin, rules.custom_bounds)
    if rules.use_custom_bounds_only:
        return custom
    at = _candidates(read)
    blank = read.gap(at)[0] == _BLANK
    undecided = at[~blank]
    if rules.impossible_penultimates:
        undecided = undecided[_possible(read.text, undecided, rules.impossible_penultimates)]
    parts = [undecided[i : i + SCORE_ROWS] for i in range(0, len(undecided), SCORE_ROWS)]
    if not parts:
        return np.union1d(at, custom)
    rows = _features(read, undecided)
    scores = [score(rows[i : i + SCORE_ROWS]) for i in range(0, len(rows), SCORE_ROWS)]
    decided = undecided[np.concatenate(scores) >= rules.threshold]
    return np.union1d(np.union1d(at[blank], decided), custom)


def _spans(read: _Read, cuts: Positions) -> list[list[Span]]:
    """Take the trimmed spans between the cuts, by text and in its own offsets."""
    edges = np.union1d(np.concatenate((read.text_begin, read.text_end)), cuts)
    edge_words = np.searchsorted(read.words, edges)
    full = np.flatnonzero(np.diff(edge_words))
    begin = read.words[edge_words[full]]
    end = read.words[edge_words[full + 1] - 1] + 1
    bounds = np.searchsorted(begin, np.append(read.text_begin, len(read.text))).tolist()
    offset = np.repeat(read.text_begin, np.diff(bounds))
    every = list(zip((begin - offset).tolist(), (end - offset).tolist(), strict=True))
    return [every[first:last] for first, last in pairwise(bounds)]


def _limit(text: str, spans: list[Span], rules: BoundaryRules) -> list[Span]:
    limit = rules.split_length
    if limit is not None:
        spans = [piece for span in spans for piece in _pieces(text, span, limit)]
    longest = len(text) if rules.max_length is None else rules.max_length
    return [span for span in spans if rules.min_length <= span[1] - span[0] <= longest]


def _pieces(text: str, span: Span, limit: int) -> Iterator[Span]:
    begin, end = span
    if end - begin <= limit:
        yield span
        return
    last = begin
    for word in re.compile(r"\S+").finditer(text, begin, end):
        if word.end() - begin > limit and last > begin:
            yield begin, last
            begin = word.start()
        last = word.end()
    yield begin, last


def _custom_cuts(texts: Sequence[str], begin: Positions, bounds: tuple[str, ...]) -> Positions:
    patterns = [re.compile(bound) for bound in bounds]
    ends = {
        first + match.end()
        for text, first in zip(texts, begin.tolist(), strict=True)
        for pattern in patterns
        for match in pattern.finditer(text)
    }
    return np.array(sorted(ends), np.int64)


def _possible(text: str, at: Positions, penultimates: tuple[str, ...]) -> NDArray[np.bool_]:
    """bool[N]: False where the candidate is the full stop of an impossible penultimate."""
    impossible = frozenset(penultimates)
    longest = max(map(len, impossible))
    keep = np.ones(len(at), np.bool_)
    for i, end in enumerate(at.tolist()):
        head = text[max(0, end - longest - 8) : end].rstrip(_CLOSING)
        if head.endswith("."):
            keep[i] = _WORD_START.split(head[:-1])[-1] not in impossible
    return keep


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint8]:
    """uint8[65536]: the class of each character; the last entry serves all characters above."""
    return np.array([_class_of(chr(code)) for code in range(0x10000)], np.uint8)


def _class_of(char: str) -> int:
    char = _SAME_AS.get(char, char)
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char.isspace():
        return _SPACE
    category = unicodedata.category(char)
    if category == "Nd":
        return _DIGIT
    base = unicodedata.normalize("NFD", char)[0]
    if "!" <= base <= "~":
        return ord(base) - ord("!") + 4
    if category[0] == "L":
        return {"Ll": _OTHER_LOWER, "Lu": _OTHER_UPPER, "Lt": _OTHER_UPPER}.get(category, _LETTER)
    return {"P": _PUNCTUATION, "S": _SYMBOL, "M": _MARK, "N": _SYMBOL}.get(category[0], _UNKNOWN)


@lru_cache(maxsize=16)
def _among(chars: str) -> NDArray[np.bool_]:
    """bool[256]: which classes the characters have."""
    member = np.zeros(256, np.bool_)
    member[[_class_of(char) for char in chars]] = True
    return member


_LOWER = "".join(map(chr, range(ord("a"), ord("z") + 1)))


@dataclass(frozen=True)
class _Read:
    """Several texts as one, BEFORE edge characters behind each, so that no window sees two of them.

    text: the joined text; text_begin, text_end: int64[T] where each text lies in it.
    classes: uint8[characters]; words: positions of all that is neither white space nor edge.
    run_begin, run_end, run_kind: the runs of white space, half-open, and the gap that they make.
    breaks: positions of line breaks, CRLF counted once, at its line feed.
    """

    text: str
    text_begin: Positions
    text_end: Positions
    classes: NDArray[np.uint8]
    words: Positions
    run_begin: Positions
    run_end: Positions
    run_kind: NDArray[np.uint8]
    breaks: Positions

    def gap(self, at: Positions) -> tuple[NDArray[np.uint8], Positions]:
        """Tell the gap (or text, 0) that follows each position, and its length."""
        kind, length = np.zeros(len(at), np.uint8), np.zeros(len(at), np.int64)
        if len(self.run_begin):
            run = np.minimum(np.searchsorted(self.run_begin, at), len(self.run_begin) - 1)
            starts = self.run_begin[run] == at
            run = run[starts]
            kind[starts] = self.run_kind[run]
            length[starts] = self.run_end[run] - self.run_begin[run]
        return kind, length


def _read(texts: Sequence[str]) -> _Read:
    lengths = np.array([len(text) for text in texts], np.int64)
    end = np.cumsum(lengths + BEFORE) - BEFORE
    begin = end - lengths
    joined = "".join(part for text in texts for part in (text, _EDGES))
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
    classes = _table()[np.minimum(codes, 0xFFFF)]
    returns = np.flatnonzero(codes == 13)
    classes[returns[codes[returns + 1] == 10]] = _SPACE
    classes[(end[:, None] + np.arange(BEFORE)).ravel()] = _EDGE
    white = classes <= _BLANK
    turns = np.flatnonzero(white[1:] != white[:-1]) + 1  # the last character is an edge
    if len(classes) and white[0]:
        turns = np.concatenate(([0], turns))
    run_begin, run_end = turns[::2], turns[1::2]
    breaks = np.flatnonzero((classes == _BREAK) | (classes == _BLANK))
    pages = np.flatnonzero(classes == _BLANK)
    lines = _count(breaks, run_begin, run_end) + 2 * _count(pages, run_begin, run_end)
    kind = np.minimum(lines + 1, _BLANK).astype(np.uint8)
    words = np.flatnonzero(~white & (classes < _EDGE))
    return _Read(joined, begin, end, classes, words, run_begin, run_end, kind, breaks)


def _candidates(read: _Read) -> Positions:
    classes, words = read.classes, read.words
    stop = _among(".!?…")[classes]
    runs = np.flatnonzero(stop[:-1] & ~stop[1:])
    after = classes[runs + 1]
    before = classes[np.maximum(runs - 1, 0)]
    decimal = (after == _DIGIT) & ((before == _DIGIT) | (before <= _BLANK))  # 0.5 and .25
    inside = decimal | _among(",;:/-%")[after]  # et al., 5 mg./kg, 60-yr.-old
    runs, after = runs[~inside], after[~inside]
    ends = _with_citation(read.text, _with_closers(classes, runs + 1, after), after)
    at = np.union1d(ends, read.run_begin[read.run_kind >= _BREAK])
    # A candidate lies between two words of one text: the ends of a text are no question.
    word = np.searchsorted(words, at)
    inner = np.flatnonzero((word > 0) & (word < len(words)))
    at, word = at[inner], word[inner]
    text_before = np.searchsorted(read.text_begin, words[word - 1], side="right")
    text_after = np.searchsorted(read.text_begin, words[word], side="right")
    one_text: Positions = at[text_before == text_after]
    return one_text


def _with_closers(
    classes: NDArray[np.uint8], ends: Positions, after: NDArray[np.uint8]
) -> Positions:
    """Move each end behind the closing quotes and brackets that follow the stop."""
    closing = _among(_CLOSING)
    moving = np.flatnonzero(closing[after])
    for _ in range(MOST_CLOSERS):
        if not len(moving):
            break
        ends[moving] += 1
        moving = moving[closing[classes[ends[moving]]]]
    return ends


def _with_citation(text: str, ends: Positions, after: NDArray[np.uint8]) -> Positions:
    """Move an end behind a citation mark that has no space before it: `disease.[3]`, `.12`."""
    for i in np.flatnonzero(_among("[(0")[after]).tolist():
        at = int(ends[i])
        pattern = _SUPERSCRIPT if text[at : at + 1].isdigit() else _CITATION
        mark = pattern.match(text, at)
        if mark is not None:
            ends[i] = mark.end()
    return ends


def _features(read: _Read, at: Positions) -> Features:
    found = np.zeros((len(at), WIDTH), np.uint8)
    if len(at):
        found[:, : BEFORE + AFTER] = _context(read, at)
        found[:, BEFORE + AFTER :] = np.minimum(_structure(read, at), BUCKETS - 1)
    return found


def _context(read: _Read, at: Positions) -> Features:
    """uint8[N, BEFORE + AFTER]: classes around each candidate, a run of white space being one."""
    shown = np.where(read.classes == _EDGE, _PAD, read.classes)
    shown[read.run_begin] = read.run_kind
    keep = read.classes > _BLANK
    keep[read.run_begin] = True
    kept = np.flatnonzero(keep)
    stream = np.zeros(BEFORE + len(kept), np.uint8)
    stream[BEFORE:] = shown[kept]
    windows = np.lib.stride_tricks.sliding_window_view(stream, BEFORE + AFTER)
    return windows[np.searchsorted(kept, at)]


def _structure(read: _Read, at: Positions) -> NDArray[np.int64]:
    """int64[N, STRUCTURE]: open brackets and quotes, and at line breaks the lines on both sides."""
    out = np.zeros((len(at), STRUCTURE), np.int64)
    kind, length = read.gap(at)
    out[:, 0] = np.where((kind == _SPACE) & (length > 1), _WIDE, kind)
    starts = np.union1d(read.text_begin, read.run_end[read.run_kind == _BLANK])
    paragraph = starts[np.searchsorted(starts, at, side="right") - 1]
    out[:, 1] = np.clip(_open(read.classes, "([{", ")]}", paragraph, at), 0, 3)
    straight = np.flatnonzero(_among('"')[read.classes])
    quotes = np.searchsorted(straight, at) - np.searchsorted(straight, paragraph)
    curly = np.clip(_open(read.classes, "“", "”", paragraph, at), 0, 1)
    out[:, 2] = quotes % 2 + 2 * curly
    breaking = np.flatnonzero(out[:, 0] == _BREAK)
    if len(breaking):
        out[breaking, 3:] = _line_structure(read, at[breaking])
    return out


def _open(
    classes: NDArray[np.uint8], opening: str, closing: str, begin: Positions, end: Positions
) -> Positions:
    """int64[N]: how many more `opening` than `closing` there are in each range."""
    opens = np.flatnonzero(_among(opening)[classes])
    closes = np.flatnonzero(_among(closing)[classes])
    balance = np.searchsorted(opens, end) - np.searchsorted(closes, end)
    return balance - np.searchsorted(opens, begin) + np.searchsorted(closes, begin)


def _line_structure(read: _Read, at: Positions) -> NDArray[np.int64]:
    """int64[N, STRUCTURE - 3] for candidates at single line breaks."""
    lines = _lines(read)
    before = np.searchsorted(lines.end, at)  # the line that ends at the candidate
    after = before + 1
    width = lines.indent + lines.length
    needed = width[before] + 1 + lines.first_word[after]
    # The column that the text seems to be wrapped at, in the whole text and in the paragraph:
    # a wrapped line is one on which the next line's first word had no room.
    text = lines.text[before]
    column = np.maximum.reduceat(width, np.searchsorted(lines.text, np.arange(len(read.text_end))))[
        text
    ]
    block_column = np.maximum.reduceat(width, lines.block_begin)[lines.block[before]]
    breaks = np.bincount(text)
    forced = np.bincount(text, weights=needed > column) / np.maximum(breaks, 1)
    first = np.diff(lines.block, prepend=-1) > 0
    last = np.append(first[1:], True)
    return np.stack(
        [
            lines.length[before] // 8,
            lines.length[after] // 8,
            lines.first_word[after],
            np.maximum((column - needed) // 3 + 5, 0),
            column // 10,
            np.maximum((block_column - needed) // 3 + 5, 0),
            np.rint(15 * forced)[text].astype(np.int64),
            np.log2(breaks[text]).astype(np.int64) + 1,
            lines.case[before],
            lines.capitals[before],
            lines.opening[before],
            lines.opening[after],
            np.clip(lines.indent[after] - lines.indent[before] + 4, 0, 8),
            first[before] + 2 * last[after].astype(np.int64),
            lines.case[after] * 4 + np.minimum(lines.colon[before], 3),
        ],
        axis=1,
    )


@dataclass(frozen=True)
class _Lines:
    """The lines of a text that hold more than white space; int64[L] each, lengths in characters.

    opening: 1 bullet, 2 number, 3 lettered item, 4 a key and a colon, 0 anything else.
    case: 0 no letters, 1 with lower case, 2 all upper case, 3 starts with lower case.
    capitals: eighths of the words that start with a capital.
    colon: 1 inside the first 40 characters, 2 as the last character.
    text: index of the text.
    block: index of the paragraph (lines without a blank one between), block_begin: its first line.
    """

    end: Positions
    length: Positions
    indent: Positions
    first_word: Positions
    opening: Positions
    case: Positions
    capitals: Positions
    colon: Positions
    text: Positions
    block: Positions
    block_begin: Positions


def _lines(read: _Read) -> _Lines:
    breaking = read.run_kind >= _BREAK
    begin = np.sort(np.concatenate((read.text_begin, read.run_end[breaking])))
    end = np.sort(np.concatenate((read.run_begin[breaking], read.text_end)))
    text = np.searchsorted(read.text_begin, begin, side="right") - 1
    opens_text = np.diff(text, prepend=-1) > 0
    previous_break = np.concatenate(([0], read.breaks))[np.searchsorted(read.breaks, begin)]
    indent = np.where(opens_text, 0, begin - previous_break - 1)
    new_block = opens_text.copy()
    new_block[~opens_text] = read.run_kind[breaking] == _BLANK
    block = np.cumsum(new_block) - 1
    gaps = np.sort(np.concatenate((read.run_begin, read.text_end)))
    first_word = gaps[np.searchsorted(gaps, begin)] - begin
    colons = np.append(np.flatnonzero(_among(":")[read.classes]), len(read.classes))
    first_colon = colons[np.searchsorted(colons, begin)]
    ends_in_colon = _among(":")[read.classes[np.maximum(end - 1, 0)]] & (end > begin)
    key = first_colon < np.minimum(end - 1, begin + 40)
    opening = _opening(read.classes, begin)
    case, capitals = _case(read, begin, end)
    return _Lines(
        end=end,
        length=end - begin,
        indent=indent,
        first_word=first_word,
        opening=np.where((opening == 0) & key, 4, opening),
        case=case,
        capitals=capitals,
        colon=np.where(ends_in_colon, 2, key.astype(np.int64)),
        text=text,
        block=block,
        block_begin=np.flatnonzero(new_block),
    )


def _opening(classes: NDArray[np.uint8], begin: Positions) -> Positions:
    """int64[L]: the kind of list item that each line opens (see `_Lines.opening`)."""
    first, second, third = (classes[begin + i] for i in range(3))
    spaced = second <= _BLANK
    bullet = (_among("•")[first] & (first > 0)) | (_among("-*+>~")[first] & spaced)
    stop = _among(".)")
    closed = (first == _DIGIT) & (
        (stop[second] & (third != _DIGIT)) | ((second == _DIGIT) & stop[third])
    )
    bracketed = _among("(")[first] & _among(")")[third]
    letter = _letters()[first] & stop[second] & (third <= _BLANK)
    kinds = [bullet, closed | bracketed, letter]
    return np.select(kinds, [1, 2, 3], 0).astype(np.int64)


def _case(read: _Read, begin: Positions, end: Positions) -> tuple[Positions, Positions]:
    """int64[L] twice: `_Lines.case` and `_Lines.capitals`."""
    lower, upper = _lower()[read.classes], _upper()[read.classes]
    lowers, uppers = np.flatnonzero(lower), np.flatnonzero(upper)
    before = read.classes[:-1]
    starts = np.append(True, (before <= _BLANK) | (before == _EDGE))
    small, capital = np.flatnonzero(starts & lower), np.flatnonzero(starts & upper)
    has_lower = _count(lowers, begin, end) > 0
    has_upper = _count(uppers, begin, end) > 0
    first = lower[begin]
    case = np.select([first, has_lower, has_upper], [3, 1, 2], 0).astype(np.int64)
    capitals = _count(capital, begin, end)
    words = capitals + _count(small, begin, end)
    return case, capitals * 8 // np.maximum(words, 1)


def _count(marks: Positions, begin: Positions, end: Positions) -> Positions:
    """int64[L]: how many of the ascending `marks` lie in each half-open range."""
    return np.searchsorted(marks, end) - np.searchsorted(marks, begin)


@lru_cache(maxsize=1)
def _lower() -> NDArray[np.bool_]:
    return _among(_LOWER + "ß")


@lru_cache(maxsize=1)
def _upper() -> NDArray[np.bool_]:
    return _among(_LOWER.upper() + "Ω")


@lru_cache(maxsize=1)
def _letters() -> NDArray[np.bool_]:
    return _lower() | _upper()
