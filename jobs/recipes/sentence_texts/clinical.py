"""Well edited clinical notes, cut by a plain rule."""

# ruff: noqa: RUF001 (look-alike characters are meant here)

from __future__ import annotations

import json
import re
from pathlib import Path

from jobs.recipes.sentence_texts.marks import END, Sentences

_ABBREVIATED = re.compile(
    r"(?:^|[\s(\[\"“/])"
    r"(?:Drs?|Mrs?|Ms|Prof|St|Mt|Ft|vs|approx|Figs?|No|Nos|e\.g|i\.e|al|Jr|[A-Z])\.$"
)

_STOP = re.compile(r"[.?!]+[)\]\"'”’]*(?=\s+[\"“'(•\-A-Z0-9]|\s*$)")


def cut_clinical(line: str) -> Sentences:
    """Cut one line of a well edited note by a plain rule, right on nearly all of them."""
    found: Sentences = []
    begin = 0
    for match in _STOP.finditer(line):
        head = line[begin : match.end()]
        numbered = re.fullmatch(r"\s*(?:\d{1,2}|[A-Za-z])[.)]", head)
        doubled = line.startswith("  ", match.end()) and not re.search(r"(?:Dr|Mrs?|Ms)\.$", head)
        if numbered or (_ABBREVIATED.search(head) and not doubled):
            continue
        found.append(head.strip())
        begin = match.end()
    if line[begin:].strip():
        found.append(line[begin:].strip())
    return found


def real_notes(corpora: Path, held_out: frozenset[str]) -> list[str]:
    """Mark the ACI-BENCH notes as they are: every line break and every stop of the rule ends."""
    notes = map(json.loads, json_lines(corpora / "aci-bench/notes.jsonl"))
    return [_marked_note(note["text"]) for note in notes if note["note_id"] not in held_out]


def _marked_note(text: str) -> str:
    return "\n".join(" ".join(s + END for s in cut_clinical(line)) for line in text.splitlines())


def json_lines(path: Path) -> list[str]:
    """The lines of a file."""
    return path.read_text("utf-8").splitlines()
