"""A text as its reader sees it, character for character as long, so that offsets into it hold.

Notes that come by way of web pages, PDF and word processors have blanks outside ASCII, tags and
references of HTML, and characters without a width. None of them parts or joins words for a reader.
"""

from __future__ import annotations

import html
import re

_WIDTHLESS = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_FILLER = "\u200b"
_BLANKS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_LINE_ENDS = "\x0b\x0c\x85\u2028\u2029"
_UNUSUAL = re.compile(f"[{_WIDTHLESS}{_BLANKS}{_LINE_ENDS}]|&[A-Za-z#]|<[A-Za-z/!]")
UNUSUAL = re.compile(f"[{_WIDTHLESS}{_BLANKS}{_LINE_ENDS}&<]")
"""A text without any of these is seen as it is written."""

_ENDS_LINES = (
    "address|article|blockquote|body|br|caption|center|dd|div|dl|dt|footer|form|h[1-6]|head|header|"
    "hr|html|li|ol|p|pre|section|table|tbody|tfoot|thead|title|tr|ul"
)
_WITHIN_LINES = (
    "a|b|big|code|del|em|font|i|img|ins|label|mark|o:p|q|s|small|span|strike|strong|sub|sup|td|th|"
    "tt|u|var"
)
_ATTRIBUTE = (
    r"""\s{1,20}[\w:-]{1,40}\s{0,9}=\s{0,9}(?:"[^"<>]{0,999}"|'[^'<>]{0,999}'|[^\s"'<>=]{1,999})"""
)
_TAG = re.compile(
    rf"</?(?:({_ENDS_LINES})|{_WITHIN_LINES})(?:{_ATTRIBUTE}){{0,30}}\s{{0,20}}/?>",
    re.IGNORECASE,
)
_NO_BREAK = re.compile(r"&(?:amp;){0,3}nbsp;?", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_IN_WORD = r"[^\s!-/:-@\[-`{-~]"
_WORD = re.compile(f"{_IN_WORD}+")
_WIDTHLESS_RUN = re.compile(f"[{_WIDTHLESS}]+")
_OTHERS = {
    **{ord(c): "\n" for c in _LINE_ENDS},
    **dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
}


def seen(text: str) -> str:
    r"""The text with blanks for what a reader sees as blank, and `\n` for what ends a line.

    Tags and comments of HTML become blanks, those of blocks end lines; a reference is its
    character, and characters without a width behind it as far as it was long. Those within words
    stay where they are (`letters` takes them out), others become blanks.
    """
    if not _UNUSUAL.search(text):
        return text
    text = _NO_BREAK.sub(_blank, _TAG.sub(_of_tag, _without_comments(text)))
    text = _REFERENCE.sub(_character, text).translate(_OTHERS)
    return _WIDTHLESS_RUN.sub(_unless_in_word, text)


def seen_whole(text: str) -> str:
    """`seen`, but that words are whole: what stood within a word stands behind it, as blanks."""
    found = seen(text)
    return found if found is text else _WORD.sub(_moved, found)


def letters(word: str) -> str:
    """A word without characters that have no width."""
    return word if word.isascii() else _WIDTHLESS_RUN.sub("", word)


def _without_comments(text: str) -> str:
    parts: list[str] = []
    at = 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin + 4)) >= 0:
        parts += [text[at:begin], " " * (end + 3 - begin)]
        at = end + 3
    return "".join([*parts, text[at:]])


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _of_tag(found: re.Match[str]) -> str:
    return ("\n" if found[1] else " ") + " " * (len(found[0]) - 1)


def _character(found: re.Match[str]) -> str:
    meant = html.unescape(found[0])
    if meant == found[0] or len(meant) > len(found[0]):
        return found[0]
    if meant.isspace():
        return _blank(found)
    return meant + _FILLER * (len(found[0]) - len(meant))


def _unless_in_word(found: re.Match[str]) -> str:
    """What has no width belongs to a word that has characters before and behind it."""
    text, begin, end = found.string, found.start(), found.end()
    inside = begin > 0 and _WORD.match(text, begin - 1, begin) and _WORD.match(text, end, end + 1)
    return found[0] if inside else _blank(found)


def _moved(found: re.Match[str]) -> str:
    return letters(found[0]).ljust(len(found[0]))
