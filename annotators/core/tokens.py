r"""Tokens as Spark NLP 5.5.3's Tokenizer makes them.

A text is cut into words at every character outside the target class; each word then goes through
the rules (prefix + infix + suffix: every group of the first rule that matches is a token; a word
that no rule matches is one token), splitPattern or splitChars cut those tokens again, and the
length limits drop some. Offsets are half-open and count characters (code points).

Params hold Java regular expressions. The second half of this file reads them by Java 17's grammar
(ASCII `\s`, `\w` and `\d`; unions and `&&` in classes; possessive quantifiers; `.` and `$` by
Java's line ends) and writes them out for `re`.

Where Spark NLP gives no result or a wrong span, this differs on purpose: spans are always those of
the token's own characters; a group that takes no part and an exception with `$` or `\` in what it
matches do not raise; there may be no context characters at all.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from annotators.core.errors import ParamError

Token = tuple[int, int, str]
Piece = tuple[int, int]

CONTEXT_CHARS = (".", ",", ";", ":", "!", "?", "*", "-", "(", ")", '"', "'")
# Spark NLP's own marks: `ↇ` in a text cuts words, `ↈ` makes its word an exception.
_CUT, _PROTECT = "\u2187", "\u2188"
_CACHED_WORDS, _CACHED_LENGTH = 1 << 16, 64


@dataclass(frozen=True)
class TokenRules:
    r"""The params of Spark NLP's Tokenizer; None and the empty exceptions mean "not set".

    target_pattern: Java writes it into a character class, and so it is read here: the characters
    that make words (`\\S+`: all but ASCII white space, and a literal `+`).
    prefix_pattern begins with `\\A`, suffix_pattern ends with `\\z`; by default each takes the
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


def tokenize(text: str, rules: TokenRules = TokenRules()) -> list[Token]:
    """The (begin, end, text) of each token of `text`, half-open in characters, in order."""
    return compile_rules(rules)(text)


@lru_cache(maxsize=64)
def compile_rules(rules: TokenRules) -> Callable[[str], list[Token]]:
    """A function that tokenizes a text by `rules`; patterns compile once.

    Raises ParamError where a pattern is no Java regular expression, or lacks a form it must have.
    """
    breaks = _break_class(rules.target_pattern)
    find = _by_words(rules, breaks) if _needs_words(rules) else _by_default_rule(rules, breaks)
    longest, shortest = rules.max_length, rules.min_length
    if shortest <= 1 and longest is None:
        return find
    most = sys.maxsize if longest is None else longest
    return lambda text: [
        token for token in find(text) if shortest <= _utf16_length(token[2]) <= most
    ]


def _needs_words(rules: TokenRules) -> bool:
    """Whether anything but the default rule is asked for, so that words must be found first."""
    own = (rules.prefix_pattern, rules.suffix_pattern, rules.infix_patterns)
    splits = (rules.split_pattern, rules.split_chars)
    unusual_context = not _context(rules) or any(_contains(_LINE_ENDS, c) for c in _context(rules))
    return any(p is not None for p in own + splits) or bool(rules.exceptions) or unusual_context


def _by_default_rule(rules: TokenRules, breaks: Ranges) -> Callable[[str], list[Token]]:
    """Tokenize with one pattern: context characters at both ends of a word are tokens of their own,
    and a word of nothing else is one.
    """
    target, context = _word_class(breaks), _chars(_context(rules))
    inner = _class_text(_intersection(target, _complement(context)))
    outer = _class_text(_intersection(target, context))
    split = re.compile(f"({inner}(?:{_class_text(target)}*{inner})?|{outer}+)").split

    def find(text: str) -> list[Token]:
        parts = split(text)  # what is between tokens, a token, what is between tokens, ...
        ends = list(accumulate(map(len, parts)))
        tokens = parts[1::2]
        return list(zip(ends[: 2 * len(tokens) : 2], ends[1::2], tokens, strict=True))

    return find


def _by_words(rules: TokenRules, breaks: Ranges) -> Callable[[str], list[Token]]:
    """Words first, then the pieces of each; equal words have equal pieces."""
    pieces = _pieces(rules)
    known_pieces = lru_cache(maxsize=_CACHED_WORDS)(pieces)
    words = re.compile(_class_text(_word_class(breaks)) + "+").finditer
    protect = _protection(rules, breaks)

    def find(text: str) -> list[Token]:
        protected, kept = protect(text) if protect else (text, frozenset())
        tokens: list[Token] = []
        for found in words(protected):
            begin, end = found.span()
            word = found[0]
            if protect and (_PROTECT in word or word in kept):
                tokens.append((begin, end, text[begin:end]))
            else:
                found_pieces = known_pieces(word) if len(word) <= _CACHED_LENGTH else pieces(word)
                tokens += [(begin + b, begin + e, word[b:e]) for b, e in found_pieces]
        return tokens

    return find


def _break_class(pattern: str) -> Ranges:
    """The characters at which a text is cut into words.

    Spark NLP makes the target pattern a part of the class `[^(?:PATTERN)ↈ]`; so `(`, `?`, `:`, `)`
    and whatever else the pattern is written with make words too.
    """
    reader = _Reader(f"[^(?:{pattern}){_PROTECT}]")
    try:
        breaks = reader.char_class()
        if not reader.done:
            raise reader.error("`]` ends the character class that the target pattern is part of")
    except _PatternError as problem:
        raise ParamError(f"Tokenizer: param 'targetPattern': {problem}") from None
    return breaks


def _word_class(breaks: Ranges) -> Ranges:
    return _complement(_union([*breaks, *_chars(_CUT)]))


def _protection(
    rules: TokenRules, breaks: Ranges
) -> Callable[[str], tuple[str, frozenset[str]]] | None:
    """Mark the exceptions in a text: give it with the cuts inside exceptions replaced one for one,
    and the exceptions without such a cut, which protect words equal to them.
    """
    if not rules.exceptions:
        return None
    flag = "" if rules.case_sensitive_exceptions else "(?i)"
    pattern = _compile("|".join(flag + each for each in rules.exceptions), "exceptions").pattern
    cuts = re.compile(_class_text(breaks))

    def protect(text: str) -> tuple[str, frozenset[str]]:
        parts: list[str] = []
        whole: set[str] = set()
        done = 0
        for begin, end in _java_matches(pattern, text):
            marked = cuts.sub(_PROTECT, text[begin:end])
            if marked == text[begin:end]:
                whole.add(marked)
            parts += [text[done:begin], marked]
            done = end
        return "".join([*parts, text[done:]]), frozenset(whole)

    return protect


def _pieces(rules: TokenRules) -> Callable[[str], tuple[Piece, ...]]:
    """What cuts one word: its rules, then the split params."""
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


@dataclass(frozen=True)
class _Compiled:
    """A pattern for `re`, and the numbers of the groups that the Java pattern captures."""

    pattern: re.Pattern[str]
    groups: tuple[int, ...]


def _compiled_rules(rules: TokenRules) -> list[_Compiled]:
    context = "".join(f"\\x{{{ord(c):x}}}" for c in _context(rules))
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
    return [_compile(prefix + infix + suffix, "infixPatterns") for infix in infixes]


def _default_infix(rules: TokenRules, context: str) -> str:
    """Spark NLP's `([^c](?:.*[^c])*)`: a word's first to its last character that is not context.

    That pattern is exponential in `re`. It crosses all characters, line ends as well, except those
    line ends that are context characters; so this one matches the same and is linear.
    """
    barred = "".join(f"\\x{{{ord(c):x}}}" for c in _context(rules) if _contains(_LINE_ENDS, c))
    crossed = f"[^{barred}]" if barred else r"[\s\S]"
    return f"([^{context}](?:{crossed}*[^{context}])?)"


def _splitter(rules: TokenRules) -> Callable[[str, int, int], Iterable[Piece]]:
    """What cuts the token word[begin:end] once more.

    As in Spark NLP, a pattern that leaves one part leaves the token as it is (`abc-` at `-`), while
    a character that is in the token always takes it apart, be there nothing left of it; and
    characters that, joined by `|`, are no regular expression (`(`, `+`) split nothing.
    """
    by_pattern = by_chars = None
    marks: tuple[str, ...] = ()
    if rules.split_pattern is not None:
        by_pattern = _compile(rules.split_pattern, "splitPattern").pattern
    if rules.split_chars is not None:
        by_chars = _split_chars_pattern(rules.split_chars)
        marks = tuple(chars[-1] for chars in rules.split_chars)

    def split(word: str, begin: int, end: int) -> Iterable[Piece]:
        token = word[begin:end]
        parts: list[Piece] = []
        if by_pattern and len(parts := _java_split(by_pattern, token)) > 1:
            pass
        elif by_chars and any(mark in token for mark in marks):
            parts = _java_split(by_chars, token)
        else:
            return [(begin, end)]
        return [(begin + b, begin + e) for b, e in parts if b < e]

    return split


def _split_chars_pattern(chars: tuple[str, ...]) -> re.Pattern[str] | None:
    r"""Join the characters to a regular expression as Spark NLP does, without escaping them: `.` is
    any character, `\.` a stop.
    """
    for char in chars:
        if len(char) != 1 and not (len(char) == 2 and char.startswith("\\")):
            raise ParamError(
                "Tokenizer: each of param 'splitChars' must be one character, or a backslash "
                f"and one character; found {char!r}."
            )
    try:
        return _compile("|".join(chars), "splitChars").pattern
    except ParamError:
        return None


def _context(rules: TokenRules) -> str:
    return "".join(rules.context_chars)


def _utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text) + sum(char > "\uffff" for char in text)


# What Java's Matcher.find and String.split do.


def _java_matches(pattern: re.Pattern[str], text: str) -> Iterator[Piece]:
    """The spans that Matcher.find finds in turn: after an empty match it goes on one further."""
    position = 0
    while position <= len(text) and (found := pattern.search(text, position)):
        yield found.span()
        position = found.end() + (found.start() == found.end())


def _java_split(pattern: re.Pattern[str], text: str) -> list[Piece]:
    """The spans of String.split: empty ones at the end are left out, and an empty match at the
    start makes none.
    """
    parts: list[Piece] = []
    done = 0
    for begin, end in _java_matches(pattern, text):
        if end > 0:
            parts.append((done, begin))
            done = end
    if not parts:
        return [(0, len(text))]
    parts.append((done, len(text)))
    while parts and parts[-1][0] == parts[-1][1]:
        parts.pop()
    return parts


# Sets of characters: sorted, disjoint, inclusive ranges of code points.

Ranges = tuple[tuple[int, int], ...]
_LAST = 0x10FFFF


def _union(ranges: Iterable[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def _complement(ranges: Ranges) -> Ranges:
    edges = [-1, *(edge for low, high in ranges for edge in (low, high)), _LAST + 1]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return tuple((before + 1, after - 1) for before, after in gaps if before + 1 < after)


def _intersection(one: Ranges, other: Ranges) -> Ranges:
    return _complement(_union([*_complement(one), *_complement(other)]))


def _contains(ranges: Ranges, char: str) -> bool:
    return any(low <= ord(char) <= high for low, high in ranges)


def _chars(text: Iterable[str]) -> Ranges:
    return _union((ord(char), ord(char)) for char in text)


def _span(first: str, last: str) -> Ranges:
    return ((ord(first), ord(last)),)


def _class_text(ranges: Ranges) -> str:
    """The set as a class of `re`."""
    if not ranges:
        return "(?!)"
    shown = (
        f"\\U{low:08x}-\\U{high:08x}" if low < high else f"\\U{low:08x}" for low, high in ranges
    )
    return f"[{''.join(shown)}]"


_ALL: Ranges = ((0, _LAST),)
_LINE_ENDS = _chars("\n\r\x85\u2028\u2029")
_SPACE = _chars(" \t\n\x0b\f\r")
_DIGIT = _span("0", "9")
_UPPER, _LOWER = _span("A", "Z"), _span("a", "z")
_ALPHA = _union([*_UPPER, *_LOWER])
_WORD = _union([*_ALPHA, *_DIGIT, *_chars("_")])
_PUNCTUATION = _chars("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_UNICODE_SPACE = _chars("\t\n\x0b\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") + _span(
    "\u2000", "\u200a"
)
_HORIZONTAL = _chars(" \t\xa0\u1680\u180e\u202f\u205f\u3000") + _span("\u2000", "\u200a")
_JOINERS = "\u200c\u200d"
_VERTICAL = _chars("\n\x0b\f\r\x85\u2028\u2029")

_POSIX: dict[str, Ranges] = {
    "Lower": _LOWER,
    "Upper": _UPPER,
    "ASCII": ((0, 127),),
    "Alpha": _ALPHA,
    "Digit": _DIGIT,
    "Alnum": _union([*_ALPHA, *_DIGIT]),
    "Punct": _PUNCTUATION,
    "Graph": ((33, 126),),
    "Print": ((32, 126),),
    "Blank": _chars(" \t"),
    "Cntrl": _union([(0, 31), (127, 127)]),
    "XDigit": _union([*_DIGIT, *_span("A", "F"), *_span("a", "f")]),
    "Space": _SPACE,
    "L1": ((0, 255),),
    "all": _ALL,
}
# Categories that make up each property that Java knows beside the plain categories.
_CASED = "Lu Ll Lt"
_CASES = ("IsUppercase", "IsLowercase", "javaUpperCase", "javaLowerCase")
_POSIX_IN_UNICODE = {
    "Lower": "IsLowercase",
    "Upper": "IsUppercase",
    "Alpha": "IsAlphabetic",
    "Digit": "IsDigit",
    "Punct": "IsPunctuation",
    "Space": "IsWhiteSpace",
}
_UNIONS: dict[str, str] = {
    "LC": _CASED,
    "LD": "L Nd",
    "IsAlphabetic": "L Nl",
    "IsLetter": "L",
    "IsDigit": "Nd",
    "IsPunctuation": "P",
    "IsTitlecase": "Lt",
    "IsControl": "Cc",
    "javaLetter": "L",
    "javaDigit": "Nd",
    "javaLetterOrDigit": "L Nd",
    "javaAlphabetic": "L Nl",
    "javaTitleCase": "Lt",
}


@lru_cache(maxsize=1)
def _categories() -> dict[str, Ranges]:
    """The characters of every Unicode category (`Lu`) and of every group of them (`L`)."""
    found: dict[str, list[tuple[int, int]]] = {}
    start, current = 0, unicodedata.category("\0")
    for code in range(1, _LAST + 2):
        category = unicodedata.category(chr(code)) if code <= _LAST else ""
        if category != current:
            found.setdefault(current, []).append((start, code - 1))
            start, current = code, category
    fine = {name: _union(ranges) for name, ranges in found.items()}
    coarse = {
        first: _union(r for name, ranges in fine.items() if name[0] == first for r in ranges)
        for first in {name[0] for name in fine}
    }
    return fine | coarse


def _of_categories(names: str) -> Ranges:
    return _union(r for name in names.split() for r in _categories().get(name, ()))


@lru_cache(maxsize=2)
def _with_case(upper: bool) -> Ranges:
    chars = map(chr, range(_LAST + 1))
    return _chars(c for c in chars if (c.isupper() if upper else c.islower()))


def _property(  # noqa: PLR0911 (one return for each family of names)
    name: str, flags: frozenset[str]
) -> Ranges | None:
    r"""The characters of `\p{name}`, or None where this module does not know them.

    Scripts and blocks are not known; IsAlphabetic lacks the vowel signs that Unicode counts in.
    """
    if "U" in flags:
        name = _POSIX_IN_UNICODE.get(name, name)
    any_case = "i" in flags
    bare = re.sub("^(?:Is|general_category=|gc=)", "", name)
    if name in _CASES:
        return _of_categories(_CASED) if any_case else _with_case("Upper" in name)
    if any_case and name in ("Lower", "Upper"):
        return _ALPHA
    if name in _POSIX:
        return _POSIX[name]
    if name in ("IsWhite_Space", "IsWhiteSpace"):
        return _union(_UNICODE_SPACE)
    if name == "javaWhitespace":
        breaking = _intersection(_of_categories("Z"), _complement(_chars("\xa0\u2007\u202f")))
        return _union([*breaking, *_SPACE, (28, 31)])
    listed = _UNIONS.get(name) or (bare if bare in _categories() else _UNIONS.get(bare))
    if not listed:
        return None
    return _of_categories(_CASED if any_case and listed in _CASED.split() else listed)


# Java regular expressions, read by recursive descent and written as patterns of `re`.


class _PatternError(ValueError):
    """What is wrong with a pattern, and where."""


def _translate(source: str) -> tuple[str, int]:
    """A pattern for `re`, whose groups are `group1`, `group2`, ..., and how many there are."""
    reader = _Reader(source)
    text = "|".join(reader.alternatives())
    if not reader.done:
        raise reader.error("unmatched closing parenthesis")
    return text, reader.captures


def _compile(source: str, param: str) -> _Compiled:
    """Compile a Java pattern.

    Raises ParamError that names `param` where the pattern is wrong, or beyond what `re` can do.
    """
    try:
        text, captures = _translate(source)
        pattern = re.compile(text)
        return _Compiled(
            pattern, tuple(pattern.groupindex[f"group{i + 1}"] for i in range(captures))
        )
    except _PatternError as problem:
        raise ParamError(f"Tokenizer: param '{param}': {problem}") from None
    except (re.error, OverflowError, RecursionError) as problem:
        raise ParamError(
            f"Tokenizer: param '{param}': Python's re cannot run {source!r}: {problem}"
        ) from None


_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
_NUMBERED = {
    "0": ("[0-3][0-7]{0,2}|[0-7]{1,2}", 8),
    "x": ("[0-9A-Fa-f]{2}", 16),
    "u": ("[0-9A-Fa-f]{4}", 16),
}
_FLAGS = "idmsuxU"
_QUANTIFIERS = ("?", "*", "+", "{")
# How many combining marks `\b` looks through, since a lookbehind of `re` must have one width.
_MARKS_SEEN = 4
_END = ""


class _Reader:
    """Reads one pattern from left to right. Flags hold until their group ends, as in Java."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.text = _without_quotes(source)
        self.at = 0
        self.flags: frozenset[str] = frozenset()
        self.captures = 0
        self.closed: set[int] = set()
        self.names: dict[str, int] = {}
        self.atomics = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.text)

    def error(self, what: str) -> _PatternError:
        return _PatternError(
            f"{what}, near index {min(self.at, len(self.text))} of the Java regular expression "
            f"{self.source!r}"
        )

    def peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else _END

    def take(self) -> str:
        char = self.peek()
        if char == _END:
            raise self.error("the pattern ends too early")
        self.at += 1
        return char

    def taken(self, expected: str) -> bool:
        if self.text.startswith(expected, self.at):
            self.at += len(expected)
            return True
        return False

    def until(self, stop: str) -> str:
        end = self.text.find(stop, self.at)
        if end < 0:
            raise self.error(f"{stop!r} is missing")
        found, self.at = self.text[self.at : end], end + 1
        return found

    def skip_comments(self) -> None:
        while "x" in self.flags and (self.peek() == "#" or _is_space(self.peek())):
            if self.take() == "#":
                while self.peek() not in (_END, "\n"):
                    self.at += 1

    # Sequences and quantifiers

    def alternatives(self) -> list[str]:
        branches = [self.sequence()]
        while self.taken("|"):
            branches.append(self.sequence())
        return branches

    def sequence(self) -> str:
        parts: list[str] = []
        self.skip_comments()
        while self.peek() not in (_END, "|", ")"):
            parts.append(self.quantified())
            self.skip_comments()
        return "".join(parts)

    def quantified(self) -> str:
        atom = self.atom()
        self.skip_comments()
        if self.peek() in _QUANTIFIERS:
            atom = self.repeat(atom if _is_unit(atom) else f"(?:{atom})")
        while self.peek() == "{":
            self.repeat("")  # Java reads a second count as one of nothing
        if self.peek() in _QUANTIFIERS:
            raise self.error(f"dangling {self.peek()!r}")
        return atom

    def repeat(self, atom: str) -> str:
        quantifier = self.take()
        if quantifier == "{":
            counts = self.until("}")
            if not re.fullmatch(r"[0-9]+(,[0-9]*)?", counts):
                raise self.error("illegal repetition")
            quantifier = "{" + counts + "}"
        if self.taken("?"):
            return f"{atom}{quantifier}?"
        return self.atomic(atom + quantifier) if self.taken("+") else atom + quantifier

    def atomic(self, inner: str) -> str:
        """`(?>inner)`, which `re` lacks before 3.11: what a lookahead found is not retried."""
        self.atomics += 1
        name = f"atomic{self.atomics}"
        return f"(?=(?P<{name}>{inner}))(?P={name})"

    # Atoms

    def atom(self) -> str:  # noqa: PLR0911 (one return for each kind of atom)
        char = self.peek()
        if char == "[":
            return _class_text(self.char_class())
        self.take()
        if char == "(":
            return self.group()
        if char == "\\":
            return self.escape()
        if char in "*+?":
            raise self.error(f"dangling {char!r}")
        if char == "{":
            raise self.error("illegal repetition")
        if char == ".":
            return self.any_char()
        if char == "^":
            return self.line_begin()
        if char == "$":
            return self.line_end() if "m" in self.flags else self.text_end()
        return _class_text(self.any_case(_chars(char)))

    def any_char(self) -> str:
        if "s" in self.flags:
            return _class_text(_ALL)
        return _class_text(_complement(_chars("\n") if "d" in self.flags else _LINE_ENDS))

    def line_begin(self) -> str:
        if "m" not in self.flags:
            return r"\A"
        if "d" in self.flags:
            return r"(?:\A|(?<=\n))(?!\Z)"
        return r"(?:\A|(?<=[\n\x85\u2028\u2029])|(?<=\r)(?!\n))(?!\Z)"

    def line_end(self) -> str:
        if "d" in self.flags:
            return r"(?=\n|\Z)"
        return r"(?=(?<!\r)\n|[\r\x85\u2028\u2029]|\Z)"

    def text_end(self) -> str:
        if "d" in self.flags:
            return r"(?=\n?\Z)"
        return r"(?=(?:\r\n|(?<!\r)\n|[\r\x85\u2028\u2029])?\Z)"

    def group(self) -> str:  # noqa: PLR0911 (one return for each kind of group)
        if not self.taken("?"):
            return self.capture()
        if self.taken("<="):
            return f"(?:{'|'.join(f'(?<={branch})' for branch in self.branches())})"
        if self.taken("<!"):
            return "".join(f"(?<!{branch})" for branch in self.branches())
        for opening in ("=", "!", ":"):
            if self.taken(opening):
                return f"(?{opening}{self.inside()})"
        if self.taken(">"):
            return self.atomic(self.inside())
        if self.taken("<"):
            name = self.until(">")
            if not re.fullmatch("[A-Za-z][A-Za-z0-9]*", name):
                raise self.error("a group's name must be letters and digits")
            self.names[name] = self.captures + 1
            return self.capture()
        return self.flag_group()

    def capture(self) -> str:
        self.captures += 1
        number = self.captures
        inner = self.inside()
        self.closed.add(number)
        return f"(?P<group{number}>{inner})"

    def inside(self) -> str:
        return "|".join(self.branches())

    def branches(self) -> list[str]:
        """The alternatives up to the `)` of their group. In a lookbehind each becomes one of its
        own, since a lookbehind of `re` must have one width.
        """
        before = self.flags
        inner = self.alternatives()
        if not self.taken(")"):
            raise self.error("unclosed group")
        self.flags = before
        return inner

    def flag_group(self) -> str:
        changed = self.flags
        on = True
        while (char := self.take()) not in (":", ")"):
            if char == "-":
                on = False
            elif char not in _FLAGS:
                raise self.error(f"unknown inline modifier {char!r}")
            else:
                changed = changed | {char} if on else changed - {char}
        if char == ")":
            self.flags = changed
            return ""
        before, self.flags = self.flags, changed
        inner = self.inside()
        self.flags = before
        return f"(?:{inner})"

    def escape(self) -> str:
        char = self.peek()
        if char in ("A", "z", "Z", "G", "b", "B", "R", "X") and char != _END:
            self.at += 1
            return self.boundary(char)
        if char == "k":
            self.at += 1
            if not self.taken("<") or (name := self.until(">")) not in self.names:
                raise self.error("a back reference names no group before it")
            return self.reference(self.names[name])
        if char in tuple("123456789"):
            return self.reference(self.reference_number())
        return _class_text(self.escaped_set())

    def boundary(self, char: str) -> str:
        if char == "A":
            return r"\A"
        if char == "z":
            return r"\Z"
        if char == "Z":
            return self.text_end()
        if char == "R":
            return r"(?:\r\n|[\n\x0b\f\r\x85\u2028\u2029])"
        if char in "GX":
            raise self.error(f"\\{char} is not supported")
        return self.word_boundary(char == "b")

    def word_boundary(self, wanted: bool) -> str:
        r"""`\b` or `\B`: letters, digits and `_` make words, and so do the combining marks on a
        letter or digit.
        """
        if "U" in self.flags:
            word = _class_text(self.known_class("w"))
            before, after = [f"(?<={word})"], [f"(?={word})"]
        else:
            base = _class_text(_of_categories("L Nd"))
            mark = _class_text(_of_categories("Mn"))
            marked = [f"(?<={base}{mark * count})" for count in range(1, _MARKS_SEEN + 1)]
            before = [f"(?<={base})", "(?<=_)", *marked]
            after = [f"(?={base})", "(?=_)", f"(?={mark})(?:{'|'.join([before[0], *marked])})"]
        in_left, in_right = f"(?:{'|'.join(before)})", f"(?:{'|'.join(after)})"
        if wanted:
            return f"(?:{in_left}(?!{in_right})|(?!{in_left}){in_right})"
        return f"(?:{in_left}{in_right}|(?!{in_left})(?!{in_right}))"

    def reference_number(self) -> int:
        number = int(self.take())
        while self.peek() in tuple("0123456789"):
            longer = number * 10 + int(self.peek())
            if longer > self.captures:
                break
            number = longer
            self.at += 1
        return number

    def reference(self, number: int) -> str:
        if number not in self.closed:
            return "(?!)"
        text = f"(?P=group{number})"
        return f"(?i:{text})" if "i" in self.flags else f"(?:{text})"

    # Characters and classes

    def escaped_set(self) -> Ranges:
        """The set that an escape stands for, the backslash being read already."""
        char = self.take()
        if char in "dDsSwWhHvV":
            return self.known_class(char)
        if char in "pP":
            name = self.until("}") if self.taken("{") else self.take()
            known = _property(name, self.flags)
            if known is None:
                raise self.error(f"character property {name!r} is unknown or not supported")
            return _complement(known) if char == "P" else known
        return self.any_case(_chars(self.escaped_char(char)))

    def known_class(self, char: str) -> Ranges:
        wide = "U" in self.flags
        known = {
            "d": _of_categories("Nd") if wide else _DIGIT,
            "s": _union(_UNICODE_SPACE) if wide else _SPACE,
            "w": _of_categories("L Nl M Nd Pc") + _span(*_JOINERS) if wide else _WORD,
            "h": _union(_HORIZONTAL),
            "v": _VERTICAL,
        }[char.lower()]
        return _complement(_union(known)) if char.isupper() else _union(known)

    def escaped_char(self, char: str) -> str:
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char == "x" and self.taken("{"):
            found = self.code_point("[0-9A-Fa-f]+(?=})", 16)
            self.at += 1
            return found
        if char in _NUMBERED:
            return self.code_point(*_NUMBERED[char])
        if char == "c":
            return chr(ord(self.take()) ^ 64)
        if char.isascii() and char.isalnum():
            raise self.error(f"illegal or unsupported escape \\{char}")
        return char

    def code_point(self, pattern: str, base: int) -> str:
        found = re.compile(pattern).match(self.text, self.at)
        if not found or int(found[0], base) > _LAST:
            raise self.error("malformed escape of a character's number")
        self.at = found.end()
        return chr(int(found[0], base))

    def any_case(self, ranges: Ranges) -> Ranges:
        """The set with both cases of its letters: ASCII ones, or with flag `u` all."""
        if "i" not in self.flags:
            return ranges
        if "u" in self.flags or "U" in self.flags:
            cased = _intersection(ranges, _of_categories(_CASED))
            chars = (chr(code) for low, high in cased for code in range(low, high + 1))
            return _union([*ranges, *_chars(case for char in chars for case in _cases(char))])
        upper, lower = _intersection(ranges, _UPPER), _intersection(ranges, _LOWER)
        swapped = [(low + 32, high + 32) for low, high in upper]
        swapped += [(low - 32, high - 32) for low, high in lower]
        return _union([*ranges, *swapped])

    def char_class(self) -> Ranges:
        """The set of `[...]`: unions, nested classes, `&&`; `^` negates all of it."""
        self.take()
        negated = self.taken("^")
        found = self.class_items()
        self.take()
        return _complement(found) if negated else found

    def class_items(self) -> Ranges:
        """What stands before the `]` that closes the class; that `]` is not taken."""
        found: Ranges | None = None
        last: Ranges = ()
        while True:
            self.skip_comments()
            if self.peek() == "]" and found is not None:
                return found
            if self.taken("&&"):
                right = self.intersected()
                last = last if right is None else right
                if found is None:
                    if right is None:
                        raise self.error("`&&` has nothing on either side")
                    found = right
                else:
                    found = _intersection(found, last)
                continue
            last = self.char_class() if self.peek() == "[" else self.class_range()
            found = _union([*(found or ()), *last])

    def intersected(self) -> Ranges | None:
        right: Ranges | None = None
        while self.peek() not in ("]", "&"):
            if self.peek() == "[":
                right = _union([*(right or ()), *self.char_class()])
            else:
                right = self.class_items()
        return right

    def class_range(self) -> Ranges:
        """One character, one escape, or a range of two characters."""
        escaped = self.taken("\\")
        if escaped and self.peek() in tuple("dDsSwWhHvVpP"):
            return self.escaped_set()
        first = self.escaped_char(self.take()) if escaped else self.take()
        following = self.text[self.at + 1 : self.at + 2]
        if self.peek() != "-" or following in (_END, "]", "["):
            return self.any_case(_chars(first))
        self.take()
        last = self.escaped_char(self.take()) if self.taken("\\") else self.take()
        if last < first:
            raise self.error("illegal character range")
        return self.any_case(((ord(first), ord(last)),))


def _without_quotes(source: str) -> str:
    r"""`\Q...\E` written out with one escape a character."""
    parts: list[str] = []
    at = 0
    while at < len(source):
        if source.startswith("\\Q", at):
            end = source.find("\\E", at + 2)
            quoted = source[at + 2 : end if end >= 0 else len(source)]
            parts += [f"\\x{{{ord(char):x}}}" for char in quoted]
            at = end + 2 if end >= 0 else len(source)
        else:
            width = 2 if source[at] == "\\" else 1
            parts.append(source[at : at + width])
            at += width
    return "".join(parts)


def _is_space(char: str) -> bool:
    return char != _END and _contains(_SPACE, char)


def _is_unit(atom: str) -> bool:
    """Whether a quantifier may follow at once: one class, as `_class_text` writes it."""
    return atom.startswith("[") and atom.find("]") == len(atom) - 1


def _cases(char: str) -> Iterator[str]:
    return (case for case in (char.lower(), char.upper(), char.title()) if len(case) == 1)
