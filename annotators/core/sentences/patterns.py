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
import unicodedata

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


_LONGEST_BEFORE_STOP = len("s-12")


def _mark_lists(text: str) -> str:
    marked = text
    if "(" in text:
        marked = _LETTERED.sub(_ITEM, marked)
    if first := _LETTERED_START.match(text):
        marked = f"{BREAK}{OPEN}{first[0]}{CLOSE}{marked[first.end() :]}"
    return _NUMBERED.sub(_ITEM, marked) if text.startswith("-") else _mark_numbers(marked)


def _mark_numbers(text: str) -> str:
    """As `_NUMBERED.sub` does, but sought only around the stops that one may end with."""
    parts, done = [], 0
    for stop in _STOP_AFTER_DIGIT.finditer(text):
        reach = max(done, stop.start() - _LONGEST_BEFORE_STOP)
        if found := _NUMBERED.search(text, reach, stop.end()):
            parts += [text[done : found.start()], BREAK, OPEN, found[0], CLOSE]
            done = found.end()
    return "".join([*parts, text[done:]])


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
_HALF_DAY = re.compile(r"[aApP]\.[mM]\.*")


def _abbreviations(text: str, known: bool) -> str:
    """Keep initials whole, hold stops of possessives and, if asked to, of known abbreviations."""
    marked = _keep_initials(text)
    if ".m" in marked or ".M" in marked:
        marked = _HALF_DAY.sub(_KEPT, marked)
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
    """Keep from a quote behind white space to the last one in reach, with the character after it.

    That character must be no word character. Each reach is walked only once.
    """
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
