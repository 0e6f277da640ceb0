"""Problems in clinical text, by two models: `python -m jobs.recipes.clinical.problems CASES.jsonl`.

CASES holds case reports as MACCROBAT's are: {id, text, entities: [[begin, end, label], …]}. A
problem is a disease or a sign or symptom there; of a model it is what PROBLEM_TEST_TREATMENT calls
so. Chunks are those of clinical_ner: sentences by SentenceDetector with breakAtLines, headings left
out. Exact: the same span. Overlap: a predicted span that shares a character with a marked one is
right, and a marked one that shares a character with a predicted one is found.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from annotators._runtime.inference import Inference
from annotators._runtime.model_folder import find_model
from annotators._runtime.token_classifier import ClassifyTokens
from annotators._spark.rule_tables import packaged_table, rows_only
from annotators.core.chunks.kernel import ConvertChunks
from annotators.core.chunks.presets import PROBLEM_TEST_TREATMENT
from annotators.core.plan import Step, run_plan
from jobs._training.notes import TO_TOKENS

MARKED = ("Disease_disorder", "Sign_symptom")
MODELS = ["bert_token_classifier_ner_bc5cdr", "bert_token_classifier_ner_clinical"]

Span = tuple[int, int]


def problems(model: str, texts: Sequence[str]) -> list[set[Span]]:
    """The spans (half-open) that a model calls a problem, a set a text."""
    folder = find_model(model)
    inference = Inference(
        folder, case_sensitive=not folder.lowercase, max_length=folder.max_length, overlap=32
    )
    steps = [
        *TO_TOKENS,
        Step("Bert", ClassifyTokens(inference), ("sentence", "token"), "ner"),
        Step(
            "NerConverter",
            ConvertChunks(headings=tuple(rows_only(packaged_table("sections.tsv")))),
            ("sentence", "token", "ner"),
            "chunk",
        ),
    ]
    chunks = run_plan(steps, {"text": list(texts)}).columns["chunk"]
    labels = list(chunks.fields["entity"])
    spans = list(zip(chunks.begin.tolist(), chunks.end.tolist(), strict=True))
    return [
        {spans[i] for i in range(lo, hi) if PROBLEM_TEST_TREATMENT.get(labels[i]) == "PROBLEM"}
        for lo, hi in chunks.row_bounds()
    ]


def figures(marked: Sequence[set[Span]], found: Sequence[set[Span]]) -> dict[str, float]:
    """Precision, recall and F1 of spans, exact and by overlap, over all texts together."""
    pairs = list(zip(marked, found, strict=True))
    exact = sum(len(m & f) for m, f in pairs)
    right = sum(_touching(f, m) for m, f in pairs)
    recalled = sum(_touching(m, f) for m, f in pairs)
    ours, theirs = sum(map(len, found)), sum(map(len, marked))
    made: dict[str, float] = {"found": ours, "marked": theirs}
    for name, hits, hit_marks in (("exact", exact, exact), ("overlap", right, recalled)):
        precision, recall = hits / max(ours, 1), hit_marks / max(theirs, 1)
        made |= {
            f"{name} precision": precision,
            f"{name} recall": recall,
            f"{name} F1": 2 * precision * recall / max(precision + recall, 1e-9),
        }
    return made


def _touching(spans: set[Span], others: set[Span]) -> int:
    return sum(any(b < end and begin < e for b, e in others) for begin, end in spans)


def main(
    cases: Annotated[Path, typer.Argument(help="JSON lines of case reports with their entities")],
    models: Annotated[list[str] | None, typer.Argument(help="names or folders")] = None,
) -> None:
    """Print a row of figures a model."""
    lines = cases.read_text(encoding="utf-8").splitlines()
    reports = [json.loads(line) for line in lines]
    marked = [
        {(begin, end) for begin, end, label, *_ in report["entities"] if label in MARKED}
        for report in reports
    ]
    typer.echo("| model | found | exact P | R | F1 | overlap P | R | F1 |")
    typer.echo("|---|---|---|---|---|---|---|---|")
    for model in models or MODELS:
        made = figures(marked, problems(model, [report["text"] for report in reports]))
        cells = [f"{value:.4f}" for name, value in made.items() if name not in ("found", "marked")]
        found = f"{made['found']:.0f} of {made['marked']:.0f}"
        typer.echo(f"| `{Path(model).name}` | {found} | {' | '.join(cells)} |")


if __name__ == "__main__":
    typer.run(main)
