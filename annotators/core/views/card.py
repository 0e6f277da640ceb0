"""Notes as one piece of HTML for a notebook: it brings its style along and no script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import chain

from annotators.core.views.highlight import colours
from annotators.core.views.notes import Note, note_html
from annotators.core.views.style import style

SHEET = """
.nm-view{color-scheme:light dark;background:#fff;color:#1a1f26;border:1px solid #d9dee5;
 border-radius:10px;padding:.2rem 1.1rem;font:14px/1.5 system-ui,sans-serif;max-width:76rem}
.nm-view article{padding:.7rem 0}
.nm-view article+article{border-top:1px solid #d9dee5}
.nm-view .nm-id{font-weight:650;overflow-wrap:anywhere}
.nm-view .nm-error{color:#a3250f}
.nm-view table{font-size:.9em;border-collapse:collapse;color:inherit}
.nm-view :is(td,th){text-align:start;padding:.15rem .9rem .15rem 0;background:none}
.nm-view summary{cursor:pointer}
.nm-view .wide{overflow-x:auto}
@media (prefers-color-scheme:dark){.nm-view{background:#171b21;color:#e7eaee;border-color:#2c333c}
.nm-view .nm-error{color:#ff9d89}.nm-view article+article{border-color:#2c333c}}
"""


def card(notes: Sequence[Note], more: str = "") -> str:
    """The notes, one below the other, in a <div>. more: a line behind them, as plain text."""
    hues = colours(sorted(_labels(notes)))
    shown = "".join(_article(note, hues) for note in notes)
    told = f"<p>{escape(more)}</p>" if more else ""
    return f'<div class="nm-view"><style>{SHEET}{style(".nm-view")}</style>{shown}{told}</div>'


def _labels(notes: Iterable[Note]) -> set[str]:
    return {entity.label for entity in chain.from_iterable(note.entities for note in notes)}


def _article(note: Note, hues: dict[str, int]) -> str:
    name = f'<div class="nm-id" dir="auto">{escape(note.id)}</div>' if note.id else ""
    failed = f'<p class="nm-error">error: {escape(note.error)}</p>' if note.error else ""
    return f"<article>{name}{failed}{note_html(note, hues)}</article>"
