"""display: annotated notes in a notebook, with their entities marked as in `notemill report`.

    from annotators import display

    display(model.transform(notes), note_id="D2N001")
    display(LightPipeline(model).fullAnnotate("No fever. Chest pain."))

What it gives is shown by Jupyter where it is a cell's last value; `str` of it is the HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from annotators.annotation import Annotation
from annotators.core.errors import InputColumnError, ParamError
from annotators.core.views.annotated import Found, note_of
from annotators.core.views.card import card
from annotators.core.views.notes import Note
from annotators.schema import DOCUMENT, annotator_type_of, quoted

FIRST = 5
ERROR = "error"
"""The column that tells why a note has no annotations, where there is one of this name."""


@dataclass(frozen=True)
class View:
    """Notes as HTML: what a notebook shows. It holds the text of the notes."""

    html: str
    notes: int

    def _repr_html_(self) -> str:
        return self.html

    def __str__(self) -> str:
        """The HTML, to write to a file or to put into a page."""
        return self.html

    def __repr__(self) -> str:
        """How much is shown, without text."""
        return f"View(notes={self.notes})"


class FullAnnotations(list[dict[str, list[Annotation]]]):
    """LightPipeline's list of dicts, which a notebook shows as `display` does.

    texts: what was annotated, shown where no column of the pipeline holds the text.
    """

    def __init__(
        self, annotated: Iterable[dict[str, list[Annotation]]] = (), texts: Iterable[str] = ()
    ) -> None:
        super().__init__(annotated)
        self.texts = tuple(texts)

    def _repr_html_(self) -> str:
        return display(self).html


Columns = Mapping[str, Sequence[Annotation]]


def display(
    annotated: DataFrame | Columns | Sequence[Columns],
    note_id: Any = None,
    id_col: str | None = None,
    most: int = FIRST,
) -> View:
    """The notes of a transformed DataFrame, or of LightPipeline's `fullAnnotate`, for a notebook.

    note_id: the note to show, by its value in `id_col`, or by its place in a list; the first `most`
    notes where it is None. id_col: `note_id` or `id`, whichever is there, by default.

    Raises InputColumnError for a DataFrame without annotations or without id_col, and ParamError
    for a note_id that is not there. Of a DataFrame only the rows that are shown are computed.
    """
    if isinstance(annotated, Mapping):
        return _of_list([annotated], note_id, most)
    if isinstance(annotated, Sequence):
        return _of_list(annotated, note_id, most)
    return _of_rows(annotated, note_id, id_col, most)


def _of_list(annotated: Sequence[Columns], note_id: Any, most: int) -> View:
    if note_id is not None and note_id not in range(len(annotated)):
        raise ParamError(
            f"display: note_id is {note_id!r}; in a list it is a place, from 0 to "
            f"{len(annotated) - 1}."
        )
    texts = annotated.texts if isinstance(annotated, FullAnnotations) else ()
    places = range(len(annotated)) if note_id is None else range(note_id, note_id + 1)
    notes = [
        note_of(_found(annotated[place]), text=texts[place] if place < len(texts) else "")
        for place in places[:most]
    ]
    return _view(notes, len(places) > most, most)


def _of_rows(frame: DataFrame, note_id: Any, id_col: str | None, most: int) -> View:
    columns = [f.name for f in frame.schema.fields if annotator_type_of(f) is not None]
    if not columns:
        raise InputColumnError(
            f"display: no column holds annotations. Columns that exist: {', '.join(frame.columns)}."
            " Show what a pipeline's transform gives."
        )
    known = _id_column(frame.columns, id_col)
    if note_id is not None:
        if known is None:
            raise InputColumnError.missing("display", "note_id", frame.columns)
        frame = frame.where(F.col(quoted(known)) == note_id)
    error = [c for c in (ERROR,) if c in frame.columns and c != known]
    kept = [*([known] if known else []), *columns, *error]
    rows = frame.select(*map(quoted, kept)).limit(most + 1).collect()
    if note_id is not None and not rows:
        raise ParamError(f"display: no row has that note_id in its column {known}.")
    notes = [_note(row, known, columns, bool(error)) for row in rows[:most]]
    return _view(notes, len(rows) > most, most)


def _id_column(columns: Sequence[str], id_col: str | None) -> str | None:
    """The column of ids; None where there is none and none was asked for."""
    if id_col is None:
        return next((name for name in ("note_id", "id") if name in columns), None)
    if id_col not in columns:
        raise InputColumnError.missing("display", id_col, columns)
    return id_col


def _note(row: Row, known: str | None, columns: Sequence[str], failed: bool) -> Note:
    found = _found({c: [Annotation.fromRow(a) for a in row[c] or []] for c in columns})
    shown = "" if known is None else str(row[known])
    return note_of(found, shown, error=row[ERROR] if failed else None)


def _found(columns: Columns) -> dict[str, list[Found]]:
    """The annotations as values of the core. Raises ParamError where they are of several texts."""
    for column, row in columns.items():
        begins = [a.begin for a in row if a.annotatorType == DOCUMENT]
        if begins != sorted(begins) or begins.count(0) > 1:
            raise ParamError(
                f"display: a row of {column} holds several texts; explode the array of texts first."
            )
    return {
        column: [Found(a.annotatorType, a.begin, a.end, a.result, a.metadata) for a in row]
        for column, row in columns.items()
    }


def _view(notes: Sequence[Note], more: bool, most: int) -> View:
    told = f"The first {most} notes are shown; display(..., most=N) shows more." if more else ""
    return View(card(notes, told), len(notes))
