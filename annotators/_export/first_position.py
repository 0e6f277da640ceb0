"""A sequence classifier's last layer, computed for its first position only.

The classifier reads [CLS] alone, so in the last layer only keys and values need every position.
Queries, attention and the feed-forward network of the others are work that nobody reads: 1/6 of a
MiniLM. The logits stay the same. The rewrite works on plain and on int8 graphs (see rowwise.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import onnx
from onnx import helper, numpy_helper

QUERY_AXIS = 2
"""Of scores and mask, [batch, head, query, key]."""


def first_position_only(graph: onnx.GraphProto) -> bool:
    """Rewrite the graph of a BERT sequence classifier; say whether it was one.

    A graph whose output reads more than the first position, or whose last layer is not that of a
    BERT (one softmax between two products), stays as it is, and so does one that was rewritten.
    """
    layer = _LastLayer.of(graph)
    if layer is None:
        return False
    layer.rewrite()
    return True


class _LastLayer:
    """The nodes behind the last layer's input, and which of them make keys and values."""

    def __init__(self, graph: onnx.GraphProto, hidden: str, scores: str, context: str) -> None:
        self.graph = graph
        self.hidden = hidden
        self.behind = _behind(graph, hidden)
        makers = {name: node for node in self.behind for name in node.output}
        self.keys_and_values = {makers[scores].input[1], makers[context].input[1]}
        self.shared = _before(makers, self.keys_and_values)
        self.renamed = {hidden: f"{hidden}_first"}

    @classmethod
    def of(cls, graph: onnx.GraphProto) -> _LastLayer | None:
        norms = [node for node in graph.node if node.op_type == "LayerNormalization"]
        if len(norms) < 3 or not _only_first_is_read(graph, norms[-1].output[0]):
            return None
        hidden = norms[-3].output[0]
        if any(f"{hidden}_first" in node.output for node in graph.node):
            return None
        behind = _behind(graph, hidden)
        inside = {name for node in behind for name in node.output}
        softmaxes = [node for node in behind if node.op_type == "Softmax"]
        products = [
            node.output[0]
            for node in behind
            if node.op_type == "MatMul" and set(node.input) <= inside
        ]
        if len(softmaxes) != 1 or len(products) != 2:
            return None
        return cls(graph, hidden, scores=products[0], context=products[1])

    def rewrite(self) -> None:
        """Replace the layer's nodes; what both paths need is there once for each."""
        inside = {name for node in self.behind for name in node.output}
        softmax = next(node for node in self.behind if node.op_type == "Softmax")
        makers = {name: node for node in self.graph.node for name in node.output}
        masks = _masks(makers, softmax.input[0], inside)
        for mask in masks:
            self.renamed[mask] = f"{mask}_first"
        made: list[onnx.NodeProto] = []
        started = False
        for node in self.graph.node:
            if node.output[0] not in inside:
                made.append(_copy(node))
                continue
            if not started:
                made += self._slices(masks)
                started = True
            made += self._moved(node)
        kept = read_nodes(made, {output.name for output in self.graph.output})
        del self.graph.node[:]
        self.graph.node.extend(kept)

    def _slices(self, masks: Iterable[str]) -> list[onnx.NodeProto]:
        """The first position of the hidden states, the first query's row of each mask."""
        bounds = {"first_begin": 0, "first_end": 1, "first_query": QUERY_AXIS}
        self.graph.initializer.extend(
            numpy_helper.from_array(np.array([value], np.int64), name)
            for name, value in bounds.items()
        )
        axes = {self.hidden: "first_end", **dict.fromkeys(masks, "first_query")}
        return [
            helper.make_node(
                "Slice", [source, "first_begin", "first_end", axis], [f"{source}_first"]
            )
            for source, axis in axes.items()
        ]

    def _moved(self, node: onnx.NodeProto) -> list[onnx.NodeProto]:
        """A node of the layer as it is for keys and values, over the first position otherwise."""
        if node.output[0] in self.keys_and_values:
            return [_copy(node)]
        if node.output[0] not in self.shared:
            return [_copy(node, self.renamed)]
        names = {name: f"{name}_first" for name in node.output}
        twin = _copy(node, self.renamed)
        twin.name = f"{node.name}_first" if node.name else ""
        self.renamed.update(names)
        del twin.output[:]
        twin.output.extend(names.values())
        return [_copy(node), twin]


def read_nodes(nodes: Sequence[onnx.NodeProto], outputs: Iterable[str]) -> list[onnx.NodeProto]:
    """The nodes, in their order, that these outputs are computed from."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            kept.append(node)
    return kept[::-1]


def _only_first_is_read(graph: onnx.GraphProto, last: str) -> bool:
    """Whether the last hidden states are read by one Gather of position 0 and by nothing else."""
    readers = [node for node in graph.node if last in node.input]
    if len(readers) != 1 or readers[0].op_type != "Gather":
        return False
    axis = next((a.i for a in readers[0].attribute if a.name == "axis"), 0)
    position = _constant(graph, readers[0].input[1])
    return axis == 1 and position is not None and position.ndim == 0 and int(position) == 0


def _constant(graph: onnx.GraphProto, name: str) -> np.ndarray | None:
    for tensor in graph.initializer:
        if tensor.name == name:
            return np.asarray(numpy_helper.to_array(tensor))
    for node in graph.node:
        if node.op_type == "Constant" and node.output[0] == name:
            return np.asarray(numpy_helper.to_array(node.attribute[0].t))
    return None


def _behind(graph: onnx.GraphProto, start: str) -> list[onnx.NodeProto]:
    """The nodes that depend on `start`, in the graph's order."""
    reached, found = {start}, []
    for node in graph.node:
        if reached.intersection(node.input):
            reached.update(node.output)
            found.append(node)
    return found


def _before(makers: dict[str, onnx.NodeProto], ends: Iterable[str]) -> set[str]:
    """The values that `ends` are computed from, themselves included, as far as `makers` go."""
    found: set[str] = set()
    wanted = [name for name in ends if name in makers]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.update(makers[name].output)
            wanted += [source for source in makers[name].input if source in makers]
    return found


def _masks(makers: dict[str, onnx.NodeProto], softmax_input: str, inside: set[str]) -> list[str]:
    """What is added to the scores before the softmax, computed ahead of the layer."""
    found, name = [], softmax_input
    while makers[name].op_type != "MatMul":
        outside = [source for source in makers[name].input if source not in inside]
        computed = [s for s in outside if s in makers and makers[s].op_type != "Constant"]
        found += computed
        name = next(source for source in makers[name].input if source in inside)
    return found


def _copy(node: onnx.NodeProto, renamed: dict[str, str] | None = None) -> onnx.NodeProto:
    made = onnx.NodeProto.FromString(node.SerializeToString())
    if renamed:
        names = [renamed.get(name, name) for name in made.input]
        del made.input[:]
        made.input.extend(names)
    return made
