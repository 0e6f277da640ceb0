"""Sentences of the corpora for the metastasis classifier: detokenised, split, each with an id.

A sentence's id is stable: hallmarks `pmid-number`; IOB2 files `corpus-split-block` (blocks counted
from 0); running text `document-begin`, where begin is the first character in the document's text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NOTES = {"aci-bench": "aci-bench/notes.jsonl", "mts-dialog": "mts-dialog/sections.jsonl"}
_BREAK = re.compile(r"\n+|(?<=[.?!])\s+(?=[A-Z0-9(\"])")


@dataclass(frozen=True)
class Sentence:
    """One sentence; `document` is what a split keeps together.

    `invasion`: the Hallmarks corpus labels it "Activating invasion and metastasis".
    """

    text: str
    source: str
    document: str
    id: str
    invasion: bool = False


def detokenise(text: str) -> str:
    """Text whose punctuation stands apart (`a , b ( c )`) as it is written (`a, b (c)`)."""
    text = " ".join(text.split())
    text = re.sub(r" ([,.;:?!%)\]])", r"\1", text)
    text = re.sub(r"([(\[]) ", r"\1", text)
    return re.sub(r" ' ?s\b", "'s", text)


def _join(tokens: list[str]) -> str:
    """Tokens of an IOB2 file, which splits at hyphens and slashes, as text."""
    text = detokenise(" ".join(tokens))
    for _ in range(2):  # `a - b - c`: the first pass can't see the second hyphen's left side
        text = re.sub(r"(?<=\w) ([-/]) (?=\w)", r"\1", text)
    return re.sub(r"(\d\.) (\d)", r"\1\2", text)


def split_sentences(text: str) -> Iterator[tuple[int, str]]:
    """(begin, sentence) of running text: breaks at line ends and after . ? ! before a capital."""
    start = 0
    for stop, after in [*((m.start(), m.end()) for m in _BREAK.finditer(text)), (len(text), 0)]:
        piece = text[start:stop]
        bare = piece.strip(" -•\t")
        if bare:
            yield start + piece.index(bare), bare
        start = after


def _lines(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def hallmarks(corpora: Path) -> Iterator[Sentence]:
    """Sentences of the Hallmarks of Cancer abstracts (GPL-3.0), document = pmid."""
    for row in _lines(corpora / "hallmarks-of-cancer" / "sentences.jsonl"):
        pmid, labels = str(row["pmid"]), row["labels"]
        assert isinstance(labels, list)
        invasion = any("invasion and metastasis" in label for label in labels)
        name = f"{pmid}-{row['sentence']}"
        yield Sentence(detokenise(str(row["text"])), "hallmarks", pmid, name, invasion)


def iob2(corpora: Path, corpus: str, split: str) -> Iterator[Sentence]:
    """Sentences of bc5cdr or ncbi-disease; the files name no documents, so a split is one."""
    blocks = (corpora / corpus / f"{split}.tsv").read_text(encoding="utf-8").split("\n\n")
    for number, block in enumerate(blocks):
        tokens = [line.split("\t")[0] for line in block.splitlines() if line]
        if tokens:
            yield Sentence(_join(tokens), corpus, f"{corpus}-{split}", f"{corpus}-{split}-{number}")


def _running(source: str, document: str, text: str) -> Iterator[Sentence]:
    for begin, sentence in split_sentences(text):
        yield Sentence(sentence, source, document, f"{document}-{begin}")


def jnlpba(corpora: Path, split: str) -> Iterator[Sentence]:
    """Sentences of JNLPBA abstracts; train abstracts that are in test too are left out."""
    held = {str(row["id"]) for row in _lines(corpora / "jnlpba" / "test.jsonl")}
    for row in _lines(corpora / "jnlpba" / f"{split}.jsonl"):
        # the distribution repeats some abstracts under `id-2`
        if split == "test" or str(row["id"]).split("-")[0] not in held:
            yield from _running("jnlpba", str(row["id"]), str(row["text"]))


def notes(corpora: Path, source: str) -> Iterator[Sentence]:
    """Sentences of aci-bench or mts-dialog, document = note id."""
    for row in _lines(corpora / _NOTES[source]):
        yield from _running(source, str(row["note_id"]), str(row["text"]))
