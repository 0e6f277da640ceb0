"""Train the sentence detector, export it to ONNX and write its manifest and card.

    python -m jobs.train_sentence_detector CORPORA OUT --devel tests/data/sentences

Texts are made from the corpora by `jobs._training.sentences`; the scorer is a small network over
the features of `annotators.core.boundaries`. The devel files are scored, never trained on, and
every figure of the card comes from the run that wrote it.
"""

# ruff: noqa: RUF001 (look-alike characters are meant here)

from __future__ import annotations

import hashlib
import json
import platform
import re
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import onnx
import torch
import typer
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from torch import nn

from annotators.core import boundaries
from annotators.core.boundaries import AFTER, BEFORE, BUCKETS, CLASSES, STRUCTURE, WIDTH
from jobs._training import sentences

NAME = "sentence_detector_dl_healthcare"
EMBEDDING, CHANNELS, BUCKET_SIZE, HIDDEN = 16, 32, 4, 96
WINDOW = BEFORE + AFTER
Splitter = Callable[[str], list[boundaries.Span]]
OPSET = 17


class Scorer(nn.Module):  # type: ignore[misc]
    """uint8[N, WIDTH] features to logits[N]: embeddings, a convolution of three, two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.characters = nn.Embedding(CLASSES, EMBEDDING)
        self.buckets = nn.Embedding(STRUCTURE * BUCKETS, BUCKET_SIZE)
        self.convolution = nn.Linear(3 * EMBEDDING, CHANNELS)
        self.hidden = nn.Linear((WINDOW - 2) * CHANNELS + STRUCTURE * BUCKET_SIZE, HIDDEN)
        self.output = nn.Linear(HIDDEN, 1)
        self.register_buffer("columns", torch.arange(STRUCTURE) * BUCKETS, persistent=False)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Score candidates."""
        classes = features.long()
        seen = self.characters(classes[:, :WINDOW])
        triples = torch.cat((seen[:, :-2], seen[:, 1:-1], seen[:, 2:]), dim=2)
        shapes = torch.relu(self.convolution(triples)).flatten(1)
        structure = self.buckets(classes[:, WINDOW:] + self.columns).flatten(1)
        joined = torch.cat((shapes, structure), dim=1)
        logits: torch.Tensor = self.output(torch.relu(self.hidden(joined)))
        return logits[:, 0]


@dataclass(frozen=True)
class Examples:
    """Candidates for the scorer, uint8[N, WIDTH], and whether a sentence ends at each."""

    features: NDArray[np.uint8]
    labels: NDArray[np.float32]


def examples(marked: list[sentences.Marked]) -> Examples:
    """Collect the candidates of texts with known ends; blank lines need no scorer."""
    rows, labels = [], []
    for text in marked:
        at = boundaries.candidates(text.text)
        found = boundaries.features(text.text, at)
        open_ = found[:, WINDOW] != 3
        rows.append(found[open_])
        labels.append(np.isin(at[open_], np.array(text.ends, np.int64)))
    return Examples(np.concatenate(rows), np.concatenate(labels).astype(np.float32))


def fit(data: Examples, epochs: int, seed: int, batch: int = 512) -> Scorer:
    """Train a scorer; the same data and seed give the same weights on the same machine."""
    torch.manual_seed(seed)
    model = Scorer()
    rng = np.random.default_rng(seed)
    steps = epochs * (len(data.labels) // batch)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    loss_of = nn.BCEWithLogitsLoss()
    for epoch in range(epochs):
        order = rng.permutation(len(data.labels))
        total = 0.0
        for i in range(len(order) // batch):
            chosen = order[i * batch : (i + 1) * batch]
            # Labels are a little soft: cuts of the corpora are not all right.
            labels = torch.from_numpy(data.labels[chosen]) * 0.99 + 0.005
            loss = loss_of(model(_blurred(data.features[chosen], rng)), labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        typer.echo(f"epoch {epoch + 1}: loss {total / (len(order) // batch):.5f}")
    model.eval()
    return model


def _blurred(features: NDArray[np.uint8], rng: np.random.Generator) -> torch.Tensor:
    """Hide the far part of some windows, so that what is near decides."""
    seen = features.copy()
    hidden = rng.random(len(seen)) < 0.15
    seen[hidden, : BEFORE - 12] = 0
    return torch.from_numpy(seen)


def scorer(model: Scorer) -> boundaries.Scorer:
    """Make the scoring function that `boundaries.sentences` takes."""

    def score(features: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            found: NDArray[np.float32] = torch.sigmoid(model(torch.from_numpy(features))).numpy()
        return found

    return score


def splitter(score: boundaries.Scorer) -> Splitter:
    """Sentences of a text by the rules' defaults and this scorer."""

    def split(text: str) -> list[boundaries.Span]:
        return boundaries.sentences(text, boundaries.BoundaryRules(), score)

    return split


def evaluate(
    texts: list[str], gold: list[list[boundaries.Span]], split: Splitter
) -> dict[str, float | int]:
    """Precision, recall and F1 of exact spans."""
    found = [split(text) for text in texts]
    right = sum(len(set(f) & set(g)) for f, g in zip(found, gold, strict=True))
    support = sum(map(len, gold))
    precision = right / max(sum(map(len, found)), 1)
    recall = right / max(support, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"precision": precision, "recall": recall, "f1": f1, "support": support}


def read_devel(path: Path) -> tuple[list[str], list[list[boundaries.Span]]]:
    """Read the texts and the marked spans of a devel file."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    spans = [[(begin, end) for begin, end in row["sentences"]] for row in rows]
    return [row["text"] for row in rows], spans


def joined_prose(corpora: Path) -> tuple[list[str], list[list[boundaries.Span]]]:
    """Paragraphs of BC5CDR devel sentences, eight a text, one blank between them."""
    path = corpora / "bc5cdr/devel.tsv"
    texts, gold = [], []
    for document in sentences.grouped(sentences.mended(sentences.iob_sentences(path))):
        spans, at = [], 0
        for sentence in document:
            spans.append((at, at + len(sentence)))
            at += len(sentence) + 1
        texts.append(" ".join(document))
        gold.append(spans)
    return texts, gold


def to_onnx(model: Scorer) -> onnx.ModelProto:
    """Build the graph: `features` uint8[N, WIDTH] in, `probability` float32[N] out."""
    weights = {name: value.detach().numpy() for name, value in model.named_parameters()}
    constants = {
        "characters": weights["characters.weight"],
        "buckets": weights["buckets.weight"],
        "convolution_w": weights["convolution.weight"].T.copy(),
        "convolution_b": weights["convolution.bias"],
        "hidden_w": weights["hidden.weight"].T.copy(),
        "hidden_b": weights["hidden.bias"],
        "output_w": weights["output.weight"].T.copy(),
        "output_b": weights["output.bias"],
        "columns": (np.arange(STRUCTURE) * BUCKETS).astype(np.int32)[None],
        "parts": np.array([WINDOW, STRUCTURE], np.int64),
        "one": np.array([1], np.int64),
        "two": np.array([2], np.int64),
        "first": np.array([0], np.int64),
        "last": np.array([WINDOW - 2], np.int64),
        "last_but_one": np.array([WINDOW - 1], np.int64),
        "end": np.array([WINDOW], np.int64),
        "flat": np.array([0, -1], np.int64),
        "line": np.array([-1], np.int64),
    }
    node = helper.make_node
    nodes = [
        node("Cast", ["features"], ["classes"], to=TensorProto.INT32),
        node("Split", ["classes", "parts"], ["window", "structure"], axis=1),
        node("Gather", ["characters", "window"], ["seen"]),
        node("Slice", ["seen", "first", "last", "one"], ["left"]),
        node("Slice", ["seen", "one", "last_but_one", "one"], ["middle"]),
        node("Slice", ["seen", "two", "end", "one"], ["right"]),
        node("Concat", ["left", "middle", "right"], ["triples"], axis=2),
        node("MatMul", ["triples", "convolution_w"], ["convolved"]),
        node("Add", ["convolved", "convolution_b"], ["shifted"]),
        node("Relu", ["shifted"], ["shapes"]),
        node("Reshape", ["shapes", "flat"], ["flat_shapes"]),
        node("Add", ["structure", "columns"], ["entries"]),
        node("Gather", ["buckets", "entries"], ["looked_up"]),
        node("Reshape", ["looked_up", "flat"], ["flat_structure"]),
        node("Concat", ["flat_shapes", "flat_structure"], ["joined"], axis=1),
        node("Gemm", ["joined", "hidden_w", "hidden_b"], ["hidden"]),
        node("Relu", ["hidden"], ["active"]),
        node("Gemm", ["active", "output_w", "output_b"], ["logits"]),
        node("Sigmoid", ["logits"], ["probabilities"]),
        node("Reshape", ["probabilities", "line"], ["probability"]),
    ]
    graph = helper.make_graph(
        nodes,
        NAME,
        [helper.make_tensor_value_info("features", TensorProto.UINT8, ["candidates", WIDTH])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["candidates"])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", OPSET)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="notemill")
    onnx.checker.check_model(made, full_check=True)
    return made


def onnx_difference(made: onnx.ModelProto, model: Scorer, rows: NDArray[np.uint8]) -> float:
    """Give the largest difference in probability between the graph, run by onnx, and torch."""
    (found,) = ReferenceEvaluator(made).run(None, {"features": rows})
    return float(np.abs(np.asarray(found) - scorer(model)(rows)).max())


_REGEX = re.compile(r"[.!?]+[\"')\]”’]*(?=\s+[\"'(\[“A-Z0-9•-])|\n+")


def by_regex(text: str) -> list[boundaries.Span]:
    """Cut by the two-line regular expression that detectors are compared with."""
    cuts = [match.end() for match in _REGEX.finditer(text)]
    return [_trimmed(text, b, e) for b, e in pairwise([0, *cuts, len(text)]) if text[b:e].strip()]


def by_pysbd(text: str) -> list[boundaries.Span]:
    """Cut by pysbd, spans trimmed."""
    import pysbd  # noqa: PLC0415 (of the extra [test])

    found = pysbd.Segmenter(language="en", clean=False, char_span=True).segment(text)
    return [_trimmed(text, s.start, s.end) for s in found if text[s.start : s.end].strip()]


def _trimmed(text: str, begin: int, end: int) -> boundaries.Span:
    part = text[begin:end]
    first = begin + len(part) - len(part.lstrip())
    return first, first + len(part.strip())


def card(facts: dict[str, Any]) -> str:
    """Markdown of the model card."""
    rows = "\n".join(
        f"| {row['set']} | {row['detector']} | {row['precision']:.4f} | {row['recall']:.4f} "
        f"| {row['f1']:.4f} | {row['support']} |"
        for row in facts["scores"]
    )
    return CARD.format(rows=rows, **facts)


CARD = """# {name}

Task: sentence boundaries in English clinical text. Labels: inside, boundary. Precision: fp32.
Licence of the model: Apache-2.0.

A small character network ({parameters:,} parameters) that says of each candidate (a run of stops
with its closing marks, or a line break) whether a sentence ends there. It sees the classes of
{before} characters before and {after} after, runs of white space as one, and {structure} facts
about the gap, open brackets and the lines on both sides. Input `features`,
uint8[candidates, {width}]; output `probability`, float32[candidates].
`annotators.core.boundaries` makes the one and reads the other.

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

{texts:,} texts made by `jobs/_training/sentences.py` ({candidates:,} candidates, {share:.0%} of
them boundaries) from sentences of BC5CDR train, NCBI Disease train, Wikigold train, MTS-Dialog and
ACI-BENCH (CC BY 4.0), JNLPBA train abstracts (its licence is with the corpus), Hallmarks of Cancer
(GPL-3.0; used to train, none of its text is here) and SST train (free for research), joined with
drawn blanks, line breaks, hard wrapping, headings, bullets, numbered lines, keys and values;
abbreviations, doses, citations and names with initials were set into them. In the corpora that do
not mark sentences (MTS-Dialog, ACI-BENCH) a plain rule cut the training text. Left out of training:
the devel notes below.

## Metrics

Exact spans. The devel sets are `tests/data/sentences` (marked by hand) and BC5CDR devel sentences
joined by a blank (its gold has wrong cuts, so that nobody reaches 1). They chose how training texts
are made: they are devel, not test, figures. JNLPBA test abstracts (their sentence ends, not their
entities) and some 180 hard sentences written for the purpose were looked at on the way as well.

| set | detector | precision | recall | F1 | sentences |
|---|---|---|---|---|---|
{rows}

Graph against torch, {checked:,} candidates: largest difference in probability {difference:.1e}.

## Training

```
{command}
```

Seed {seed}, {epochs} epochs, {minutes:.1f} minutes, one thread.

## Versions

{versions_line}
"""


def main(
    corpora: Annotated[Path, typer.Argument(help="folder of the corpora")],
    out: Annotated[Path, typer.Argument(help="model folder to write")],
    devel: Annotated[Path, typer.Option(help="folder of *_devel.jsonl")],
    texts: Annotated[int, typer.Option(help="how many texts to make")] = 16000,
    epochs: Annotated[int, typer.Option(help="times that all texts are seen")] = 6,
    seed: Annotated[int, typer.Option(help="of texts and of training")] = 13,
    compare: Annotated[bool, typer.Option(help="score pysbd and a regex as well")] = False,
) -> None:
    """Train on made texts, write OUT/model.onnx, OUT/manifest.json and OUT/README.md."""
    torch.set_num_threads(1)
    start = time.monotonic()
    sets = {path.stem: read_devel(path) for path in sorted(devel.glob("*_devel.jsonl"))}
    if not sets:
        raise typer.BadParameter(f"found no *_devel.jsonl in {devel}, expected the marked notes")
    pools = sentences.load_pools(corpora, held_out(devel))
    real = sentences.real_notes(corpora, held_out(devel))
    data = examples(list(sentences.texts(pools, real, texts, seed)))
    typer.echo(f"{len(data.labels)} candidates of {texts} texts")
    model = fit(data, epochs, seed)
    minutes = (time.monotonic() - start) / 60
    sets["bc5cdr_devel_joined"] = joined_prose(corpora)
    detectors = {NAME: splitter(scorer(model))}
    if compare:
        detectors |= {"pysbd": by_pysbd, "two-line regex": by_regex}
    scores = [
        {"set": name, "detector": detector, **evaluate(*marked, split)}
        for name, marked in sets.items()
        for detector, split in detectors.items()
    ]
    made = to_onnx(model)
    rows = data.features[:: max(len(data.features) // 2000, 1)]
    write(
        out,
        made,
        {
            "name": NAME,
            "parameters": sum(p.numel() for p in model.parameters()),
            "before": BEFORE,
            "after": AFTER,
            "structure": STRUCTURE,
            "width": WIDTH,
            "texts": texts,
            "candidates": len(data.labels),
            "share": float(data.labels.mean()),
            "scores": scores,
            "checked": len(rows),
            "difference": onnx_difference(made, model, rows),
            "command": shlex.join(
                ["python", "-m", "jobs.train_sentence_detector", *_shown(sys.argv[1:])]
            ),
            "seed": seed,
            "epochs": epochs,
            "minutes": minutes,
            "versions": {
                "python": platform.python_version(),
                **{package.__name__: package.__version__ for package in (torch, onnx, np)},
            },
        },
    )


def held_out(devel: Path) -> frozenset[str]:
    """Read the ids of the notes that training must not see."""
    lines = (line for path in devel.glob("*_devel.jsonl") for line in path.open(encoding="utf-8"))
    return frozenset(json.loads(line)["note_id"] for line in lines)


def _shown(arguments: list[str]) -> list[str]:
    """Cut the folders of this machine to their last name in the arguments."""
    return [Path(word).name if Path(word).is_absolute() else word for word in arguments]


def write(out: Path, made: onnx.ModelProto, facts: dict[str, Any]) -> None:
    """Write the model folder."""
    out.mkdir(parents=True, exist_ok=True)
    weights = made.SerializeToString()
    (out / "model.onnx").write_bytes(weights)
    versions = facts["versions"]
    facts["versions_line"] = ", ".join(f"{name} {version}" for name, version in versions.items())
    (out / "README.md").write_text(card(facts), "utf-8")
    manifest = {
        "format": 1,
        "name": NAME,
        "task": "sentence-boundary",
        "language": "en",
        "labels": ["inside", "boundary"],
        "scheme": None,
        "precision": "fp32",
        "licence": "Apache-2.0",
        "files": {"model.onnx": hashlib.sha256(weights).hexdigest()},
        "versions": versions,
        "metrics": {
            row["set"]: {k: v for k, v in row.items() if k not in ("set", "detector")}
            for row in facts["scores"]
            if row["detector"] == NAME
        },
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    for row in facts["scores"]:
        typer.echo(f"{row['set']} {row['detector']}: F1 {row['f1']:.4f}")
    typer.echo(f"{out}: {len(weights):,} bytes of ONNX")


if __name__ == "__main__":
    typer.run(main)
