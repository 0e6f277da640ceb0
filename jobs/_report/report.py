"""The page of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotators.core.views.highlight import colours
from jobs._report.page import page
from jobs._report.pages import packed
from jobs._report.run import Run


def report_page(run: Run, figures: Mapping[str, Any], most: int) -> tuple[str, int]:
    """The HTML of a run in about `most` characters, and how many of its notes it shows."""
    hues = colours(figures["labels"])
    notes = packed(run.notes, hues, most - 60_000)
    html = page(
        "report.html.j2", "report.js",
        run=run, figures=figures, notes=notes, colours=hues,
    )  # fmt: skip
    return html, notes.shown
