"""An fp32 graph from a row-wise int8 one: the same weights, as far as int8 holds them.

Undoes annotators/_export/rowwise.py and graph.py: each integer product becomes a MatMul with the
dequantised weights, each int8 table an fp32 one. What is made is the plain graph again. What
first_position.py moved to the first position stays there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from annotators._export.first_position import read_nodes

_MOVED = "_first"
_OF_A_PRODUCT = ("_wide", "_rows", "_flat", "_shape")


def dequantise(int8: Path, fp32: Path) -> None:
    """Write the fp32 twin of an int8 model. Raises ValueError where there is nothing to undo."""
    model = onnx.load(str(int8))
    graph = model.graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    source = {
        _parted(node.output[0], "abs"): node.input[0]
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
            name, moved = _parted(out, "_sum")
            made[f"{name}_weight"] = _scaled(values, name)
            inputs = [source[_parted(node.input[0], "int8")], f"{name}_weight"]
            nodes.append(helper.make_node("MatMul", inputs, [name + moved], name=name + moved))
            gone |= {f"{name}{part}{moved}" for part in (*_OF_A_PRODUCT, "")}
        elif node.op_type == "Gather" and node.input[0].endswith("_int8"):
            table, name = node.input[0].removesuffix("_int8"), out.removesuffix("_int8")
            made[table] = _scaled(values, table)
            nodes.append(helper.make_node("Gather", [table, node.input[1]], [name], axis=0))
            gone |= {f"{name}_wide", f"{name}_scale", name}
        else:
            nodes.append(onnx.NodeProto.FromString(node.SerializeToString()))
    if not made:
        raise ValueError(f"{int8} holds no row-wise int8 products: it is no int8 of Notemill's")
    nodes = read_nodes(nodes, {output.name for output in graph.output})
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    weights = [numpy_helper.from_array(v, name) for name, v in made.items() if name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend([*kept, *weights])
    onnx.checker.check_model(model)
    onnx.save(model, str(fp32))


def _parted(tensor: str, part: str) -> tuple[str, str]:
    """What a tensor is a part of, and _MOVED where that is of the first position."""
    moved = _MOVED if tensor.endswith(_MOVED) else ""
    return tensor.removesuffix(moved).removesuffix(part), moved


def _scaled(values: dict[str, Any], name: str) -> Any:
    return values[f"{name}_int8"].astype(np.float32) * values[f"{name}_scale"]
