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

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from annotators.core.boundaries.candidates import CLOSING, find_candidates
from annotators.core.boundaries.classes import BLANK, Positions
from annotators.core.boundaries.features import Features, find_features
from annotators.core.boundaries.rules import BoundaryRules
from annotators.core.boundaries.texts import BEFORE, ReadTexts, read_texts

Scorer = Callable[[Features], NDArray[np.float32]]
Span = tuple[int, int]
SCORE_ROWS = 8192
"""Most candidates a call of the scorer gets, so that its memory does not grow with the text."""
READ_CHARS = 1 << 18
"""Texts are read together up to so many characters; a longer one is read alone."""
_WORD_START = re.compile(r"[\s(\[\uffff]")


def candidates(text: str) -> Positions:
    """int64[N], ascending: where a sentence of `text` may end (half-open; the end of text is none).

    Blank lines are among them, though they need no scorer.
    """
    return find_candidates(read_texts([text]))


def features(text: str, at: Positions) -> Features:
    """uint8[N, WIDTH]: what the scorer sees of the candidates `at`, as `candidates` gives them."""
    return find_features(read_texts([text]), at)


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
        read = read_texts(group)
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


def _cuts(read: ReadTexts, texts: Sequence[str], rules: BoundaryRules, score: Scorer) -> Positions:
    """int64[C], ascending: where sentences end in the texts as read."""
    custom = _custom_cuts(texts, read.text_begin, rules.custom_bounds)
    if rules.use_custom_bounds_only:
        return custom
    at = find_candidates(read)
    blank = read.gap(at)[0] == BLANK
    undecided = at[~blank]
    if rules.impossible_penultimates:
        undecided = undecided[_possible(read.text, undecided, rules.impossible_penultimates)]
    parts = [undecided[i : i + SCORE_ROWS] for i in range(0, len(undecided), SCORE_ROWS)]
    if not parts:
        return np.union1d(at[blank], custom)
    rows = find_features(read, undecided)
    scores = [score(rows[i : i + SCORE_ROWS]) for i in range(0, len(rows), SCORE_ROWS)]
    decided = undecided[np.concatenate(scores) >= rules.threshold]
    return np.union1d(np.union1d(at[blank], decided), custom)


def _spans(read: ReadTexts, cuts: Positions) -> list[list[Span]]:
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
        head = text[max(0, end - longest - 8) : end].rstrip(CLOSING)
        if head.endswith("."):
            keep[i] = _WORD_START.split(head[:-1])[-1] not in impossible
    return keep
