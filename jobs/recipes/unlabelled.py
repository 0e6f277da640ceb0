"""Tagged files without their tags: `python -m jobs.recipes.unlabelled OUT FILE …`.

OUT.jsonl holds texts for `jobs.adapt`, sentences joined up to WORDS words; OUT.tsv holds the same
sentences as IOB2 with O throughout, for `jobs.train --partial` with teachers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from annotators.core.chunks import iob2
from jobs._training import data

WORDS = 170


def joined(sentences: Iterable[tuple[str, ...]], words: int) -> Iterator[str]:
    """Texts of whole sentences, each ended by the sentence that takes it over `words` words."""
    text: list[str] = []
    for sentence in sentences:
        text += sentence
        if len(text) > words:
            yield " ".join(text)
            text = []
    if text:
        yield " ".join(text)


def main(
    out: Annotated[Path, typer.Argument(help="file to write: .jsonl or .tsv")],
    files: Annotated[list[Path], typer.Argument(help="tagged files")],
    every: Annotated[int, typer.Option(help="take one sentence of so many", min=1)] = 1,
) -> None:
    """Write the sentences of FILES without their tags."""
    if out.suffix not in (".jsonl", ".tsv"):
        raise typer.BadParameter(f"found {out.name}, expected a name that ends in .jsonl or .tsv")
    rows = []
    for path in files:
        sentences = [e.tokens for e in data.read_tagged(path, {}).examples][::every]
        if out.suffix == ".jsonl":
            rows += [json.dumps({"text": text}) + "\n" for text in joined(sentences, WORDS)]
        else:
            rows += [iob2.block((token, "O") for token in tokens) for tokens in sentences]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(rows), encoding="utf-8")
    typer.echo(f"{len(rows)} rows written")


if __name__ == "__main__":
    typer.run(main)
