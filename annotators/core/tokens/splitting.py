r"""Tokens as Spark NLP 5.5.3's Tokenizer makes them.

A text is cut into words at every character outside the target class, each word into tokens by its
rules (`token_rules`), and the length limits drop some of them. Offsets are half-open and count
characters (code points). Params hold Java regular expressions, which `java_regex` reads.

Where Spark NLP gives no result or a wrong span, this differs on purpose: spans are always those of
the token's own characters, and an exception may match `$` or `\`; `token_rules` names the rest.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from annotators.core.annotations import row_offsets
from annotators.core.errors import ParamError
from annotators.core.java.character_sets import (
    Ranges,
    as_class,
    characters,
    complement,
    contains,
    intersection,
    union,
)
from annotators.core.java.characters import LINE_ENDS
from annotators.core.java.classes import read_class
from annotators.core.java.cursor import JavaPatternError
from annotators.core.java.regex import find_spans
from annotators.core.spans import Span, Spans, flat_spans
from annotators.core.tokens.rules import CONTEXT_CHARS, TokenRules, compile_param, word_cutter

__all__ = ["CONTEXT_CHARS", "TokenRules", "compile_rules", "tokenize"]

# Spark NLP's own marks: `ↇ` in a text cuts words, `ↈ` makes its word an exception.
_CUT, _PROTECT = "\u2187", "\u2188"
_CACHED_WORDS, _CACHED_LENGTH = 1 << 16, 64


def tokenize(text: str, rules: TokenRules = TokenRules()) -> list[Span]:
    """The (begin, end, text) of each token of `text`, half-open in characters, in order."""
    return compile_rules(rules)([text]).tuples()


@lru_cache(maxsize=64)
def compile_rules(rules: TokenRules) -> Callable[[Sequence[str]], Spans]:
    """A function that tokenizes texts by `rules`; patterns compile once.

    Raises ParamError where a pattern is not a Java regular expression or lacks a form it must have.
    """
    breaks = _break_class(rules.target_pattern)
    find = _by_words(rules, breaks) if _needs_words(rules) else _by_default_rule(rules, breaks)
    longest, shortest = rules.max_length, rules.min_length
    if shortest <= 1 and longest is None:
        return find
    most = sys.maxsize if longest is None else longest

    def limited(texts: Sequence[str]) -> Spans:
        tokens = find(texts)
        sizes = map(_utf16_length, tokens.result)
        return tokens.where(np.array([shortest <= size <= most for size in sizes], bool))

    return limited


def _needs_words(rules: TokenRules) -> bool:
    """Whether anything but the default rule is asked for, so that words must be found first."""
    own = (rules.prefix_pattern, rules.suffix_pattern, rules.infix_patterns)
    splits = (rules.split_pattern, rules.split_chars)
    unusual_context = not rules.context or any(contains(LINE_ENDS, c) for c in rules.context)
    return any(p is not None for p in own + splits) or bool(rules.exceptions) or unusual_context


def _by_default_rule(rules: TokenRules, breaks: Ranges) -> Callable[[Sequence[str]], Spans]:
    """Tokenize with one pattern.

    Context characters at either end of a word are a token, and a word of nothing else is one.
    All texts are cut at once, as one text with a cut after each: that takes a third of the time.
    """
    target, context = _word_class(breaks), characters(rules.context)
    inner = as_class(intersection(target, complement(context)))
    outer = as_class(intersection(target, context))
    split = re.compile(f"({inner}(?:{as_class(target)}*{inner})?|{outer}+)").split
    cut = _CUT if contains(target, "\n") else "\n"

    def find(texts: Sequence[str]) -> Spans:
        parts = split(cut.join(texts))  # what is between tokens, a token, what is between, ...
        ends = np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)))
        begin, end = ends[:-1:2], ends[1::2]
        starts = row_offsets([len(text) + len(cut) for text in texts])
        counts = np.diff(np.searchsorted(begin, starts))
        shift = np.repeat(starts[:-1], counts)
        return Spans(
            counts, (begin - shift).astype(np.int32), (end - shift).astype(np.int32), parts[1::2]
        )

    return find


def _by_words(rules: TokenRules, breaks: Ranges) -> Callable[[Sequence[str]], Spans]:
    """Words first, then the pieces of each; equal words have equal pieces."""
    pieces = word_cutter(rules)
    known_pieces = lru_cache(maxsize=_CACHED_WORDS)(pieces)
    words = re.compile(as_class(_word_class(breaks)) + "+").finditer
    protect = _protection(rules, breaks)

    def find(text: str) -> list[Span]:
        protected, kept = protect(text) if protect else (text, frozenset())
        tokens: list[Span] = []
        for found in words(protected):
            begin, end = found.span()
            word = found[0]
            if protect and (_PROTECT in word or word in kept):
                tokens.append((begin, end, text[begin:end]))
            else:
                found_pieces = known_pieces(word) if len(word) <= _CACHED_LENGTH else pieces(word)
                tokens += [(begin + b, begin + e, word[b:e]) for b, e in found_pieces]
        return tokens

    return lambda texts: flat_spans(map(find, texts))


def _break_class(pattern: str) -> Ranges:
    """The characters at which a text is cut into words.

    Spark NLP makes the target pattern a part of the class `[^(?:PATTERN)ↈ]`; so `(`, `?`, `:`, `)`
    and whatever else the pattern is written with make words too.
    """
    try:
        return read_class(f"[^(?:{pattern}){_PROTECT}]")
    except JavaPatternError as problem:
        raise ParamError(f"Tokenizer: param 'targetPattern': {problem}") from None


def _word_class(breaks: Ranges) -> Ranges:
    return complement(union([*breaks, *characters(_CUT)]))


def _protection(
    rules: TokenRules, breaks: Ranges
) -> Callable[[str], tuple[str, frozenset[str]]] | None:
    """What marks the exceptions in a text; None where there are none.

    It gives the text with the cuts inside exceptions replaced one for one, and the exceptions
    without such a cut, which protect words equal to them.
    """
    if not rules.exceptions:
        return None
    flag = "" if rules.case_sensitive_exceptions else "(?i)"
    pattern = compile_param(
        "|".join(flag + each for each in rules.exceptions), "exceptions"
    ).pattern
    cuts = re.compile(as_class(breaks))

    def protect(text: str) -> tuple[str, frozenset[str]]:
        parts: list[str] = []
        whole: set[str] = set()
        done = 0
        for begin, end in find_spans(pattern, text):
            marked = cuts.sub(_PROTECT, text[begin:end])
            if marked == text[begin:end]:
                whole.add(marked)
            parts += [text[done:begin], marked]
            done = end
        return "".join([*parts, text[done:]]), frozenset(whole)

    return protect


def _utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text) + sum(char > "\uffff" for char in text)
