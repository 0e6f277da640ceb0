"""The page of a comparison: figures, and notes that differ with both runs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from annotators.core.views.highlight import Span, colours, highlighted
from annotators.core.views.notes import Entity
from jobs._compare.matching import Pair
from jobs._report.page import page

TOLD = {
    "label": "other label", "span": "other span", "lost": "only here", "new": "only here",
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A note that differs: its two texts as HTML."""

    id: str
    differences: int
    first: Markup
    second: Markup


def compare_page(
    names: tuple[str, str], pairs: Sequence[Pair], found: Mapping[str, Any], most: int
) -> tuple[str, int]:
    """The HTML of a comparison in about `most` characters, and how many differing notes it shows.

    Those that differ most come first.
    """
    hues = colours(found["labels"])
    shown: list[Shown] = []
    size = 0
    for pair in sorted(pairs, key=lambda pair: -pair.differences):
        if not pair.differences:
            break
        note = _shown(pair, hues)
        size += len(note.first) + len(note.second)
        if shown and size > most:
            break
        shown.append(note)
    html = page(
        "compare.html.j2", None,
        names=names, found=found, notes=shown, told=TOLD,
    )  # fmt: skip
    return html, len(shown)


def _shown(pair: Pair, hues: Mapping[str, int]) -> Shown:
    first = [_span(kind, a, hues) for kind, a, _ in pair.found if a is not None]
    second = [_span(kind, b, hues) for kind, _, b in pair.found if b is not None]
    text = pair.first.text
    return Shown(
        pair.first.id,
        pair.differences,
        Markup(highlighted(text, first, "title")),  # noqa: S704 (escaped by highlighted)
        Markup(highlighted(text, second, "title")),  # noqa: S704 (escaped by highlighted)
    )


def _span(kind: str, entity: Entity, hues: Mapping[str, int]) -> Span:
    differs = kind != "same"
    tag = f"{entity.label} \u00b7 {TOLD[kind]}" if differs else entity.label
    score = "" if entity.score is None else f", score {entity.score:.3f}"
    classes = ("differs",) if differs else ("same",)
    return Span(entity.begin, entity.end, tag, hues[entity.label], f"{tag}{score}", classes)
