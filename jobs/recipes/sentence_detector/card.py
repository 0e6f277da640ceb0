"""The model folder of the sentence detector: graph, manifest and card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from annotators._export.folder import write_manifest
from annotators._runtime.model_folder import MANIFEST, WEIGHTS
from jobs.recipes.sentence_detector.graph import NAME


def write_model(out: Path, weights: bytes, versions: Mapping[str, str]) -> None:
    """Write the graph and a manifest without metrics: enough for the model to be run."""
    out.mkdir(parents=True, exist_ok=True)
    (out / WEIGHTS).write_bytes(weights)
    facts = {
        "name": NAME,
        "task": "sentence-boundary",
        "language": "en",
        "labels": ["inside", "boundary"],
        "scheme": None,
        "precision": "fp32",
        "licence": "Apache-2.0",
        "versions": dict(versions),
    }
    write_manifest(out, facts, [WEIGHTS])


def write_card(out: Path, facts: dict[str, Any]) -> None:
    """Write the card, and the metrics of our own detector into the manifest."""
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    (out / "README.md").write_text(_card(facts | {"versions_line": versions}), "utf-8")
    manifest = json.loads((out / MANIFEST).read_text("utf-8"))
    manifest["metrics"] = {
        row["set"]: {k: row[k] for k in ("precision", "recall", "f1", "support")}
        for row in facts["scores"]
        if row["detector"] == NAME
    }
    write_manifest(out, manifest, [WEIGHTS])


def _card(facts: dict[str, Any]) -> str:
    rows = "\n".join(
        f"| {row['set']} | {row['detector']} | {row['precision']:.4f} | {row['recall']:.4f} "
        f"| {row['f1']:.4f} | {row['support']} |"
        for row in facts["scores"]
    )
    speed = "\n".join(
        f"| {name} | {round(speed, -3):,.0f} |" for name, speed in facts["speed"].items()
    )
    return CARD.format(rows=rows, speeds=speed, **facts)


CARD = """# {name}

Task: sentence boundaries in English clinical text. Labels: inside, boundary. Precision: fp32.
Licence of the model: Apache-2.0.

A small character network ({parameters:,} parameters) that says of each candidate (a run of stops
with its closing marks, or a line break) whether a sentence ends there. It sees the classes of
{before} characters before and {after} after, runs of white space as one, and {structure} facts
about the gap, open brackets, capitals and the lines on both sides. Input `features`,
uint8[candidates, {width}]; output `probability`, float32[candidates].
`annotators.core.boundaries.detector` makes the one and reads the other.

Convention: a heading line, a numbered line and a bullet item each start and end a sentence, and
full stops inside them end sentences too. A blank line ends a sentence (without asking the network),
a line break inside hard-wrapped prose does not. Commas, colons and semicolons end none.

## Intended use and limits

Splitting English clinical notes and case reports for the stages that follow. Not for other
languages, and not for text without punctuation (transcribed speech). Two sentences without a stop
or a line break between them stay one. A note whose lines are all of about one length and end
without stops can be taken for hard-wrapped prose. After an abbreviation that also ends sentences
("b.i.d.", "p.m.", "etc."), or a single capital ("hepatitis C."), a capital decides, which is wrong
before some names. No real patient data was used, and none has been scored.

## Data and licence

{texts:,} texts made by `jobs/recipes/sentence_texts` ({candidates:,} candidates, {share:.0%} of
them boundaries) from sentences of BC5CDR train, NCBI Disease train, Wikigold train, MTS-Dialog and
ACI-BENCH (CC BY 4.0), JNLPBA train abstracts (its licence is with the corpus), Hallmarks of Cancer
(GPL-3.0; used to train, none of its text is here) and SST train (free for research), joined with
drawn blanks, line breaks, hard wrapping, headings, bullets, numbered lines, keys and values;
abbreviations, doses, citations and names with initials were set into them. In the corpora that do
not mark sentences (MTS-Dialog, ACI-BENCH) a plain rule cut the training text. Left out of training:
the devel and test notes below.

## Metrics

Exact spans, by `notemill evaluate {name} FILE` on `tests/data/sentences/SET.jsonl`; that folder's
README says who marked what. The sets named devel chose how training texts are made: they are no
test. `bc5cdr_devel_joined` holds BC5CDR devel sentences joined by a blank (made by
`python -m jobs.recipes.sentence_detector.joined_prose`; its gold has wrong cuts, so that nobody
reaches 1). JNLPBA
test abstracts (their sentence ends, not their entities) and some 180 hard sentences written for the
purpose were looked at on the way as well. Texts went to `written_test` or `written_devel` by a hash
before any detector had run on them, and no error on `written_test` was looked at; but they are
invented, by the author of the present word lists of the training texts, so they are no sample of
real notes.

| set | detector | precision | recall | F1 | sentences |
|---|---|---|---|---|---|
{rows}

Graph against torch, {checked:,} candidates: largest difference in probability {difference:.1e}.

## Speed

The {speed_notes} ACI-BENCH notes ({speed_characters:,} characters), one after the other on one
thread, {date}, {processor}; others ran beside it, and the best of three runs counts.

| detector | characters per second |
|---|---|
{speeds}

## Training

```
{command}
```

Seed {seed}, {epochs} epochs, {minutes:.1f} minutes, one thread.

## Versions

{versions_line}
"""
