"""A text put together again from its sentences, so that offsets into it hold."""

from __future__ import annotations

from collections.abc import Iterable

BULLETS = ("\u2022", "\u00b7", "- ", "* ")


def rebuilt(sentences: Iterable[tuple[int, int, str]]) -> str:
    """The text that sentences (begin, end inclusive, text) come from, with blanks between them.

    A gap is as long as it was, so offsets hold. What stood there is white space that is not kept:
    one blank for one character, line breaks for more of them and before a bullet.
    """
    parts: list[str] = []
    at = 0
    for begin, end, text in sorted(sentences):
        if begin < at:
            continue
        parts += (_gap(begin - at, text), text[: end + 1 - begin].ljust(end + 1 - begin))
        at = end + 1
    return "".join(parts)


def _gap(length: int, after: str) -> str:
    breaks = min(length, 2) if length > 1 or after.startswith(BULLETS) else 0
    return "\n" * breaks + " " * (length - breaks)
