"""An fp32 graph from a row-wise int8 one: the same weights, as far as int8 holds them.

Undoes annotators/_export/rowwise.py and graph.py: each integer product becomes a MatMul with the
dequantised weights, each int8 table an fp32 one. What is made is the plain graph again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

_OF_A_PRODUCT = ("_wide", "_rows", "_flat", "_shape")


def dequantise(int8: Path, fp32: Path) -> None:
    """Write the fp32 twin of an int8 model. Raises ValueError where there is nothing to undo."""
    model = onnx.load(str(int8))
    graph = model.graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    source = {
        node.output[0].removesuffix("abs"): node.input[0]
        for node in graph.node
        if node.op_type == "Abs" and node.output[0].startswith("rows_")
    }
    made: dict[str, Any] = {}
    gone: set[str] = set()
    nodes = []
    for node in graph.node:
        out = node.output[0]
        if out.startswith("rows_") or out in gone:
            continue
        if node.op_type == "MatMulInteger":
            name = out.removesuffix("_sum")
            made[f"{name}_weight"] = _scaled(values, name)
            rows = source[node.input[0].removesuffix("int8")]
            nodes.append(helper.make_node("MatMul", [rows, f"{name}_weight"], [name], name=name))
            gone |= {f"{name}{part}" for part in _OF_A_PRODUCT} | {name}
        elif node.op_type == "Gather" and node.input[0].endswith("_int8"):
            table, name = node.input[0].removesuffix("_int8"), out.removesuffix("_int8")
            made[table] = _scaled(values, table)
            nodes.append(helper.make_node("Gather", [table, node.input[1]], [name], axis=0))
            gone |= {f"{name}_wide", f"{name}_scale", name}
        else:
            nodes.append(onnx.NodeProto.FromString(node.SerializeToString()))
    if not made:
        raise ValueError(f"{int8} holds no row-wise int8 products: it is no int8 of Notemill's")
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend([*kept, *(numpy_helper.from_array(v, n) for n, v in made.items())])
    onnx.checker.check_model(model)
    onnx.save(model, str(fp32))


def _scaled(values: dict[str, Any], name: str) -> Any:
    return values[f"{name}_int8"].astype(np.float32) * values[f"{name}_scale"]
