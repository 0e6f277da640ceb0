"""The memory of Spark's Python workers that hold a model each: one, two, four, eight at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.spark_timing import session

ROOM_SECONDS, ROOM_A_SLOT = 2.0, 0.75
"""A worker stays so long, so that all are there when each looks at its own memory."""


def holder(
    model: str, settings: dict[str, str], room: float
) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """What a worker does: open the model, run it on 512 wordpieces, tell its memory and time."""

    def hold(_: Iterator[Any]) -> Iterator[Any]:
        import numpy as np  # noqa: PLC0415 (in the worker)
        import onnxruntime  # noqa: PLC0415

        import annotators._runtime.arrow_boundary  # noqa: F401, PLC0415 (what workers load anyway)

        began = time.monotonic()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        for name, value in settings.items():
            options.add_session_config_entry(name, value)
        network = onnxruntime.InferenceSession(f"{model}/model.onnx", options)
        ids = np.full((32, 16), 2000, np.int64)
        feeds = {"input_ids": ids, "attention_mask": ids * 0 + 1, "token_type_ids": ids * 0}
        for _ in range(3):
            started = time.process_time()
            network.run(None, feeds)
            seconds = time.process_time() - started
        time.sleep(max(0.0, room - (time.monotonic() - began)))
        lines = Path("/proc/self/smaps_rollup").read_text("utf-8").splitlines()
        sizes = dict(line.split()[:2] for line in lines[1:])
        yield int(sizes["Rss:"]) * 1024, int(sizes["Pss:"]) * 1024, seconds

    return hold


def run(spec: dict[str, Any]) -> dict[str, Any]:
    slots = spec["slots"]
    spark = session(slots, {"spark.python.worker.reuse": "false", "spark.driver.memory": "2g"})
    told = []
    room = ROOM_SECONDS + ROOM_A_SLOT * slots
    for variant in spec["variants"]:
        rows = spark.sparkContext.parallelize(range(slots), slots)
        hold = holder(variant["model"], variant["settings"], room)
        found = rows.mapPartitions(hold).collect()
        told.append(
            {
                **{key: variant[key] for key in ("name", "how")},
                "slots": slots,
                "rss_mb": round(max(rss for rss, _, _ in found) / 1e6),
                "all_mb": round(sum(pss for _, pss, _ in found) / 1e6),
                "ms_512_wordpieces": round(1000 * min(s for _, _, s in found), 1),
            }
        )
    return {"workers": told}
