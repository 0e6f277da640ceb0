"""medspaCy's ConText over given sentences and chunks, in an environment of its own.

    python benchmarks/assertion/medspacy_context.py annotated.jsonl

It has its default rules. spaCy's documents are made before a pass, their sentences and entities set
as they are given. For each line on stdin it runs a pass and prints, as JSON, the seconds of CPU
that the documents took and those that ConText took; for `tell` what it says of each chunk. Imports
nothing of Notemill.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import spacy
from medspacy.context import ConText


def document(nlp: Any, note: Any) -> tuple[Any, list[Any]]:
    doc = nlp.make_doc(note["text"])
    begins = {begin for begin, _, _ in note["sentences"]}
    starts = sorted(begins)
    at = 0
    for token in doc:
        first = False
        while at < len(starts) and token.idx >= starts[at]:
            first, at = True, at + 1
        token.is_sent_start = first or token.i == 0
    spans = [doc.char_span(b, e, "Disease", alignment_mode="expand") for b, e, _ in note["chunks"]]
    doc.ents = spacy.util.filter_spans(span for span in spans if span is not None)
    return doc, spans


def told(doc: Any, spans: Sequence[Any]) -> Iterator[Any]:
    """What ConText says of the entity at each chunk; None where spaCy has none there."""
    known = {(ent.start, ent.end): ent for ent in doc.ents}
    for span in spans:
        ent = known.get((span.start, span.end)) if span is not None else None
        yield ent and {
            "negated": ent._.is_negated,
            "historical": ent._.is_historical,
            "other": ent._.is_family,
        }


def main() -> None:
    notes = [json.loads(line) for line in Path(sys.argv[1]).read_text("utf-8").splitlines()]
    nlp = spacy.blank("en")
    context = ConText(nlp, rules="default")
    for line in sys.stdin:
        started = time.process_time()
        made = [document(nlp, note) for note in notes]
        documents = time.process_time() - started
        started = time.process_time()
        for doc, _ in made:
            context(doc)
        taken = time.process_time() - started
        chunks = sum(len(doc.ents) for doc, _ in made)
        answer = {"documents": documents, "context": taken, "chunks": chunks}
        if line.strip() == "tell":
            answer["told"] = [list(told(doc, spans)) for doc, spans in made]
        print(json.dumps(answer), flush=True)


main()
