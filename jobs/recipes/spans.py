"""JSON lines with character spans to IOB2 files: `python -m jobs.recipes.spans IN OUT`.

A row is {"text", "entities": [{"begin", "end" (exclusive), "label"}]}; without "entities" every
word is O, as a file of texts for teachers has it (`jobs.train --teacher`). Texts are cut into
sentences at line ends and at full stops before a capital, digit or bracket (never inside an
entity), sentences into words: split at white space, brackets, quotes, per cent signs and commas,
and at the edges of entities; full stops, colons and the like come off the end of a word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer

from annotators.core.chunks import iob2

_BREAK = re.compile(r"(?<=[.?!])[ \t]+(?=[A-Z0-9(\[\"'])|\n+")
_NO_BREAK = re.compile(r"(?:\b(?:e\.g|i\.e|vs|cf|al|Fig|approx|ca|sp|resp|no)\.|\b[A-Z]\.)$")
_WORD = re.compile(r"[()\[\]{}\",;%]|'+(?!\w)|[^\s()\[\]{}\",;%]+")
_TAIL = re.compile(r"^(.+?)([.:?!'])$")

Span = tuple[int, int, str]


def sentences(text: str, spans: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """(begin, end) of sentences; no entity is cut."""
    start = 0
    for found in _BREAK.finditer(text):
        inside = any(b < found.end() and found.start() < e for b, e, _ in spans)
        if inside or ("\n" not in found.group() and _NO_BREAK.search(text[start : found.start()])):
            continue
        yield start, found.start()
        start = found.end()
    yield start, len(text)


def words(text: str, begin: int, end: int, edges: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(begin, end) of the words of text[begin:end]."""
    cuts = [begin, *(e for e in edges if begin < e < end), end]
    for left, right in pairwise(cuts):
        for found in _WORD.finditer(text, left, right):
            tail = _TAIL.match(found.group())
            # only the last word before a gap loses its stop: "5.2" and "p50." inside stay whole
            gap = found.end() == end or not text[found.end() : found.end() + 1].strip()
            if tail and gap:
                middle = found.start() + len(tail.group(1))
                yield found.start(), middle
                yield middle, found.end()
            else:
                yield found.start(), found.end()


def outermost(entities: Sequence[dict[str, Any]]) -> list[Span]:
    """Entities as spans in order, a nested or overlapping one dropped for the longer."""
    kept: list[Span] = []
    for e in sorted(entities, key=lambda e: (e["begin"] - e["end"], e["begin"])):
        span = (int(e["begin"]), int(e["end"]), str(e["label"]))
        if all(span[1] <= b or span[0] >= t for b, t, _ in kept):
            kept.append(span)
    return sorted(kept)


def rows(text: str, entities: Sequence[dict[str, Any]]) -> Iterator[list[tuple[str, str]]]:
    """Sentences of (token, IOB2 tag) pairs of one text."""
    spans = outermost(entities)
    edges = sorted({p for b, e, _ in spans for p in (b, e)})
    for begin, end in sentences(text, spans):
        out = []
        previous = -1
        for left, right in words(text, begin, end, edges):
            hit = next((i for i, (b, e, _) in enumerate(spans) if b <= left and right <= e), -1)
            tag = "O" if hit < 0 else f"{'I' if hit == previous else 'B'}-{spans[hit][2]}"
            previous = hit
            out.append((text[left:right], tag))
        if out:
            yield out


def main(
    source: Annotated[Path, typer.Argument(help="JSON lines with spans")],
    out: Annotated[Path, typer.Argument(help="IOB2 file to write")],
    without: Annotated[
        Path | None, typer.Option(help="IOB2 file: texts that open with one of its sentences go")
    ] = None,
) -> None:
    """Write SOURCE as IOB2."""
    held: set[str] = set()
    if without:
        blocks = without.read_text(encoding="utf-8").split("\n\n")
        held = {_key("".join(line.split("\t")[0] for line in b.splitlines())) for b in blocks}
    kept = dropped = 0
    with source.open(encoding="utf-8") as lines, out.open("w", encoding="utf-8") as file:
        for line in lines:
            row = json.loads(line)
            found = list(rows(row["text"], row.get("entities", ())))
            if any(_key("".join(t for t, _ in s)) in held for s in found if len(s) > 5):
                dropped += 1
                continue
            kept += 1
            for sentence in found:
                file.write(iob2.block(sentence))
    typer.echo(f"{kept} texts written, {dropped} left out")


def _key(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()


if __name__ == "__main__":
    typer.run(main)
