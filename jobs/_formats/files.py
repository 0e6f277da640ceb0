"""Which format a file or folder is in, and how a run is written in one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from annotators.core.views.notes import Note
from jobs._formats.brat import brat_files, read_brat
from jobs._formats.conll import conll_lines, read_conll
from jobs._formats.fhir import fhir_lines
from jobs._formats.jsonl import json_lines, read_jsonl
from jobs._report.page import write_page
from jobs._report.reading import read_run
from jobs._report.run import Run
from jobs._run.exit_codes import InputError
from jobs.sources.guard import local

LINES: dict[str, Callable[[Iterable[Note]], Iterator[str]]] = {
    "conll": conll_lines, "jsonl": json_lines, "fhir": fhir_lines,
}  # fmt: skip
FORMATS = ("brat", *LINES)
READERS = {
    ".jsonl": read_jsonl, ".ndjson": read_jsonl,
    ".tsv": read_conll, ".conll": read_conll, ".iob2": read_conll, ".iob": read_conll,
}  # fmt: skip


def read_notes_of(path: str) -> Run:
    """A run, or a folder or file of BRAT, IOB2 or JSON lines, as a run."""
    place = local(path)
    if place is not None and place.is_file():
        reader = READERS.get(place.suffix.lower())
        if reader is None:
            raise InputError(f"{path}: expected a run's folder, a BRAT folder, or a file that ends "
                             f"in {', '.join(READERS)}.")  # fmt: skip
        return _named(place, reader(place))
    if place is not None and place.is_dir() and next(place.glob("*.ann"), None):
        return _named(place, read_brat(place))
    return read_run(path)


def write_as(run: Run, kind: str, target: Path) -> None:
    """Write a run's notes in one of FORMATS: a new folder for BRAT, a file for the others."""
    if kind in LINES:
        write_page(target, "".join(LINES[kind](run.notes)))
        return
    if target.exists():
        raise InputError(f"{target} exists: BRAT needs a new folder, named with -o.")
    aside = None
    try:
        aside = Path(tempfile.mkdtemp(dir=target.absolute().parent))
        for name, text in brat_files(run.notes):
            (aside / name).write_bytes(text.encode("utf-8", "replace"))
        os.replace(aside, target)  # noqa: PTH105 (Path.replace says the same of folders)
    except OSError as failure:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
        raise InputError(f"cannot write {target}: {failure.strerror}. Name another place with -o."
                         ) from None  # fmt: skip


def _named(place: Path, notes: list[Note]) -> Run:
    if not notes:
        raise InputError(f"{place} holds no notes.")
    return Run(place.resolve().name, notes, {"File": place.name}, whole_texts=True)
