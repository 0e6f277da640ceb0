"""Hugging Face model to ONNX graph (fp32), and that graph to int8.

int8 is dynamic quantisation of the plain, unfused graph. MatMul weights have one scale per output
channel, embeddings one per row, activations one per token (rowwise.py: a result must not depend on
its batch). With `reduce_range` weights use 7 bits, so that CPUs without VNNI, whose u8*s8 products
saturate at 16 bits, give what others give.
"""

from __future__ import annotations

import inspect
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from annotators._export.first_position import first_position_only
from annotators._export.rowwise import rowwise_products
from annotators._runtime.weights import MAPPED, file_sha256

OPSET = 17
SMALLEST_MAPPED = 1024
"""Bytes of a constant that is worth a place in the file of mapped weights."""
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
"""Of a BERT; a DistilBERT has no token types."""


class _Logits(torch.nn.Module):  # type: ignore[misc]
    """Positional inputs in, logits out: what the exporter traces."""

    def __init__(self, model: Any, names: tuple[str, ...]) -> None:
        super().__init__()
        self.model = model
        self.names = names

    def forward(self, *values: Any) -> Any:
        return self.model(**dict(zip(self.names, values, strict=True))).logits


def export_fp32(model: Any, path: Path) -> None:
    """Write the plain fp32 graph of a model with eager attention; batch and sequence dynamic.

    A sequence classifier's last layer is computed for [CLS] alone, which is all that is read of it.
    """
    ids = torch.arange(1, 15, dtype=torch.int64).reshape(2, 7)
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    values = dict(zip(INPUTS, (ids, mask, torch.zeros_like(ids)), strict=True))
    taken = inspect.signature(model.forward).parameters
    names = tuple(name for name in INPUTS if name in taken)
    axes = {name: {0: "batch", 1: "sequence"} for name in names}
    kind = type(model).__name__
    axes["logits"] = {0: "batch"} if "Sequence" in kind else {0: "batch", 1: "sequence"}
    with warnings.catch_warnings():
        # the tracing exporter is marked as old, yet the new one takes a minute and unrolls masks
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Logits(model, names).eval(),
            tuple(values[name] for name in names),
            str(path),
            input_names=list(names),
            output_names=["logits"],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
    if "Sequence" in kind:
        made = onnx.load(str(path))
        first_position_only(made.graph)
        onnx.save(made, str(path))


def rowwise_embeddings(graph: onnx.GraphProto, table: str) -> None:
    """Replace Gather(table) by int8 rows times a scale per row (a byte a weight, no outlier)."""
    initial = next(i for i in graph.initializer if i.name == table)
    weights = numpy_helper.to_array(initial)
    scale = np.maximum(np.abs(weights).max(axis=1, keepdims=True), 1e-12) / 127
    rows = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)
    graph.initializer.remove(initial)
    graph.initializer.extend(
        [
            numpy_helper.from_array(rows, f"{table}_int8"),
            numpy_helper.from_array(scale.astype(np.float32), f"{table}_scale"),
        ]
    )
    for position, node in enumerate(list(graph.node)):
        if node.op_type == "Gather" and node.input[0] == table:
            ids, out = node.input[1], node.output[0]
            made = [
                helper.make_node("Gather", [f"{table}_int8", ids], [f"{out}_int8"], axis=0),
                helper.make_node("Cast", [f"{out}_int8"], [f"{out}_wide"], to=TensorProto.FLOAT),
                helper.make_node("Gather", [f"{table}_scale", ids], [f"{out}_scale"], axis=0),
                helper.make_node("Mul", [f"{out}_wide", f"{out}_scale"], [out]),
            ]
            graph.node.remove(node)
            for offset, one in enumerate(made):
                graph.node.insert(position + offset, one)
            return
    raise ValueError(f"the graph has no Gather over {table}")


def _big_tables(graph: onnx.GraphProto) -> list[str]:
    """Name initializers that a Gather looks up, large enough to be worth a byte a weight."""
    sizes = {i.name: int(np.prod(i.dims)) for i in graph.initializer if len(i.dims) == 2}
    return [
        n.input[0]
        for n in graph.node
        if n.op_type == "Gather" and sizes.get(n.input[0], 0) > 100_000
    ]


def classifier_nodes(graph: onnx.GraphProto) -> list[str]:
    """Name the products of the classifier: tiny, and what rounds there is in the logits."""
    return [
        n.name
        for n in graph.node
        if n.op_type in ("MatMul", "Gemm") and "classifier" in f"{n.name}{n.output[0]}"
    ]


def quantise(
    fp32: Path, int8: Path, *, reduce_range: bool = True, exclude: tuple[str, ...] = ()
) -> None:
    """Write the int8 graph of a plain fp32 graph; nodes whose name holds one of `exclude` stay."""
    model = onnx.load(str(fp32))
    skipped = frozenset(classifier_nodes(model.graph)) | {
        n.name for n in model.graph.node if any(part in n.name for part in exclude)
    }
    rowwise_products(model.graph, skipped, limit=63 if reduce_range else 127)
    for table in _big_tables(model.graph):
        rowwise_embeddings(model.graph, table)
    onnx.checker.check_model(model)
    onnx.save(model, str(int8))


def map_weights(graph: Path) -> str:
    """Move a graph's weights to a file of their own beside it, and give that file's name.

    onnxruntime maps it, so that processes of one machine share its pages, where each would hold a
    copy of its own.
    """
    model = onnx.load(str(graph))
    unnamed = graph.with_name("weights.bin")
    onnx.save(
        model,
        str(graph),
        save_as_external_data=True,
        location=unnamed.name,
        size_threshold=SMALLEST_MAPPED,
    )
    name = MAPPED.format(sha256=file_sha256(unnamed))
    unnamed.rename(graph.with_name(name))
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = name
    graph.write_bytes(model.SerializeToString())
    return name
