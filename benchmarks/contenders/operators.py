"""Where onnxruntime's time goes, by operator, and how near its products come to the core's best.

One process, one thread, the wordpieces of the notes in batches as the ceiling has them. The best is
what the same library reaches in one product of SIDE x SIDE weights, in the type of the model.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from annotators._runtime.model_folder import find_model
from annotators._runtime.session import SLOW_FUSIONS, session_options
from benchmarks.contenders.ceiling import batches, stored_windows

SIDE, ROWS, TIMES = 1536, 512, 40


def run(spec: dict[str, Any]) -> dict[str, Any]:
    weights = find_model(spec["model"]).weights
    feeds = batches(stored_windows(spec["windows"]), spec["budget"])[:: spec["every"]]
    with TemporaryDirectory() as scratch:
        options = session_options(threads=1)
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(scratch) / "profile")
        session = onnxruntime.InferenceSession(
            str(weights), options, disabled_optimizers=SLOW_FUSIONS
        )
        started = time.perf_counter()
        for feed in feeds:
            session.run(None, feed)
        seconds = time.perf_counter() - started
        events = json.loads(Path(session.end_profiling()).read_text("utf-8"))
    spent: Counter[str] = Counter()
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            spent[event["args"]["op_name"]] += event["dur"]
    product = "MatMulInteger" if "MatMulInteger" in spent else "MatMul"
    padded = sum(feed["input_ids"].size for feed in feeds)
    return {
        "seconds": seconds,
        "shares": {name: micros / 1e6 / seconds for name, micros in spent.most_common()},
        "product": product,
        "gops": _operations(weights) * padded / spent[product] / 1e3,
        "best_gops": _best(product),
    }


def _operations(weights: Path) -> int:
    """Multiplications and additions a wordpiece in products with constant weights."""
    graph = onnx.load(str(weights)).graph
    sizes = {t.name: int(np.prod(t.dims)) for t in graph.initializer if len(t.dims) == 2}
    return sum(
        2 * sizes.get(n.input[1], 0) for n in graph.node if n.op_type in ("MatMul", "MatMulInteger")
    )


def _best(product: str) -> float:
    """Billions of operations a second in one large product."""
    small = product == "MatMulInteger"
    kind, out = (
        (TensorProto.UINT8, TensorProto.INT32) if small else (TensorProto.FLOAT, TensorProto.FLOAT)
    )
    side = numpy_helper.from_array(np.ones((SIDE, SIDE), np.int8 if small else np.float32), "w")
    graph = helper.make_graph(
        [helper.make_node(product, ["x", "w"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", kind, [ROWS, SIDE])],
        [helper.make_tensor_value_info("y", out, [ROWS, SIDE])],
        [side],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), session_options(threads=1))
    feed = {"x": np.ones((ROWS, SIDE), np.uint8 if small else np.float32)}
    fastest = float("inf")
    for _ in range(TIMES):
        started = time.perf_counter()
        session.run(None, feed)
        fastest = min(fastest, time.perf_counter() - started)
    return 2 * ROWS * SIDE * SIDE / fastest / 1e9
