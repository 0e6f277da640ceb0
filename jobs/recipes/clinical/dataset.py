"""MACCROBAT's case reports as IOB2 files: `python -m jobs.recipes.clinical.dataset CORPUS OUT`.

CORPUS holds train, devel and test as JSON lines {id, text, entities: [[begin, end, label], …]},
where a fourth item lists the parts of a discontinuous entity. Sentences and tokens are those that
the pipeline makes of a note: SentenceDetector with breakAtLines, Tokenizer.

IOB2 knows flat entities only, so
- of nested or overlapping entities of kept types the longest stays (of two as long, the first in
  the order of KEPT),
- of a discontinuous entity its longest part stays,
- a token belongs to an entity that has at least half of its characters; an entity without a token
  goes, one that runs past the end of a sentence is an entity in each.
What went is counted and told.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from annotators.core.chunks import iob2
from annotators.core.plan import run_plan
from jobs._training.notes import TO_TOKENS

PARTS = ("train", "devel", "test")
KEPT: Mapping[str, str] = {
    "Disease_disorder": "Disease_disorder",
    "Sign_symptom": "Sign_symptom",
    "Medication": "Medication",
    "Dosage": "Dosage",
    "Administration": "Dosage",
    "Frequency": "Dosage",
    "Lab_value": "Lab_value",
    "Diagnostic_procedure": "Diagnostic_procedure",
    "Therapeutic_procedure": "Therapeutic_procedure",
    "Biological_structure": "Biological_structure",
    "Severity": "Severity",
    "Date": "Date",
    "Duration": "Duration",
    "Age": "Age",
    "Sex": "Sex",
    "Clinical_event": "Clinical_event",
}
"""Labels of the corpus that are learnt, and by what name.

Left out: History and Family_history, clauses of 30 characters and more that say when and of whom,
around (or over the very span of) what the other types name, and which assertion tells of each
entity; Detailed_description, Coreference and the like, which name nothing to count; and types with
too few examples to learn.
"""
_RANK = {label: rank for rank, label in enumerate(KEPT)}

Span = tuple[int, int, str]


def flat(entities: Sequence[Sequence[Any]], counts: Counter[str]) -> list[Span]:
    """Disjoint (begin, end, type) in order, of a report's entities; what went is counted."""
    wanted = []
    for begin, end, label, *parts in entities:
        if label not in KEPT:
            continue
        counts["entities of kept types"] += 1
        if parts:
            counts["discontinuous, longest part kept"] += 1
            begin, end = max(parts[0], key=lambda part: part[1] - part[0])  # noqa: PLW2901
        wanted.append((int(begin), int(end), label))
    kept: list[Span] = []
    for begin, end, label in sorted(wanted, key=lambda s: (s[0] - s[1], _RANK[s[2]], s[0])):
        if all(end <= b or begin >= e for b, e, _ in kept):
            kept.append((begin, end, KEPT[label]))
        else:
            counts["nested or overlapping, left out"] += 1
    return sorted(kept)


def tagged(
    text: str, entities: Sequence[Sequence[Any]], counts: Counter[str]
) -> Iterator[list[tuple[str, str]]]:
    """Sentences of (token, IOB2 tag) of one report."""
    spans = flat(entities, counts)
    tokens = run_plan(TO_TOKENS, {"text": [text]}).columns["token"]
    found: set[int] = set()
    sentence: list[tuple[str, str]] = []
    number, before = 0, -1
    for begin, end, word, owner in zip(
        tokens.begin.tolist(),
        tokens.end.tolist(),
        tokens.result,
        list(tokens.fields["sentence"]),
        strict=True,
    ):
        if owner != number and sentence:
            yield sentence
            sentence, before = [], -1
        number = int(owner)
        hit = _owner(begin, end, spans)
        counts["entities cut by a sentence's end"] += hit >= 0 and hit in found and hit != before
        found.add(hit)
        tag = "O" if hit < 0 else f"{'I' if hit == before else 'B'}-{spans[hit][2]}"
        before = hit
        sentence.append((word, tag))
    if sentence:
        yield sentence
    counts["entities written"] += len(found - {-1})
    counts["without a token, left out"] += len(spans) - len(found - {-1})


def _owner(begin: int, end: int, spans: Sequence[Span]) -> int:
    """The span that has at least half of a token's characters, or -1."""
    for index, (left, right, _) in enumerate(spans):
        if 2 * (min(end, right) - max(begin, left)) >= end - begin:
            return index
    return -1


def main(
    corpus: Annotated[Path, typer.Argument(help="folder with train, devel and test as JSON lines")],
    out: Annotated[Path, typer.Argument(help="folder to write the IOB2 files to")],
    plain: Annotated[
        list[Path] | None, typer.Option(help="JSON lines {text}: O throughout, for teachers")
    ] = None,
) -> None:
    """Write OUT/train.tsv, devel.tsv and test.tsv, and OUT/plain.tsv of texts without labels."""
    out.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        typer.echo(f"{part}: {told(write([corpus / f'{part}.jsonl'], out / f'{part}.tsv'))}")
    if plain:
        typer.echo(f"plain: {told(write(plain, out / 'plain.tsv', labelled=False))}")


def write(sources: Sequence[Path], target: Path, labelled: bool = True) -> Counter[str]:
    """Files of reports to one of IOB2; what was kept and what went."""
    counts: Counter[str] = Counter()
    with target.open("w", encoding="utf-8") as file:
        for source in sources:
            lines = source.read_text(encoding="utf-8").split("\n")
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                text, entities = _report(line, f"{source.name}: line {number}", labelled)
                counts["reports"] += 1
                for sentence in tagged(text, entities, counts):
                    written = iob2.block(sentence)
                    counts["sentences"] += bool(written)
                    file.write(written)
    return counts


def _report(line: str, where: str, labelled: bool) -> tuple[str, list[list[Any]]]:
    try:
        row = json.loads(line)
        return str(row["text"]), list(row["entities"]) if labelled else []
    except (ValueError, TypeError, KeyError):
        raise SystemExit(
            f"{where}: expected a JSON object with text{' and entities' * labelled}: use the "
            "corpora's own files"
        ) from None


def told(counts: Mapping[str, int]) -> str:
    """Counts as one line."""
    return ", ".join(f"{number} {what}" for what, number in counts.items() if number)


if __name__ == "__main__":
    typer.run(main)
