"""The ceiling: onnxruntime in as many plain processes as there are slots, and nothing else.

The wordpieces are ready and padded, sorted by length, at the best of several budgets; every
sentence is inferred. Timed from when all processes stand ready until the last one is done.
"""

from __future__ import annotations

import multiprocessing
import time
from threading import BrokenBarrierError
from typing import Any

import numpy as np
import onnxruntime

from annotators._runtime.model_folder import find_model
from annotators._runtime.session import open_session
from annotators.core.batching import by_length

Feeds = list[dict[str, Any]]


def batches(windows: list[np.ndarray], budget: int) -> Feeds:
    """Padded feeds of windows (with [CLS] and [SEP]), sorted by length."""
    made = []
    for batch in by_length(np.array([len(w) for w in windows]), budget):
        ids = np.zeros((len(batch), max(len(windows[i]) for i in batch)), np.int64)
        mask = np.zeros_like(ids)
        for row, i in enumerate(batch.tolist()):
            ids[row, : len(windows[i])] = windows[i]
            mask[row, : len(windows[i])] = 1
        made.append({"input_ids": ids, "attention_mask": mask, "token_type_ids": 0 * ids})
    return made


def _work(
    model: str, path: str, hand: int, slots: int, budget: int, repeats: int, gate: Any
) -> None:
    windows = stored_windows(path)[hand::slots] * repeats
    session = open_session(find_model(model), "cpu", 1)
    feeds = batches(windows, budget)
    for feed in feeds[:: max(1, len(feeds) // 10)]:
        session.run(feed)
    gate.wait()
    for feed in feeds:
        session.run(feed)
    gate.wait()


def _work_or_abort(*told: Any) -> None:
    """So that no process waits for one that failed."""
    try:
        _work(*told)
    except BaseException:
        told[-1].abort()
        raise


def stored_windows(path: str) -> list[np.ndarray]:
    stored = np.load(path)
    return np.split(stored["pieces"], stored["offsets"][1:-1])


def _seconds(spec: dict[str, Any], path: str, budget: int, repeats: int) -> float:
    context = multiprocessing.get_context("spawn")
    slots = spec["slots"]
    gate = context.Barrier(slots + 1)
    workers = [
        context.Process(
            target=_work_or_abort, args=(spec["model"], path, hand, slots, budget, repeats, gate)
        )
        for hand in range(slots)
    ]
    for worker in workers:
        worker.start()
    try:
        gate.wait()
        started = time.perf_counter()
        gate.wait()
        seconds = time.perf_counter() - started
    except BrokenBarrierError:
        raise SystemExit(1) from None  # the process that failed has said why
    finally:
        for worker in workers:
            worker.join()
    return seconds


def run(spec: dict[str, Any]) -> dict[str, Any]:
    tried = {budget: _seconds(spec, spec["few_windows"], budget, 1) for budget in spec["budgets"]}
    best = min(tried, key=tried.__getitem__)
    repeats = spec.get("repeats", 1)
    return {
        "seconds": _seconds(spec, spec["windows"], best, repeats),
        "notes": spec["notes"] * repeats,
        "budget": best,
        "tried": tried,
        "onnxruntime": onnxruntime.__version__,
    }
