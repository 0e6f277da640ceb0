"""What texts are made of: sentences of the corpora, as documents, clinical ones and items."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from jobs.recipes.sentence_texts.abstracts import abstracts
from jobs.recipes.sentence_texts.clinical import cut_clinical, json_lines
from jobs.recipes.sentence_texts.marks import Sentences
from jobs.recipes.sentence_texts.tokenised import grouped, iob_sentences, mended


@dataclass(frozen=True)
class Pools:
    """What texts are made of: documents of sentences, and clinical sentences and short items."""

    documents: list[Sentences]
    clinical: Sentences
    items: Sentences


def load_pools(corpora: Path, held_out: frozenset[str]) -> Pools:
    """Read the corpora folder; notes and sections named in `held_out` are left out."""
    documents: list[Sentences] = []
    for name in ("bc5cdr", "ncbi-disease", "wikigold"):
        documents += grouped(mended(iob_sentences(corpora / name / "train.tsv")))
    documents += abstracts(corpora / "jnlpba/train.jsonl", corpora / "jnlpba/devel.tsv")
    hallmarks = map(json.loads, json_lines(corpora / "hallmarks-of-cancer/sentences.jsonl"))
    documents += grouped(mended(row["text"] for row in hallmarks))
    reviews = [json.loads(line)["text"] for line in json_lines(corpora / "sst/train.jsonl")]
    documents += grouped(reviews[:3000])
    clinical: Sentences = []
    items: Sentences = []
    for note in map(json.loads, json_lines(corpora / "aci-bench/notes.jsonl")):
        if note["note_id"] not in held_out:
            for line in filter(None, map(str.strip, note["text"].splitlines())):
                (items if len(line) < 60 else clinical).extend(cut_clinical(line.lstrip("•- ")))
    for section in map(json.loads, json_lines(corpora / "mts-dialog/sections.jsonl")):
        if section["note_id"] not in held_out:
            sentences = [s for line in section["text"].splitlines() for s in cut_clinical(line)]
            (clinical if len(sentences) > 1 else items).extend(sentences)
            if len(sentences) > 2:
                documents.append(sentences)
    return Pools(documents, [s for s in clinical if s], [s for s in items if s])
