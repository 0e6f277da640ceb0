"""BC5CDR devel sentences joined by blanks: prose whose sentence boundaries are known.

    python -m jobs.recipes.sentence_detector.joined_prose CORPORA bc5cdr_devel_joined.jsonl

writes the set that the sentence detector's card names, for `notemill evaluate`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from jobs.recipes.sentence_detector.exact_spans import Span, SpannedText
from jobs.recipes.sentence_texts.tokenised import grouped, iob_sentences, mended


def joined_prose(corpora: Path) -> list[SpannedText]:
    """Paragraphs of BC5CDR devel sentences, eight a text, one blank between them."""
    documents = grouped(mended(iob_sentences(corpora / "bc5cdr/devel.tsv")))
    return [_joined(document) for document in documents]


def _joined(document: list[str]) -> SpannedText:
    spans: list[Span] = []
    at = 0
    for sentence in document:
        spans.append((at, at + len(sentence)))
        at += len(sentence) + 1
    return SpannedText(" ".join(document), tuple(spans))


def main(
    corpora: Annotated[Path, typer.Argument(help="folder of the corpora")],
    out: Annotated[Path, typer.Argument(help="JSON lines file to write")],
) -> None:
    """Write the texts and their spans."""
    rows = ({"text": t.text, "sentences": t.sentences} for t in joined_prose(corpora))
    out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


if __name__ == "__main__":
    typer.run(main)
