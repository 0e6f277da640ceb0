"""Ways of running one model over the same windows, interleaved on one core.

    taskset -c 1 python -m benchmarks.cheaper.ways notes.jsonl int8=FOLDER exit=FOLDER@0.998

A way is a name, a model's folder, the precision of its weights after `#`, the fidelity of its
early exit after `@`. Sentences are those of `clinical_ner`, each distinct window is inferred once,
batches are those of a stage. Every pass runs all ways, each time in another order; what is told is
each way's median, in seconds of CPU (others may use the machine), the median of the passes' ratios
to the first way, and how far its labels are from the first way's.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from pathlib import Path

import numpy as np

from annotators._runtime.early_exit import read_exit_part
from annotators._runtime.inference import Inference
from annotators._runtime.model_folder import find_model, in_precision
from annotators._runtime.wordpieces import lowercases
from annotators.core.tagging import tags
from benchmarks.workload import read_texts
from jobs._acceleration.windows import Window, windows_of
from jobs._training.score import entity_metrics


def inference_of(way: str) -> Inference:
    """The inference of `FOLDER#precision@fidelity`."""
    rest, _, fidelity = way.partition("@")
    folder, _, precision = rest.partition("#")
    model = in_precision(find_model(folder), precision or "auto")
    part = read_exit_part(model) if fidelity else None
    exits = part.at(fidelity) if part else None
    return Inference(model, not lowercases(model), 128, 32, exits=exits)


def timed(inference: Inference, windows: list[Window]) -> tuple[float, float, list[list[str]]]:
    """Seconds of CPU, seconds, and the labels of each window's tokens (of a sequence: its one)."""
    pieces = np.concatenate([window.ids[1:-1] for window in windows])
    offsets = np.cumsum([0, *(len(window.ids) - 2 for window in windows)])
    cut = inference.windows(offsets)
    cpu, wall = time.process_time(), time.perf_counter()
    made = inference.logits(pieces, cut)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    model = inference.model
    rows = [
        made.values[first + window.read] if made.of_pieces else made.values[first : first + 1]
        for first, window in zip(made.first, windows, strict=True)
    ]
    return cpu, wall, [tags(row, model.labels, model.decoding) for row in rows]


def agreement(first: list[list[str]], other: list[list[str]]) -> dict[str, float]:
    """The share of equal labels, and entity F1 of the others to the first."""
    pairs = [
        (a, b)
        for some, more in zip(first, other, strict=True)
        for a, b in zip(some, more, strict=True)
    ]
    equal = sum(a == b for a, b in pairs) / len(pairs)
    named = any(label[:2] in ("B-", "I-") for row in first for label in row)
    f1 = {"entity_f1": entity_metrics(first, other)["f1"]} if named else {}
    return {"labels_equal": round(equal, 5), **f1}


def compare(ways: dict[str, str], texts: list[str], passes: int) -> dict[str, dict[str, float]]:
    inferences = {name: inference_of(way) for name, way in ways.items()}
    base = next(iter(ways))
    windows = windows_of(texts, inferences[base])
    labels = {name: timed(one, windows[:200])[2] for name, one in inferences.items()}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for number in range(passes):
        for name in random.Random(number).sample(list(ways), len(ways)):
            cpu, wall, labels[name] = timed(inferences[name], windows)
            taken[name].append((cpu, wall))
    found = {}
    for name, times in taken.items():
        ratios = [b[0] / t[0] for b, t in zip(taken[base], times, strict=True)]
        found[name] = {
            "cpu_seconds": round(statistics.median(t[0] for t in times), 3),
            "seconds": round(statistics.median(t[1] for t in times), 3),
            "times_faster": round(statistics.median(ratios), 3),
            "lowest": round(min(ratios), 3),
            "highest": round(max(ratios), 3),
            **agreement(labels[base], labels[name]),
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("ways", nargs="+", help="NAME=FOLDER[#precision][@fidelity]")
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--limit", type=int, default=100, help="texts at most")
    given = parser.parse_args()
    ways = dict(way.split("=", 1) for way in given.ways)
    texts = read_texts(given.texts)[: given.limit]
    print(json.dumps(compare(ways, texts, given.passes), indent=1))


if __name__ == "__main__":
    main()
