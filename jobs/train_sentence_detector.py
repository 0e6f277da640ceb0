"""Train the sentence detector, export it to ONNX and write its manifest and card.

    python -m jobs.train_sentence_detector CORPORA OUT --devel tests/data/sentences

Texts are made from the corpora by `jobs._training.sentences`; the scorer is a small network over
the features of `annotators.core.boundaries`. The devel files are scored, never trained on, and
every figure of the card comes from the run that wrote it.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import onnx
import torch
import typer
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from annotators.core import boundaries
from annotators.core.boundaries import AFTER, BEFORE, BUCKETS, CLASSES, STRUCTURE, WIDTH
from jobs._training import sentences

NAME = "sentence_detector_dl_healthcare"
EMBEDDING, CHANNELS, BUCKET_SIZE, HIDDEN = 12, 24, 4, 64
WINDOW = BEFORE + AFTER
OPSET = 17


class Scorer(nn.Module):
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
    """Candidates that the scorer must decide: uint8[N, WIDTH], and whether a sentence ends there."""

    features: NDArray[np.uint8]
    labels: NDArray[np.float32]


def examples(marked: list[sentences.Marked]) -> Examples:
    """The candidates of texts with known ends; blank lines, which need no scorer, left out."""
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
    return model.eval()


def _blurred(features: NDArray[np.uint8], rng: np.random.Generator) -> torch.Tensor:
    """Hide the far part of some windows, so that what is near decides."""
    seen = features.copy()
    hidden = rng.random(len(seen)) < 0.15
    seen[hidden, : BEFORE - 12] = 0
    return torch.from_numpy(seen)


def scorer(model: Scorer) -> boundaries.Scorer:
    """The scoring function that `boundaries.sentences` takes."""

    def score(features: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            found: NDArray[np.float32] = torch.sigmoid(model(torch.from_numpy(features))).numpy()
        return found

    return score


def evaluate(texts: list[str], gold: list[list[boundaries.Span]], score: boundaries.Scorer) -> dict[
    str, float
]:
    """Precision, recall and F1 of exact spans."""
    found = boundaries.sentences_of_many(texts, boundaries.BoundaryRules(), score)
    right = sum(len(set(f) & set(g)) for f, g in zip(found, gold, strict=True))
    precision = right / max(sum(map(len, found)), 1)
    recall = right / max(sum(map(len, gold)), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"precision": precision, "recall": recall, "f1": f1, "support": sum(map(len, gold))}


def read_devel(path: Path) -> tuple[list[str], list[list[boundaries.Span]]]:
    """The texts and the marked spans of a devel file."""
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
    """The graph: `features` uint8[candidates, WIDTH] in, `probability` float32[candidates] out."""
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
