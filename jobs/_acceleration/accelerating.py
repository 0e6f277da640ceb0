"""What jobs/accelerate.py does between its arguments and its exit code."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from annotators._export.exit_graphs import Encoder, read_encoder, with_hidden, write_exit_graphs
from annotators._export.exit_head import Head
from annotators._runtime.early_exit import BACK, FRONT, EarlyExit, TwoGraphs, open_two_graphs
from annotators._runtime.inference import Inference, longest_window
from annotators._runtime.model_folder import WEIGHTS, ModelFolder, read_model
from annotators._runtime.session import Session, open_session
from annotators._runtime.weights import weights_sha256
from annotators._runtime.wordpieces import lowercases
from annotators.core.errors import ModelError
from jobs._acceleration import choosing
from jobs._acceleration.choosing import Found, Judged
from jobs._acceleration.head import Examples, examples, train_head
from jobs._acceleration.windows import Corpus, Window, read_corpus

WINDOW, OVERLAP = 128, 32
MOST_PIECES = 500_000
"""Wordpieces that heads are trained on, at most."""
SEED = 13
_TEACHER = "teacher.onnx"
TOKENS, TEXTS = "token-classification", "sequence-classification"

Told = Callable[[str], None]


@dataclass(frozen=True)
class Job:
    """The arguments of one run. layers: those after which windows may leave, () for a choice."""

    model: Path
    texts: tuple[Path, ...]
    unseen: tuple[Path, ...]
    field: str
    fidelity: float
    layers: tuple[int, ...]
    threads: int


@dataclass(frozen=True)
class Tried:
    """A layer, the head trained for it, and how it did on the windows held out."""

    layer: int
    head: Head
    judged: Judged
    threshold: float | None

    def left_out(self, layers: int) -> float:
        """The share of all layers' work that is not done at the asked fidelity."""
        if self.threshold is None:
            return 0.0
        return self.judged.share_of_pieces(self.threshold) * (layers - self.layer) / layers


@dataclass(frozen=True)
class Accelerated:
    """What was made in the folder: the manifest's exit part, without checksums.

    facts: the manifest's other entries, for a folder that has none.
    """

    part: dict[str, Any]
    model: ModelFolder
    facts: dict[str, Any]


def accelerate(job: Job, folder: Path, told: Told) -> Accelerated:
    """Copy the model to `folder` with exit graphs beside it.

    Raises ModelError where the model cannot be cut or no threshold reaches the fidelity, and
    DataError where the texts cannot be read or are too few.
    """
    source = read_model(job.model, str(job.model))
    if source.weights_name != WEIGHTS:
        raise ModelError(
            f"{job.model} has its weights in {source.weights_name}, expected {WEIGHTS}: make such "
            "a folder of it with `notemill export`."
        )
    encoder = read_encoder(source.weights)
    shutil.copytree(job.model, folder)
    model = read_model(folder, str(folder))
    layers = job.layers or tuple(sorted({max(1, encoder.layers // 3), encoder.layers // 2}))
    if not set(layers) <= set(range(1, encoder.layers)):
        raise ModelError(
            f"windows of {job.model} cannot leave after layer {max(layers)}: it has "
            f"{encoder.layers} layers, expected 1 to {encoder.layers - 1}."
        )
    corpora, unseen = _corpora(job, model)
    teacher = _teacher(folder, encoder, layers, job.threads)
    whole = [choosing.whole_labels(teacher, c.held_out, model) for c in corpora]
    _check(job, encoder, corpora, whole)
    tried = _tries(job, model, encoder, layers, (corpora, whole, teacher), told)
    best = max(tried, key=lambda one: one.left_out(encoder.layers))
    if best.threshold is None:
        raise ModelError(
            f"no threshold reaches fidelity {job.fidelity:g} where windows of {job.model} leave "
            f"after layer {', '.join(map(str, layers))}: give more texts, or a lower --fidelity."
        )
    write_exit_graphs(folder, encoder, best.layer, best.head)
    thresholds = choosing.thresholds(job.fidelity, best.judged)
    runner = _runner(model, best.layer, job.threads)
    parts = [
        (corpus, "held out", choosing.judge(runner, corpus.held_out, model, found))
        for corpus, found in zip(corpora, whole, strict=True)
    ]
    for corpus in unseen:
        found = choosing.whole_labels(teacher, corpus.held_out, model)
        judged = choosing.judge(runner, corpus.held_out, model, found)
        parts.append((corpus, "unseen", judged))
    (folder / _TEACHER).unlink()
    rows = [
        {
            "fidelity": fidelity,
            "text": corpus.name,
            "part": what,
            **choosing.figures(judged, threshold, best.layer / encoder.layers),
        }
        for corpus, what, judged in parts
        for fidelity, threshold in thresholds.items()
    ]
    trained = [{"text": c.name, "texts": c.texts, "windows": len(c.train)} for c in corpora]
    part = {
        "layer": best.layer,
        "layers": encoder.layers,
        "thresholds": thresholds,
        "default": f"{job.fidelity:g}",
        "trained_on": trained,
        "measured": rows,
    }
    facts = {
        "name": job.model.name,
        "task": TOKENS if encoder.of_pieces else TEXTS,
        "labels": list(model.labels),
        "scheme": model.scheme,
        "precision": "int8" if encoder.int8 else "fp32",
        "lowercase": lowercases(model),
        "max_length": model.max_length,
    }
    return Accelerated(part, model, facts)


def _corpora(job: Job, model: ModelFolder) -> tuple[list[Corpus], list[Corpus]]:
    """The corpora of the texts, and those that neither head nor threshold sees.

    A window is held out once, and of no file where another trains with it.
    """
    inference = Inference(
        model=model,
        case_sensitive=not lowercases(model),
        max_length=min(WINDOW, longest_window(model)),
        overlap=OVERLAP,
        threads=job.threads,
    )
    corpora = [read_corpus(path, job.field, inference) for path in job.texts]
    unseen = [read_corpus(path, job.field, inference, unseen=True) for path in job.unseen]
    known = {w.ids.tobytes() for corpus in corpora for w in corpus.train}
    fresh: list[Corpus] = []
    for corpus in (*corpora, *unseen):
        kept = tuple(w for w in corpus.held_out if w.ids.tobytes() not in known)
        known.update(w.ids.tobytes() for w in kept)
        fresh.append(replace(corpus, held_out=kept))
    return fresh[: len(corpora)], fresh[len(corpora) :]


def _teacher(folder: Path, encoder: Encoder, layers: Sequence[int], threads: int) -> Session:
    """The whole model, which also gives the states after some layers."""
    made = with_hidden(encoder, layers)
    (folder / _TEACHER).write_bytes(made.SerializeToString())
    model = read_model(folder, str(folder))
    sha256 = weights_sha256(folder / _TEACHER)
    return open_session(replace(model, weights_name=_TEACHER, sha256=sha256), "cpu", threads)


def _check(
    job: Job, encoder: Encoder, corpora: Sequence[Corpus], whole: Sequence[Sequence[Found]]
) -> None:
    found = sum(len(entities) for of_file in whole for entities in of_file)
    windows, texts = sum(map(len, whole)), sum(corpus.texts for corpus in corpora)
    what = "entities" if encoder.of_pieces else "labels"
    choosing.check_enough(found, windows, texts, job.fidelity, what)


def _tries(
    job: Job,
    model: ModelFolder,
    encoder: Encoder,
    layers: Sequence[int],
    given: tuple[Sequence[Corpus], Sequence[Sequence[Found]], Session],
    told: Told,
) -> list[Tried]:
    """A head for each layer, and how it does."""
    corpora, whole, teacher = given
    windows = _some([window for corpus in corpora for window in corpus.train])
    told(f"{len(windows)} windows to train on, {sum(map(len, whole))} held out")
    begins = _begins(model)
    hidden = [encoder.hidden[layer] for layer in layers]
    made: Examples = examples(teacher, windows, begins, layers, hidden)
    tried = []
    for layer in layers:
        head = train_head(made, layer, job.threads, told)
        write_exit_graphs(model.path, encoder, layer, head)
        held_out = list(chain.from_iterable(corpus.held_out for corpus in corpora))
        judged = choosing.judge(
            _runner(model, layer, job.threads),
            held_out,
            model,
            list(chain.from_iterable(whole)),
        )
        one = Tried(layer, head, judged, choosing.threshold_for(judged, job.fidelity))
        told(f"layer {layer}: {one.left_out(encoder.layers):.1%} of the layers' work left out")
        tried.append(one)
    return tried


def _some(windows: list[Window]) -> list[Window]:
    """The windows, or as many of them, drawn at random, as MOST_PIECES allows."""
    drawn = random.Random(SEED).sample(windows, len(windows))
    kept, count = [], 0
    for window in drawn:
        count += len(window.ids)
        if count > MOST_PIECES:
            break
        kept.append(window)
    return kept


def _begins(model: ModelFolder) -> Any:
    inference = Inference(model, not lowercases(model), WINDOW, OVERLAP)
    return inference.encoder().begins_word


def _runner(model: ModelFolder, layer: int, threads: int) -> TwoGraphs:
    front, back = (weights_sha256(model.path / name) for name in (FRONT, BACK))
    chosen = EarlyExit(layer, "", 0.0, front, back)
    return open_two_graphs(model, chosen, "cpu", threads, _begins(model), budget=2048)
