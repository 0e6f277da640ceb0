"""Labels of a sentence's tokens to chunks (entities), as Spark NLP 5.5.3's NerConverter makes them.

A chunk begins at the first label that is not O and runs to the next B- or O, whatever the types of
the labels inside; its first label gives its type. That is Spark NLP's rule, and the default. Read
better than there:
- A label is a type behind a prefix, one letter and `-` or `_`; without a prefix all its letters
  are the type (Spark NLP cuts two characters off every label: `Disease` becomes `sease`).
- The case of `O` and of prefixes does not matter, nor whether a prefix ends in `-` or `_` (Spark
  NLP knows `O` and `B-` only: an `o` goes on with the chunk before it).
- Where the scheme is IOBES, `S-` and `E-` end a chunk (`U-` and `L-` of BILOU as well); anywhere
  else they are inside labels, as in Spark NLP.
- has_no_schema keeps Spark NLP's rule to the letter: the whole label is the type, only `B-` and `O`
  end a chunk.
With type_change_ends_chunk a label of another type begins a chunk, as conlleval has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from ctypes import c_float
from dataclasses import dataclass
from functools import lru_cache
from math import isnan

from annotators.core.annotations import UNREADABLE

SCHEMES = ("IOB1", "IOB2", "IOBES", "IO")
# The prefixes that may be cut off. Where the scheme is unknown any letter may, as in Spark NLP.
_PREFIXES = {"IOB1": "BI", "IOB2": "BI", "IOBES": "BIESLUM", "IO": "I"}
_PREFIXED = re.compile(r"([A-Za-z])[-_](.*)", re.DOTALL)


@dataclass(frozen=True)
class ChunkRules:
    """The params of NerConverter.

    white_list: types to keep, by their name in the labels; empty keeps all. preserve_position: a
    chunk's result is the document's text between its ends; else its words joined by one blank.
    replace_labels: (type, new name) pairs, applied to what the white list kept. scheme: the scheme
    of the model's labels (see `label_scheme`), None where it is not known.
    """

    white_list: tuple[str, ...] = ()
    preserve_position: bool = True
    has_no_schema: bool = False
    replace_labels: tuple[tuple[str, str], ...] = ()
    type_change_ends_chunk: bool = False
    scheme: str | None = None


@dataclass(frozen=True)
class Chunk:
    """One entity.

    begin, end: half-open, characters of the document. first_token, last_token: both inclusive,
    counted within the sentence. confidence: mean over the tokens that have one; None where none has
    one, or where one is not a number.
    """

    begin: int
    end: int
    result: str
    entity: str
    first_token: int
    last_token: int
    confidence: float | None


@dataclass(frozen=True)
class _Label:
    """A label as read: what it is the type of, and what it does to a chunk."""

    entity: str | None = None
    begins: bool = False
    ends: bool = False


_OUTSIDE = _Label(ends=True)
# Spark NLP takes an empty label neither for a chunk's beginning nor for its end.
_NOTHING = _Label()


def parted(label: str) -> tuple[str, str] | None:
    """A label's prefix, in capitals, and its type; None where it has no prefix."""
    match = _PREFIXED.fullmatch(label)
    return (match[1].upper(), match[2]) if match else None


def label_scheme(labels: Iterable[str]) -> str | None:
    """The scheme that a model's label set is written in: IOB2, IOB1, IOBES, IO; None for no prefix.

    IOBES: every label but O has a prefix, and one is E-, S-, L- or U-. IOB1: some type has I- but
    no B- while another has B- (so it begins with I-); where each type has both, IOB1 cannot be told
    from IOB2. IO: no label has B-. IOB2: all others.
    """
    found = {parted(label) for label in labels if label.upper() != "O"}
    pairs = {pair for pair in found if pair}
    prefixes = {prefix for prefix, _ in pairs}
    if not pairs:
        return None
    if None not in found and prefixes <= set("BIESLUM") and prefixes & set("ESLU"):
        return "IOBES"
    begun = {entity for prefix, entity in pairs if prefix == "B"}
    if not begun:
        return "IO"
    inside = {entity for prefix, entity in pairs if prefix == "I"}
    return "IOB1" if inside - begun else "IOB2"


def chunks_of_sentence(
    labels: Sequence[str],
    begins: Sequence[int],
    ends: Sequence[int],
    confidences: Sequence[float],
    sentence_begin: int,
    sentence_text: str,
    rules: ChunkRules = ChunkRules(),
    words: Sequence[str] | None = None,
) -> list[Chunk]:
    """The chunks of one sentence, in order.

    labels, begins, ends, confidences: one per token, in order; half-open spans in characters of the
    document; NaN where a token has no confidence, UNREADABLE where it has one that is not a number.
    A token without a label must be given as `O`.
    words: the tokens' own results, where they may differ from the text (preserve_position=False).
    Never raises: a span beyond the sentence's text gives the part that is inside.
    """
    spans = _token_ranges(labels, rules)
    if not spans:
        return []
    new_names = dict(rules.replace_labels)

    def text_of(begin: int, end: int) -> str:
        return sentence_text[max(begin - sentence_begin, 0) : max(end - sentence_begin, 0)]

    def result_of(first: int, last: int) -> str:
        if rules.preserve_position:
            return text_of(begins[first], ends[last])
        tokens = range(first, last + 1)
        shown = (words[i] if words else text_of(begins[i], ends[i]) for i in tokens)
        return " ".join(filter(None, shown))

    return [
        Chunk(
            begin=begins[first],
            end=ends[last],
            result=result_of(first, last),
            entity=new_names.get(entity, entity),
            first_token=first,
            last_token=last,
            confidence=_mean(confidences[first : last + 1]),
        )
        for first, last, entity in spans
        if not rules.white_list or entity in rules.white_list
    ]


def _token_ranges(labels: Sequence[str], rules: ChunkRules) -> list[tuple[int, int, str]]:
    """(first token, last token, type) of each chunk."""
    read = _reader(rules.has_no_schema, rules.scheme)
    ranges: list[tuple[int, int, str]] = []
    entity: str | None = None
    first = 0
    current: str | None = None
    for i, name in enumerate(labels):
        if entity is None and name == "O":
            continue
        label = read(name)
        changed = rules.type_change_ends_chunk and label.entity not in (None, current)
        over = label.begins or changed or (label.ends and label.entity is None)
        if entity is not None and over:
            ranges.append((first, i - 1, entity))
            entity = None
        if entity is None and label.entity is not None:
            entity, first = label.entity, i
        current = label.entity if label.entity is not None else current
        if entity is not None and label.ends:
            ranges.append((first, i, entity))
            entity = None
    if entity is not None:
        ranges.append((first, len(labels) - 1, entity))
    return ranges


def _reader(has_no_schema: bool, scheme: str | None) -> Callable[[str], _Label]:
    return _read_whole if has_no_schema else lambda label: _read(label, scheme)


@lru_cache(maxsize=4096)
def _read_whole(label: str) -> _Label:
    """A label whose every letter is the type."""
    return _OUTSIDE if label == "O" else _Label(label, begins=label.startswith("B-"))


@lru_cache(maxsize=4096)
def _read(label: str, scheme: str | None) -> _Label:
    """A label that may have a prefix."""
    if label in ("O", "o"):
        return _OUTSIDE
    if not label:
        return _NOTHING
    prefix, entity = parted(label) or ("", label)
    if not prefix or (scheme in _PREFIXES and prefix not in _PREFIXES[scheme]):
        return _Label(label)
    if scheme != "IOBES":
        return _Label(entity, begins=prefix == "B")
    return _Label(entity, begins=prefix in "BSU", ends=prefix in "ESLU")


def _mean(confidences: Sequence[float]) -> float | None:
    """The mean of those that are there, in float32 from left to right as the JVM sums them.

    None where there are none, or one that is not a number: then the JVM gives up the mean.
    """
    known = [value for value in confidences if not isnan(value)]
    if not known or UNREADABLE in known:
        return None
    total = 0.0
    for value in known:
        # A sum of two float32 values is the same whether it is made in float32 or rounded to it.
        total = c_float(total + c_float(value).value).value
    return c_float(total / c_float(len(known)).value).value
