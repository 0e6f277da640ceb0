"""The rules of the rule-based SentenceDetector: where a mark goes into a text, where none may go.

The behaviour is that of Spark NLP 5.5.3's "pragmatic" detector, which follows the idea of Kevin
Dias's Pragmatic Segmenter: steps in a fixed order, each a pass over the text. A full stop that ends
nothing is *held* (a stand-in takes its place), a passage that must stay whole is put between `OPEN`
and `CLOSE`, and a `BREAK` goes in where a sentence ends. A `BREAK` counts unless the next `OPEN` or
`CLOSE` behind it is a `CLOSE`. Marks and stand-ins are neither word characters nor white space, so
later steps see what they see in Spark NLP; which stand-in a stop got never matters there, so that
one is enough.

Nearly every pattern begins with the one character that it turns on, its left context a lookbehind
after it: `re` then skips to that character at memory speed. Every step is linear in the text.
Patterns are ASCII, as Java's are; only its word boundary knows Unicode letters.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

from annotators.core.errors import ParamError

BREAK, HELD, GAP, OPEN, CLOSE = "\uf050", "\uf051", "\uf052", "\uf056", "\uf057"
"""Private characters. GAP takes the place of a BREAK that does not count."""

_KEPT = rf"{OPEN}\g<0>{CLOSE}"
_ITEM = BREAK + _KEPT
_LINE_ENDS = r"\n\r\x85\u2028\u2029"


def hold_and_break(text: str, *, lists: bool, abbreviations: bool, numbers_first: bool) -> str:
    """`text` with the marks of every step. Only marks are added, and stops replaced one for one.

    numbers_first: numbers before abbreviations, as Spark NLP does where no custom bounds are set.
    """
    marked = _mark_lists(text) if lists else text
    if numbers_first:
        marked = _abbreviations(_STOP_IN_NUMBER.sub(HELD, marked), abbreviations)
    else:
        marked = _STOP_IN_NUMBER.sub(HELD, _abbreviations(marked, abbreviations))
    if "?" in marked or "!" in marked:
        marked = _SHOUTS.sub(_break_after_shout, marked)
    marked = _STOP_INSIDE_WORD.sub(HELD, marked)
    if "°" in marked:
        marked = _STOP_AFTER_DEGREE.sub(HELD, marked)
    if "..." in marked:
        marked = _ELLIPSIS.sub(HELD * 3 + BREAK, marked)
    marked = _keep_quoted(marked)
    return marked.replace(".", "." + BREAK).replace(";", ";" + BREAK)


# Lists: `(ab)` and `12. ` begin an item; so does a leading `ab)`, and `-1.)` where the text begins.

_LETTERED = re.compile(r"\([a-z]+\)")
_LETTERED_START = re.compile(r"[a-z]+\)")
_NUMBERED = re.compile(
    rf"\s(?:\d\d?\.[\s)]|-\d\d?\.\s)|s-\d\d?\.\)"
    rf"|\A(?:-?\d\d?\.\s|\d\d?\.\)|-\d\d?[^{_LINE_ENDS}]\))",
    re.ASCII,
)
_STOP_AFTER_DIGIT = re.compile(r"\.(?<=\d\.)[\s)]", re.ASCII)


def _mark_lists(text: str) -> str:
    marked = text
    if "(" in text:
        marked = _LETTERED.sub(_ITEM, marked)
    if first := _LETTERED_START.match(text):
        marked = f"{BREAK}{OPEN}{first[0]}{CLOSE}{marked[first.end() :]}"
    if text.startswith("-") or _STOP_AFTER_DIGIT.search(marked):
        marked = _NUMBERED.sub(_ITEM, marked)
    return marked


# Numbers and abbreviations.

_STOP_IN_NUMBER = re.compile(
    r"\.(?:(?=\d)|(?<=\d\.)(?=\S)|(?:(?<=\A\d\.)|(?<=\A\d\d\.))(?=\s\S))", re.ASCII
)
_STOP_INSIDE_WORD = re.compile(r"\.(?<=\w\.)(?=\w)", re.ASCII)
_STOP_AFTER_DEGREE = re.compile(r"\.(?<=[A-z]°\.)(?=\s*\d)", re.ASCII)
_STOP_AFTER_INITIAL = re.compile(
    r"\.(?:(?='s(?:[\s$]|\Z))|(?<=Co\.)(?=\sKG)|(?:(?<=\A[A-Z]\.)|(?<=\s[A-Z]\.))(?=\s))", re.ASCII
)
_INITIALS = re.compile(r"\.(?<=[a-zA-Z]\.)[a-zA-Z](?:\.[a-zA-Z])*(?:\.(?!\s[A-Z]))*", re.ASCII)
_PM, _AM = re.compile(r"[pP]\.[mM]\.*"), re.compile(r"[aA]\.[mM]\.*")


def _abbreviations(text: str, known: bool) -> str:
    """Keep initials whole, hold stops of possessives and, if asked to, of known abbreviations."""
    marked = _keep_initials(text)
    if ".m" in marked or ".M" in marked:
        marked = _AM.sub(_KEPT, _PM.sub(_KEPT, marked))
    marked = _STOP_AFTER_INITIAL.sub(HELD, marked)
    return _STOP_AFTER_ABBREVIATION.sub(HELD, marked) if known else marked


def _keep_initials(text: str) -> str:
    """Put `b.i.d.`, `e.g.` and the like between `OPEN` and `CLOSE`, where a word begins there."""
    parts, done = [], 0
    found = _INITIALS.search(text)
    while found:
        begin, end = found.start() - 1, found.end()
        if _in_word(text, begin - 1):
            end = found.start() + 1
        else:
            parts += [text[done:begin], OPEN, text[begin:end], CLOSE]
            done = end
        found = _INITIALS.search(text, end)
    return "".join([*parts, text[done:]])


def _in_word(text: str, index: int) -> bool:
    """Whether Java 17's word boundary takes text[index] for part of a word."""
    if index >= 0 and text[index] == "_":
        return True
    while index >= 0 and unicodedata.category(text[index]) == "Mn":
        index -= 1  # a combining mark is part of a word if what it stands on is
    return index >= 0 and (text[index].isalpha() or unicodedata.category(text[index]) == "Nd")


_TITLES = "dr mr ms prof mt st"
_BEFORE_NUMBERS = "no p px"
# In `e.g`, `i.e` and `u.s` the stop stands for any character: `egg.` is held as `e.g.` is.
_KNOWN = """
    adj bros btw co col corp cpl dec aug del dept dist dr e.g etc exp feb fy hr i.e id inc jan jr
    jul jun lt ltd mar may min mr mrs ms no nov oct ok p px plz prof rep sec sep sept sr st u.s ver
    vs
"""


_SPACED, _ANYWHERE = r"\s", r"\s \A"


def _behind(words: str, edges: str = _ANYWHERE) -> str:
    """Lookbehinds for one of `words` and its stop, an edge before them: one for each length."""
    by_length: dict[int, list[str]] = {}
    for word in words.split():
        spelled = word.replace(".", f"[^{_LINE_ENDS}]")
        by_length.setdefault(len(word), []).append(spelled)
    branches = [
        rf"(?<={edge}(?i:{'|'.join(group)})\.)"
        for edge in edges.split()
        for group in by_length.values()
    ]
    return f"(?:{'|'.join(branches)})"


_GOES_ON = r"[.:?,]|\s(?:[a-z]|I\s|I'm|I'll|\d)"
_STOP_AFTER_ABBREVIATION = re.compile(
    rf"\.(?:(?=\s|:\d){_behind(_TITLES)}|(?=\s(?:\d|\s*\()){_behind(_BEFORE_NUMBERS)}"
    rf"|(?={_GOES_ON}){_behind(_KNOWN)}|(?=-){_behind(_KNOWN, _SPACED)})",
    re.ASCII,
)

# Shouts and questions end a sentence even before a dollar sign; an ellipsis before a capital.

_SHOUTS = re.compile(r"[!?]+")
_SHOUT_ENDS = frozenset(" \t\n\v\f\r$")
_ELLIPSIS = re.compile(r"\.\.\.(?=\s+[A-Z])", re.ASCII)


def _break_after_shout(run: re.Match[str]) -> str:
    """A run that stands behind white space counts from its second character on."""
    text, begin, end = run.string, run.start(), run.end()
    if end < len(text) and text[end] not in _SHOUT_ENDS:
        return run[0]
    attached = begin > 0 and text[begin - 1] not in " \t\n\v\f\r"
    return run[0] + BREAK if attached or end - begin > 1 else run[0]


# Quotes and brackets keep together what holds only words, white space, `?`, `!`, `.` and `,`.

_DOUBLE_QUOTED = re.compile(r'"[\w\s?!.,]+"', re.ASCII)
_IN_BRACKETS = re.compile(r"\[[\w\s?!.,]+\]", re.ASCII)
_IN_PARENTHESES = re.compile(r"\([\w\s?!.,]+\)", re.ASCII)
_OPENING_QUOTE = re.compile(r"'(?<!\S')", re.ASCII)
_QUOTABLE = re.compile(r"[\w\s?!.,|']*", re.ASCII)
_WORD = re.compile(r"\w", re.ASCII)


def _keep_quoted(text: str) -> str:
    kept = _keep_single_quoted(text) if "'" in text else text
    if '"' in kept:
        kept = _DOUBLE_QUOTED.sub(_KEPT, kept)
    if "[" in kept:
        kept = _IN_BRACKETS.sub(_KEPT, kept)
    return _IN_PARENTHESES.sub(_KEPT, kept) if "(" in kept else kept


def _keep_single_quoted(text: str) -> str:
    """Keep from a quote behind white space to the last one in reach that a character other than a
    word character follows, with that character. Each reach is walked only once."""
    parts, done, walked = [], 0, 0
    for quote in _OPENING_QUOTE.finditer(text):
        begin = quote.start()
        if begin < walked:
            continue
        walked = _reach(text, begin + 1)
        closing = _last_closing_quote(text, begin + 2, walked)
        if closing >= 0:
            parts += [text[done:begin], OPEN, text[begin : closing + 2], CLOSE]
            done = closing + 2
    return "".join([*parts, text[done:]])


def _reach(text: str, begin: int) -> int:
    found = _QUOTABLE.match(text, begin)
    return found.end() if found else begin


def _last_closing_quote(text: str, begin: int, end: int) -> int:
    """The last quote of text[begin:end] with another character, no word character, behind it."""
    at = text.rfind("'", begin, end)
    while at >= 0 and (at + 1 == len(text) or _WORD.match(text, at + 1)):
        at = text.rfind("'", begin, at)
    return at


# Bounds of the user's, in Java's syntax.

_SETS = {
    "s": r"\s",
    "d": r"\d",
    "w": r"\w",
    "h": r" \t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000",
    "v": r"\n\x0b\f\r\x85\u2028\u2029",
}
_ASCII_SETS = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7f",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"!-/:-@\[-`{-~",
    "Graph": "!-~",
    "Print": " -~",
    "Blank": r" \t",
    "Cntrl": r"\x00-\x1f\x7f",
    "XDigit": "0-9a-fA-F",
    "Space": r"\s",
}
_BEFORE_LINE_END = rf"(?=(?:\r\n|[{_LINE_ENDS}])?\Z)(?<!\r(?=\n))"
_LINE_BEGIN = rf"(?!\Z)(?:\A|(?<=[{_LINE_ENDS}])(?<!\r(?=\n)))"
_LINE_END = rf"(?:(?=[{_LINE_ENDS}]|\Z)(?<!\r(?=\n)))"
_ASSERTIONS = {
    "A": r"\A",
    "z": r"\Z",
    "Z": _BEFORE_LINE_END,
    "R": r"(?:\r\n|[\n\x0b\f\r\x85\u2028\u2029])",
}
_CONTROLS = {"t": r"\t", "n": r"\n", "r": r"\r", "f": r"\f", "a": r"\a", "e": r"\x1b"}
_GROUP = re.compile(r"\((?:\?(?:<(?P<name>[a-zA-Z]\w*)>|<[=!]|[:=!>]|(?P<flags>[a-zA-Z-]*)[:)]))?")
_CODE = re.compile(
    r"\\(?:x\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|0([0-3]?[0-7]{1,2}))"
)
_PROPERTY = re.compile(r"\\[pP](?:\{(?:Is|general_category=|gc=)?(\w+)\}|(\w))")


@lru_cache(maxsize=256)
def java_pattern(java: str) -> re.Pattern[str]:
    """A regular expression of Java 17 (no flags set outside it) for Python's `re`.

    Classes are ASCII, `.`, `^` and `$` know Java's line ends; class unions and intersections,
    quoting, inline flags and alternatives in a lookbehind are written out. Raises ParamError for
    what has no counterpart: flags other than i, m and s, scripts and blocks, `\\G`, `\\X`, a
    lookbehind without a fixed length, and, before Python 3.11, possessive and atomic groups.
    """
    try:
        return re.compile(_Translation(java).python(), re.ASCII)
    except (re.error, IndexError, ValueError) as error:
        raise ParamError(
            f"the regular expression '{java}' cannot be compiled: {error}. Write it in the part of "
            "Java's syntax that Python's re can express."
        ) from error


@dataclass
class _Level:
    """An open group: what stands between its alternatives, what closes it, the flags within."""

    between: str = "|"
    close: str = ")"
    multiline: bool = False
    dotall: bool = False
    scoped: list[str] = field(default_factory=list)


class _Translation:
    """One walk over a Java pattern; `at` is how far it has come."""

    def __init__(self, java: str) -> None:
        self.java = java
        self.at = 0
        self.levels = [_Level()]

    def python(self) -> str:
        out = []
        while self.at < len(self.java):
            out.append(self._next())
        return "".join([*out, ")" * len(self.levels[0].scoped)])

    def _next(self) -> str:
        level, char = self.levels[-1], self.java[self.at]
        if char == "\\":
            kind, value = self._escape()
            return {"set": "[{}]", "not": "[^{}]"}.get(kind, "{}").format(value)
        if char == "(":
            return self._group(level)
        self.at += 1
        if char == "[":
            return self._set()
        if char == ")" and len(self.levels) > 1:
            return ")" * len(self.levels.pop().scoped) + level.close
        if char == "|":
            return ")" * len(level.scoped) + level.between + "".join(level.scoped)
        if char == ".":
            return r"[\s\S]" if level.dotall else f"[^{_LINE_ENDS}]"
        if char == "^":
            return _LINE_BEGIN if level.multiline else r"\A"
        if char == "$":
            return _LINE_END if level.multiline else _BEFORE_LINE_END
        return char

    def _group(self, outer: _Level) -> str:
        head = _GROUP.match(self.java, self.at)
        if head is None:
            raise ValueError(f"unknown group at {self.at}")
        self.at = head.end()
        level = _Level(multiline=outer.multiline, dotall=outer.dotall)
        if head["flags"] is not None and head[0] != "(?:":
            opener = self._flags(head["flags"], level if head[0].endswith(":") else outer)
            if head[0].endswith(")"):
                outer.scoped += [opener] if opener != "(?:" else []
                return opener if opener != "(?:" else ""
            self.levels.append(level)
            return opener
        self.levels.append(level)
        if head[0] in ("(?<=", "(?<!"):
            either = "|" if head[0] == "(?<=" else ""
            level.between, level.close = f"){either}{head[0]}", "))"
            return f"(?:{head[0]}"
        return f"(?P<{head['name']}>" if head["name"] else head[0]

    def _flags(self, flags: str, level: _Level) -> str:
        on, _, off = flags.partition("-")
        if unknown := set(on + off) - set("ims"):
            raise ValueError(f"flag {', '.join(sorted(unknown))} is not supported")
        level.multiline = ("m" in on or level.multiline) and "m" not in off
        level.dotall = ("s" in on or level.dotall) and "s" not in off
        return "(?-i:" if "i" in off else "(?i:" if "i" in on else "(?:"

    def _escape(self) -> tuple[str, str]:
        """The escape at `at`: its kind, and what stands for it (in brackets for 'set', 'not')."""
        java, at = self.java, self.at
        if code := _CODE.match(java, at):
            self.at = code.end()
            number = int(code[4], 8) if code[4] else int(code[1] or code[2] or code[3], 16)
            return "char", re.escape(chr(number))
        if named := _PROPERTY.match(java, at):
            self.at = named.end()
            return "set" if java[at + 1] == "p" else "not", _property(named[1] or named[2])
        if java.startswith(r"\k<", at):
            self.at = java.index(">", at) + 1
            return "else", f"(?P={java[at + 3 : self.at - 1]})"
        if java.startswith(r"\Q", at):
            end = java.find(r"\E", at)
            self.at = end + 2 if end >= 0 else len(java)
            return "char", re.escape(java[at + 2 : end if end >= 0 else len(java)])
        char = java[at + 1]
        self.at = at + 2
        if char == "c":
            self.at += 1
            return "char", re.escape(chr(ord(java[at + 2]) ^ 64))
        if char.lower() in _SETS:
            return "set" if char.islower() else "not", _SETS[char.lower()]
        if char in "bB":
            word = f"[_{_property('L')}{_property('Nd')}]"
            same = "=!" if char == "b" else "!="
            return "else", f"(?:(?<={word})(?{same[1]}{word})|(?<!{word})(?{same[0]}{word}))"
        if char in _ASSERTIONS:
            return "else", _ASSERTIONS[char]
        if char in _CONTROLS:
            return "char", _CONTROLS[char]
        if char.isascii() and char.isalpha():
            raise ValueError(f"escape \\{char} is not supported")
        return ("else", "\\" + char) if char.isdigit() else ("char", re.escape(char))

    def _set(self) -> str:
        """The character class whose `[` is behind: operands of `&&`, each a union."""
        negated = self.java[self.at] == "^"
        self.at += negated
        start, plain = self.at, [""]
        operands: list[list[str]] = [[]]
        while self.java[self.at] != "]" or self.at == start:
            char = self.java[self.at]
            if self.java.startswith("&&", self.at):
                self.at += 2
                operands.append([])
                plain.append("")
            elif char == "[":
                self.at += 1
                operands[-1].append(self._set())
            elif char == "\\":
                kind, value = self._escape()
                if kind == "not":
                    operands[-1].append(f"[^{value}]")
                elif kind == "else":
                    raise ValueError("a class holds an assertion or a back reference")
                else:
                    plain[-1] += value
                    if kind == "set" and self.java[self.at] == "-":
                        plain[-1] += r"\-"
                        self.at += 1
            else:
                self.at += 1
                plain[-1] += char if char == "-" else re.escape(char)
        self.at += 1
        unions = [_union(items, others) for items, others in zip(plain, operands, strict=True)]
        unions = [union for union in unions if union]
        if len(unions) == 1 and not operands[0] and len(operands) == 1:
            return f"[{'^' * negated}{plain[0]}]"
        both = "".join(f"(?={union})" for union in unions[:-1]) + unions[-1]
        return rf"(?:(?!{both})[\s\S])" if negated else f"(?:{both})"


def _union(items: str, others: list[str]) -> str:
    branches = [f"[{items}]"] if items else []
    return f"(?:{'|'.join([*branches, *others])})" if branches or others else ""


def _property(name: str) -> str:
    """What stands between brackets for a property: an ASCII class or a general category."""
    if name in _ASCII_SETS:
        return _ASCII_SETS[name]
    ranges = "".join(runs for category, runs in _categories().items() if category.startswith(name))
    if not ranges:
        raise ValueError(f"property {name} is not supported")
    return ranges


@lru_cache(maxsize=1)
def _categories() -> dict[str, str]:
    """The characters of each general category, as ranges between brackets."""
    ranges: dict[str, str] = {}
    for category, run in groupby(range(sys.maxunicode + 1), lambda c: unicodedata.category(chr(c))):
        first, *rest = run
        last = rest[-1] if rest else first
        ranges[category] = ranges.get(category, "") + rf"\U{first:08x}-\U{last:08x}"
    return ranges
