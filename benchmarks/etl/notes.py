"""Notes to measure a night on: those of ACI-BENCH and MTS-Dialog, as many as are asked for.

Of MTS-Dialog's single sections neighbours are joined to notes. A corpus is taken over and over, and
each sentence says a day of its own, so that hardly a sentence comes twice: what a model has seen in
a batch it is not asked again. Headings repeat, as they do in an archive.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import count, cycle, islice
from pathlib import Path

from benchmarks.workload import read_texts

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
SECTIONS = 8
"""Sections of MTS-Dialog that make a note of some 2,600 characters, as ACI-BENCH's have."""
_END = re.compile(r"(?<=[a-z])\.(?=\s|$)")


def read_notes(corpora: Path = CORPORA) -> list[str]:
    """The notes of both corpora, once each."""
    whole = read_texts(corpora / "aci-bench" / "notes.jsonl")
    parts = read_texts(corpora / "mts-dialog" / "sections.jsonl")
    starts = range(0, len(parts), SECTIONS)
    return [*whole, *("\n\n".join(parts[at : at + SECTIONS]) for at in starts)]


def varied(texts: Sequence[str], notes: int, characters: int | None = None) -> list[str]:
    """So many notes, each sentence on a day of its own; the same in every call.

    characters: where a note is cut, at a blank before it.
    """
    days = count(1)
    return [_on_days(_cut(text, characters), days) for text in islice(cycle(texts), notes)]


def write_jsonl(path: Path, texts: Sequence[str]) -> Path:
    """A line for each note, its place as its id."""
    lines = (json.dumps({"note_id": i, "text": text}) + "\n" for i, text in enumerate(texts))
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _on_days(text: str, days: Iterator[int]) -> str:
    return _END.sub(lambda _: f" on day {next(days)}.", text)


def _cut(text: str, characters: int | None) -> str:
    if characters is None or len(text) <= characters:
        return text
    return text[:characters].rsplit(maxsplit=1)[0]
