r"""The params of the Tokenizer, and how they cut one word into tokens.

A word goes through the rules (prefix + infix + suffix: every group of the first rule that matches
is a token; a word that no rule matches is one token); splitPattern or splitChars cut those tokens
again. The behaviour is that of Spark NLP 5.5.3, but spans are always those of the token's own
characters, a group that takes no part does not raise, and there may be no context characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from annotators.core.errors import ParamError
from annotators.core.java.character_sets import contains
from annotators.core.java.characters import LINE_ENDS
from annotators.core.java.cursor import JavaPatternError
from annotators.core.java.regex import JavaPattern, compile_java, split_spans

Piece = tuple[int, int]
"""A part of a word: begin and end in characters of the word, half-open."""

CONTEXT_CHARS = (".", ",", ";", ":", "!", "?", "*", "-", "(", ")", '"', "'")


@dataclass(frozen=True)
class TokenRules:
    r"""The params of Spark NLP's Tokenizer; None and the empty exceptions mean "not set".

    target_pattern: Java writes it into a character class, and so it is read here: the characters
    that make words (`\S+`: all but ASCII white space, and a literal `+`).
    prefix_pattern begins with `\A`, suffix_pattern ends with `\z`; by default each takes the
    context characters at its end of the word. infix_patterns: one rule each, in order.
    exceptions: Java regular expressions; a word is kept whole where one matches all of it, or
    matches across a cut. split_pattern goes before split_chars, which are joined by `|`.
    min_length, max_length: inclusive, in UTF-16 units as in Spark NLP (`😀` counts 2).
    """

    target_pattern: str = r"\S+"
    prefix_pattern: str | None = None
    suffix_pattern: str | None = None
    infix_patterns: tuple[str, ...] | None = None
    exceptions: tuple[str, ...] = ()
    case_sensitive_exceptions: bool = True
    context_chars: tuple[str, ...] = CONTEXT_CHARS
    split_pattern: str | None = None
    split_chars: tuple[str, ...] | None = None
    min_length: int = 0
    max_length: int | None = None

    @property
    def context(self) -> str:
        """The context characters as one string."""
        return "".join(self.context_chars)


def word_cutter(rules: TokenRules) -> Callable[[str], tuple[Piece, ...]]:
    """What cuts one word: its rules, then the split params.

    Raises ParamError where a pattern is not a Java regular expression or lacks a form it must have.
    """
    compiled = _compiled_rules(rules)
    split = _splitter(rules)

    def pieces(word: str) -> tuple[Piece, ...]:
        for rule in compiled:
            found = rule.pattern.search(word)
            if found:
                spans = [found.span(group) for group in rule.groups]
                return tuple(p for b, e in spans if b < e for p in split(word, b, e))
        return ((0, len(word)),)

    return pieces


def _compiled_rules(rules: TokenRules) -> list[JavaPattern]:
    context = "".join(f"\\x{{{ord(c):x}}}" for c in rules.context)
    if context:
        prefix, suffix = rf"\A([{context}]*)", rf"([{context}]*)\z"
        infixes: tuple[str, ...] = (_default_infix(rules, context),)
    else:  # Spark NLP cannot compile this default; here nothing is taken off a word
        prefix, suffix, infixes = r"\A", r"\z", (r"([\s\S]+)",)
    prefix = prefix if rules.prefix_pattern is None else rules.prefix_pattern
    suffix = suffix if rules.suffix_pattern is None else rules.suffix_pattern
    infixes = infixes if rules.infix_patterns is None else rules.infix_patterns
    if not prefix.startswith(r"\A"):
        raise ParamError(f"Tokenizer: param 'prefixPattern' must begin with \\A; found {prefix!r}.")
    if not suffix.endswith(r"\z"):
        raise ParamError(f"Tokenizer: param 'suffixPattern' must end with \\z; found {suffix!r}.")
    for infix in infixes:
        if "(" not in infix or ")" not in infix:
            raise ParamError(
                "Tokenizer: each of param 'infixPatterns' must have a group, since groups are what "
                f"becomes a token; found {infix!r}."
            )
    return [compile_param(prefix + infix + suffix, "infixPatterns") for infix in infixes]


def _default_infix(rules: TokenRules, context: str) -> str:
    """Spark NLP's `([^c](?:.*[^c])*)`: a word's first to its last character that is not context.

    That pattern is exponential in `re`. It crosses all characters, line ends as well, except those
    line ends that are context characters; so this one matches the same and is linear.
    """
    barred = "".join(f"\\x{{{ord(c):x}}}" for c in rules.context if contains(LINE_ENDS, c))
    crossed = f"[^{barred}]" if barred else r"[\s\S]"
    return f"([^{context}](?:{crossed}*[^{context}])?)"


def _splitter(rules: TokenRules) -> Callable[[str, int, int], Iterable[Piece]]:
    """What cuts the token word[begin:end] once more.

    As in Spark NLP, a pattern that leaves one part leaves the token as it is (`abc-` at `-`), while
    a character that is in the token always takes it apart, be there nothing left of it; and
    characters that, joined by `|`, are not a regular expression (`(`, `+`) split nothing.
    """
    by_pattern = by_chars = None
    marks: tuple[str, ...] = ()
    if rules.split_pattern is not None:
        by_pattern = compile_param(rules.split_pattern, "splitPattern").pattern
    if rules.split_chars is not None:
        by_chars = _split_chars_pattern(rules.split_chars)
        marks = tuple(chars[-1] for chars in rules.split_chars)

    def split(word: str, begin: int, end: int) -> Iterable[Piece]:
        token = word[begin:end]
        parts: list[Piece] = []
        if by_pattern and len(parts := split_spans(by_pattern, token)) > 1:
            pass
        elif by_chars and any(mark in token for mark in marks):
            parts = split_spans(by_chars, token)
        else:
            return [(begin, end)]
        return [(begin + b, begin + e) for b, e in parts if b < e]

    return split


def _split_chars_pattern(chars: tuple[str, ...]) -> re.Pattern[str] | None:
    r"""The characters as one regular expression, joined as Spark NLP joins them, nothing escaped.

    So `.` is any character, `\.` a stop. None where that is not a regular expression.
    """
    for char in chars:
        if len(char) != 1 and not (len(char) == 2 and char.startswith("\\")):
            raise ParamError(
                "Tokenizer: each of param 'splitChars' must be one character, or a backslash "
                f"and one character; found {char!r}."
            )
    try:
        return compile_param("|".join(chars), "splitChars").pattern
    except ParamError:
        return None


def compile_param(source: str, param: str) -> JavaPattern:
    """Compile a Java pattern. Raises ParamError that names `param`."""
    try:
        return compile_java(source)
    except JavaPatternError as problem:
        raise ParamError(f"Tokenizer: param '{param}': {problem}") from None
