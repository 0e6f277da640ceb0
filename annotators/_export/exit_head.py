"""The head that reads labels off hidden states halfway, as nodes at the end of a front graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from annotators._export.rowwise import rowwise_products
from annotators._runtime.early_exit import HIDDEN, LOGITS

_PREFIX = "exit/"
_LIMIT = 63
"""Of int8 weights: one result on all CPUs, see rowwise.py."""

Weights = NDArray[np.float32]


@dataclass(frozen=True)
class Head:
    """What reads labels off hidden states: a layer to D, GELU, a layer to the labels.

    first: float32[3 * H, D], for the states before, at and after a wordpiece, or float32[H, D] for
    the state of [CLS]. second: float32[D, labels]. The others are their biases.
    """

    first: Weights
    first_bias: Weights
    second: Weights
    second_bias: Weights
    of_pieces: bool


def add_head(front: onnx.GraphProto, head: Head, *, int8: bool) -> None:
    """Append the head's nodes, and its logits to the outputs."""
    made = _head_of_pieces(head, int8=int8) if head.of_pieces else _head_of_first(head)
    own = {name for node in made.node for name in node.output if name}
    names = {n: f"{_PREFIX}{n}" for n in own | {t.name for t in made.initializer}} | {
        LOGITS: LOGITS
    }
    for node in made.node:
        node.name = ""
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    for tensor in made.initializer:
        tensor.name = names[tensor.name]
    front.node.extend(made.node)
    front.initializer.extend(made.initializer)
    shape = ["batch", "sequence", head.second.shape[1]]
    front.output.append(
        helper.make_tensor_value_info(
            LOGITS, TensorProto.FLOAT, shape if head.of_pieces else [shape[0], shape[2]]
        )
    )


def _head_of_pieces(head: Head, *, int8: bool) -> onnx.GraphProto:
    """The first layer as one product a wordpiece, whose thirds are moved to their neighbours.

    A state is so multiplied once, not once for itself and once for each neighbour.
    """
    width, inner = len(head.first) // 3, head.first.shape[1]
    thirds = np.concatenate(np.split(head.first, 3), axis=1)
    constants: dict[str, np.ndarray] = {
        "thirds": thirds.reshape(width, 3 * inner),
        "from_before": np.array([0, 1, 0, 0, -1, 0], np.int64),
        "from_after": np.array([0, -1, 0, 0, 1, 0], np.int64),
    }
    nodes = [
        helper.make_node("MatMul", [HIDDEN, "thirds"], ["parts"], name="parts"),
        helper.make_node("Split", ["parts"], ["before", "own", "after"], axis=2),
        helper.make_node("Pad", ["before", "from_before"], ["moved_before"]),
        helper.make_node("Pad", ["after", "from_after"], ["moved_after"]),
        helper.make_node("Add", ["moved_before", "own"], ["two"]),
        helper.make_node("Add", ["two", "moved_after"], ["inner"]),
    ]
    graph = _graph([*nodes, *_rest()], {**constants, **_rest_constants(head)})
    if int8:
        rowwise_products(graph, frozenset({"labels"}), limit=_LIMIT)
    return graph


def _head_of_first(head: Head) -> onnx.GraphProto:
    nodes = [
        helper.make_node("Gather", [HIDDEN, "zero"], ["first"], axis=1),
        helper.make_node("MatMul", ["first", "weights"], ["inner"]),
    ]
    zero = np.array(0, np.int64)
    constants: dict[str, np.ndarray] = {"zero": zero, "weights": head.first}
    constants |= _rest_constants(head)
    return _graph([*nodes, *_rest()], constants)


def _rest() -> list[onnx.NodeProto]:
    """From the first layer's sums to the logits."""
    return [
        helper.make_node("Add", ["inner", "first_bias"], ["biased"]),
        helper.make_node("Div", ["biased", "root"], ["scaled"]),
        helper.make_node("Erf", ["scaled"], ["erf"]),
        helper.make_node("Add", ["erf", "one"], ["raised"]),
        helper.make_node("Mul", ["biased", "raised"], ["double"]),
        helper.make_node("Mul", ["double", "half"], ["gelu"]),
        helper.make_node("MatMul", ["gelu", "second"], ["unbiased"], name="labels"),
        helper.make_node("Add", ["unbiased", "second_bias"], [LOGITS]),
    ]


def _rest_constants(head: Head) -> dict[str, np.ndarray]:
    numbers = {"root": np.sqrt(2), "one": 1, "half": 0.5}
    return {
        "first_bias": head.first_bias,
        "second": head.second,
        "second_bias": head.second_bias,
        **{name: np.array(value, np.float32) for name, value in numbers.items()},
    }


def _graph(nodes: list[onnx.NodeProto], constants: Mapping[str, np.ndarray]) -> onnx.GraphProto:
    tensors = [numpy_helper.from_array(values, name) for name, values in constants.items()]
    return helper.make_graph(nodes, "head", [], [], tensors)
