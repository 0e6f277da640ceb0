"""The network of the sentence detector: a small scorer of candidates, and its training."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from torch import nn

from annotators.core.boundaries import detector as boundaries
from annotators.core.boundaries.classes import BLANK, CLASSES
from annotators.core.boundaries.features import AFTER, BUCKETS, STRUCTURE
from annotators.core.boundaries.texts import BEFORE
from jobs.recipes.sentence_texts.marks import Marked

EMBEDDING, CHANNELS, BUCKET_SIZE, HIDDEN = 16, 32, 4, 128

WINDOW = BEFORE + AFTER


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


def examples(marked: Iterable[Marked]) -> Examples:
    """Collect the candidates of texts with known ends; blank lines need no scorer."""
    rows, labels = [], []
    for text in marked:
        at = boundaries.candidates(text.text)
        found = boundaries.features(text.text, at)
        open_ = found[:, WINDOW] != BLANK
        rows.append(found[open_])
        labels.append(np.isin(at[open_], np.array(text.ends, np.int64)))
    return Examples(np.concatenate(rows), np.concatenate(labels).astype(np.float32))


def fit(data: Examples, epochs: int, seed: int, batch: int = 512) -> Scorer:
    """Train a scorer; the same data and seed give the same weights on the same machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums in another order give other weights
    try:
        return _fit(data, epochs, seed, batch)
    finally:
        torch.set_num_threads(threads)


def _fit(data: Examples, epochs: int, seed: int, batch: int) -> Scorer:
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
