"""JNLPBA abstracts as written, with the sentence ends that the task's tokenised file has."""

from __future__ import annotations

import json
import re
from pathlib import Path

from annotators.core.chunks.iob2 import DOCUMENT
from jobs.recipes.sentence_texts.marks import Sentences
from jobs.recipes.sentence_texts.tokenised import iob_sentences


def abstracts(raw: Path, tokenised: Path) -> list[Sentences]:
    """JNLPBA abstracts as written, cut where the task's tokenised file cuts them."""
    blocks = iter([b for b in iob_sentences(tokenised) if not b.startswith(DOCUMENT)])
    marks = {squeeze(block): len(squeeze(block)) for block in blocks}
    by_start: dict[str, list[str]] = {}
    for key in marks:
        by_start.setdefault(key[:20], []).append(key)
    texts = (json.loads(line)["text"] for line in raw.read_text("utf-8").splitlines())
    return [cut for text in texts if (cut := _cut_like(text, by_start))]


def squeeze(text: str) -> str:
    """Drop white space, and keep with one kind of double quote."""
    return re.sub(r"\s+", "", text.replace("``", '"').replace("''", '"'))


def _cut_like(text: str, by_start: dict[str, list[str]]) -> Sentences:
    sentences: Sentences = []
    at = 0
    while at < len(text):
        rest = squeeze(text[at : at + 4000])
        known = [key for key in by_start.get(rest[:20], ()) if rest.startswith(key)]
        if not known:
            return []
        left = len(max(known, key=len))
        end = at
        while left:
            left -= not text[end].isspace()
            end += 1
        sentences.append(text[at:end].strip())
        while end < len(text) and text[end].isspace():
            end += 1
        at = end
    return sentences
