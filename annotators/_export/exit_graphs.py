"""A model's graph cut in two after a layer, with a head that lets sure windows leave there.

The front graph gives the hidden states after the layer and the head's logits, the back graph goes
on from hidden states to the model's own logits. Both hold no weights of the model: they name where
these lie in the model's file, so that a folder grows by the head and two lists of nodes only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from annotators._export.exit_head import Head, add_head
from annotators._export.first_position import first_position_only
from annotators._runtime.early_exit import BACK, FRONT, HIDDEN, LOGITS
from annotators._runtime.onnx_graph import raw_places
from annotators.core.errors import ModelError

SMALLEST_SHARED = 1024
"""Bytes of a tensor that is worth a reference to the model's file."""


@dataclass(frozen=True)
class Encoder:
    """A plain BERT's graph, as far as it matters for cutting it.

    hidden: the tensor of hidden states after each layer, the embeddings' first. width: their H.
    of_pieces: whether the model has logits for each wordpiece. int8: whether its products are.
    """

    model: onnx.ModelProto
    hidden: tuple[str, ...]
    width: int
    logits: str
    of_pieces: bool
    int8: bool

    @property
    def layers(self) -> int:
        return len(self.hidden) - 1


def read_encoder(file: Path) -> Encoder:
    """The encoder in a file. Raises ModelError with what was found where it is not a plain BERT."""
    model = onnx.load(str(file), load_external_data=False)
    graph = model.graph
    norms = [node for node in graph.node if node.op_type == "LayerNormalization"]
    softmaxes = sum(node.op_type == "Softmax" for node in graph.node)
    layers = (len(norms) - 1) // 2
    outputs = [value for value in graph.output if value.name.partition(":")[0] == LOGITS]
    chain = tuple(norm.output[0] for norm in norms[::2])
    plain = len(norms) % 2 == 1 and layers >= 2 and softmaxes == layers and bool(outputs)
    fixed = [v.name for v in graph.input if any(d.dim_value for d in _axes(v))]
    if not plain or fixed or not _is_chain(graph, chain, outputs[0].name):
        raise ModelError(
            f"{file} is not a plain BERT encoder: found {len(norms)} LayerNormalization and "
            f"{softmaxes} Softmax nodes, {len(fixed)} inputs of fixed size and outputs "
            f"{', '.join(value.name for value in graph.output)}; expected one Softmax and two "
            "LayerNormalization nodes a layer, two layers or more, free sizes and an output "
            f"{LOGITS}. Export it with `notemill export`."
        )
    width = next(t.dims[0] for t in graph.initializer if t.name == norms[0].input[1])
    return Encoder(
        model,
        chain,
        int(width),
        outputs[0].name,
        of_pieces=len(_axes(outputs[0])) == 3,
        int8=any(node.op_type == "MatMulInteger" for node in graph.node),
    )


def _axes(value: onnx.ValueInfoProto) -> list[onnx.TensorShapeProto.Dimension]:
    return list(value.type.tensor_type.shape.dim)


def _is_chain(graph: onnx.GraphProto, hidden: tuple[str, ...], logits: str) -> bool:
    """Whether each layer reads the one before it, and nothing but sizes reads past a layer."""
    for before, after in zip(hidden, (*hidden[1:], logits), strict=True):
        nodes = _needed(graph, after, before, hidden)
        norms = sum(node.op_type == "LayerNormalization" for node in nodes)
        if norms != (0 if after == logits else 2):
            return False
        if not any(before in node.input for node in nodes):
            return False
    return True


def _needed(
    graph: onnx.GraphProto, end: str, given: str | None, hidden: tuple[str, ...]
) -> list[onnx.NodeProto]:
    """The nodes that `end` is computed by from what is given, in the graph's order.

    A mask may be made to the size of the embeddings: all hidden states are of one size.
    """
    makers = {name: node for node in graph.node for name in node.output}
    wanted, found = [end], set()
    while wanted:
        name = wanted.pop()
        if name in makers and name != given and name not in found:
            node = makers[name]
            found.update(node.output)
            wanted += [] if node.op_type == "Shape" and node.input[0] in hidden else node.input
    return [node for node in graph.node if found.intersection(node.output)]


def with_hidden(encoder: Encoder, layers: Iterable[int]) -> onnx.ModelProto:
    """The whole model, which also gives the hidden states after some layers, in that order."""
    made = onnx.ModelProto.FromString(encoder.model.SerializeToString())
    made.graph.output.extend(_state(encoder.hidden[layer], encoder.width) for layer in layers)
    return made


def write_exit_graphs(folder: Path, encoder: Encoder, layer: int, head: Head) -> None:
    """Write the front and back graphs of the folder's model.onnx, cut after a layer (1, 2, …).

    A sequence classifier's last layer is for [CLS] only in the back graph, whatever it is in
    model.onnx: the logits are the same.
    """
    front, back = cut(encoder, layer)
    if not encoder.of_pieces:
        first_position_only(back.graph)
    add_head(front.graph, head, int8=encoder.int8)
    places = raw_places(folder / "model.onnx")
    for name, model in ((FRONT, front), (BACK, back)):
        _share_weights(model.graph, places, "model.onnx")
        (folder / name).write_bytes(model.SerializeToString())


def cut(encoder: Encoder, layer: int) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """(front without a head, back): the model up to the hidden states after a layer, and on."""
    states = encoder.hidden[layer]
    graph = encoder.model.graph
    logits = next(value for value in graph.output if value.name == encoder.logits)
    kept = [_state(HIDDEN, encoder.width)]
    before = _needed(graph, states, None, encoder.hidden)
    after = _needed(graph, logits.name, states, encoder.hidden)
    front = _part(encoder.model, before, [], kept, {states: HIDDEN})
    sizes = dict.fromkeys(encoder.hidden[: layer + 1], HIDDEN)
    return front, _part(encoder.model, after, kept, [logits], sizes)


def _state(name: str, width: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "sequence", width])


def _part(
    model: onnx.ModelProto,
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    renamed: Mapping[str, str],
) -> onnx.ModelProto:
    """A model of some nodes of another, with the weights and inputs that these read."""
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    for node in copies:
        node.input[:] = [renamed.get(name, name) for name in node.input]
        node.output[:] = [renamed.get(name, name) for name in node.output]
    read = {name for node in copies for name in node.input}
    graph = helper.make_graph(
        copies,
        model.graph.name,
        [*(value for value in model.graph.input if value.name in read), *inputs],
        outputs,
        [tensor for tensor in model.graph.initializer if tensor.name in read],
    )
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def _share_weights(
    graph: onnx.GraphProto, places: Mapping[str, tuple[int, int]], file: str
) -> None:
    """Have the large tensors that the model's own file holds refer to where they lie in it."""
    for tensor in graph.initializer:
        offset, length = places.get(tensor.name, (0, 0))
        if length < SMALLEST_SHARED or tensor.data_location == TensorProto.EXTERNAL:
            continue
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", file), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
