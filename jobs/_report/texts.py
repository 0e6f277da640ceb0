"""The texts of a run's notes, read again from its input as `notemill annotate` reads it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from annotators.core.seen import seen
from jobs._report.run import Run
from jobs._run.exit_codes import InputError
from jobs._run.spark import spark_session
from jobs.sources.files import files_at, read_notes
from jobs.sources.guard import keep_input


def with_texts(run: Run, notes: str, id_col: str, text_col: str, report: Path) -> None:
    """Give the run's notes the texts of their input; raise InputError where these do not fit."""
    spark = spark_session("notemill report", None)
    files = files_at(spark, notes)
    keep_input(notes, [file.path for file in files], [str(report)])
    frame = read_notes(spark, notes, None, id_col, text_col, names=("id", "text"), files=files)
    texts = {str(i): text for i, text in frame.select("id", "text").collect()}
    for note in run.notes:
        if note.error is not None:
            continue
        text = texts.get(note.id)
        if run.sha256 is not None:
            same = _hash(text) == run.sha256.get(note.id)
        else:
            same = text is not None and fits(note.text, text)
        if not same:
            raise InputError(
                f"{notes} is not what this run was made of: note {note.id} is missing there or "
                "has another text. Name the run's own input with --notes, or leave out --notes."
            )
        note.text = text or ""
    run.whole_texts = True


def _hash(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def fits(rebuilt: str, text: str) -> bool:
    """Whether a text is the rebuilt one, except for what no reader sees between its sentences."""
    return len(rebuilt) <= len(text) and seen(rebuilt).split() == seen(text).split()
