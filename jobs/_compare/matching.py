"""The entities of two runs over the same notes, side by side."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from annotators.core.views.notes import Entity, Note
from jobs._report.run import Run
from jobs._run.exit_codes import InputError

KINDS = ("same", "label", "span", "lost", "new")
"""Same span and label; same span with another label; same label on a span that overlaps; only in
the first run; only in the second."""


Key = Callable[[Entity], tuple[object, ...]]


@dataclass
class Pair:
    """A note in both runs. found: (kind, entity of the first or None, of the second or None)."""

    first: Note
    second: Note
    found: list[tuple[str, Entity | None, Entity | None]] = field(default_factory=list)

    @property
    def differences(self) -> int:
        """How many entities are not the same."""
        return sum(kind != "same" for kind, _, _ in self.found)


def paired(first: Run, second: Run) -> list[Pair]:
    """The notes that both have, by id; of files without ids, by their order.

    Raises InputError where they share none, or where a note has two texts.
    """
    ours = {note.id: note for note in first.notes}
    theirs = {note.id: note for note in second.notes}
    shared = [i for i in ours if i in theirs]
    if not shared:
        raise InputError(
            f"{first.name} and {second.name} share no note: {len(ours)} and {len(theirs)} notes, "
            "none with the same id. Compare runs over the same notes; in IOB2 a line "
            "`-DOCSTART- id` names the note that begins."
        )
    return [_matched(ours[i], _fitted(ours[i], theirs[i])) for i in shared]


def _fitted(first: Note, second: Note) -> Note:
    """The second note with offsets into the first's text, which may differ in white space only."""
    if first.text == second.text:
        return second
    a, b = _places(first.text), _places(second.text)
    for (x, at), (y, other) in zip_longest(a, b, fillvalue=("", -1)):
        if x != y:
            raise InputError(
                f"note {first.id} has two texts: they differ from character {max(at, 0)} of the "
                f"first, {max(other, 0)} of the second. Compare runs over the same notes."
            )
    moved = {other: at for (_, at), (_, other) in zip(a, b, strict=True)}
    entities = []
    for entity in second.entities:
        inside = [moved[i] for i in range(entity.begin, entity.end) if i in moved]
        if inside:
            begin, end = inside[0], inside[-1] + 1
            entities.append(entity._replace(begin=begin, end=end, text=first.text[begin:end]))
    return Note(second.id, first.text, entities, second.sentences, second.error)


def _places(text: str) -> list[tuple[str, int]]:
    """Every character that is not white space, and where it stands."""
    return [(found.group(), found.start()) for found in re.finditer(r"\S", text)]


def _matched(first: Note, second: Note) -> Pair:
    pair = Pair(first, second)
    ours, theirs = _take(
        pair, "same", first.entities, second.entities, lambda e: (e.begin, e.end, e.label)
    )
    ours, theirs = _take(pair, "label", ours, theirs, lambda e: (e.begin, e.end))
    for entity in list(ours):
        other = next(
            (o for o in theirs if o.label == entity.label and o.begin < entity.end
             and entity.begin < o.end), None,
        )  # fmt: skip
        if other is not None:
            ours.remove(entity)
            theirs.remove(other)
            pair.found.append(("span", entity, other))
    pair.found += [("lost", entity, None) for entity in ours]
    pair.found += [("new", None, entity) for entity in theirs]
    return pair


def _take(
    pair: Pair, kind: str, ours: Sequence[Entity], theirs: Sequence[Entity], key: Key
) -> tuple[list[Entity], list[Entity]]:
    """Match entities of equal keys one to one; what is left of both."""
    waiting: dict[object, list[Entity]] = {}
    for entity in theirs:
        waiting.setdefault(key(entity), []).append(entity)
    left = []
    for entity in ours:
        others = waiting.get(key(entity))
        if others:
            pair.found.append((kind, entity, others.pop(0)))
        else:
            left.append(entity)
    return left, [entity for others in waiting.values() for entity in others]
