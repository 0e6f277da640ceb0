"""The sentence detector as an ONNX graph."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from annotators.core.boundaries.features import BUCKETS, STRUCTURE, WIDTH
from jobs.recipes.sentence_detector.network import WINDOW, Scorer, scorer

NAME = "sentence_detector_dl_healthcare"

OPSET = 17


def to_onnx(model: Scorer) -> onnx.ModelProto:
    """Build the graph: `features` uint8[N, WIDTH] in, `probability` float32[N] out."""
    weights = {name: value.detach().numpy() for name, value in model.named_parameters()}
    constants = {
        "characters": weights["characters.weight"],
        "buckets": weights["buckets.weight"],
        "convolution_w": weights["convolution.weight"].T.copy(),
        "convolution_b": weights["convolution.bias"],
        "hidden_w": weights["hidden.weight"].T.copy(),
        "hidden_b": weights["hidden.bias"],
        "output_w": weights["output.weight"].T.copy(),
        "output_b": weights["output.bias"],
        "columns": (np.arange(STRUCTURE) * BUCKETS).astype(np.int32)[None],
        "parts": np.array([WINDOW, STRUCTURE], np.int64),
        "one": np.array([1], np.int64),
        "two": np.array([2], np.int64),
        "first": np.array([0], np.int64),
        "last": np.array([WINDOW - 2], np.int64),
        "last_but_one": np.array([WINDOW - 1], np.int64),
        "end": np.array([WINDOW], np.int64),
        "flat": np.array([0, -1], np.int64),
        "line": np.array([-1], np.int64),
    }
    node = helper.make_node
    nodes = [
        node("Cast", ["features"], ["classes"], to=TensorProto.INT32),
        node("Split", ["classes", "parts"], ["window", "structure"], axis=1),
        node("Gather", ["characters", "window"], ["seen"]),
        node("Slice", ["seen", "first", "last", "one"], ["left"]),
        node("Slice", ["seen", "one", "last_but_one", "one"], ["middle"]),
        node("Slice", ["seen", "two", "end", "one"], ["right"]),
        node("Concat", ["left", "middle", "right"], ["triples"], axis=2),
        node("MatMul", ["triples", "convolution_w"], ["convolved"]),
        node("Add", ["convolved", "convolution_b"], ["shifted"]),
        node("Relu", ["shifted"], ["shapes"]),
        node("Reshape", ["shapes", "flat"], ["flat_shapes"]),
        node("Add", ["structure", "columns"], ["entries"]),
        node("Gather", ["buckets", "entries"], ["looked_up"]),
        node("Reshape", ["looked_up", "flat"], ["flat_structure"]),
        node("Concat", ["flat_shapes", "flat_structure"], ["joined"], axis=1),
        node("Gemm", ["joined", "hidden_w", "hidden_b"], ["hidden"]),
        node("Relu", ["hidden"], ["active"]),
        node("Gemm", ["active", "output_w", "output_b"], ["logits"]),
        node("Sigmoid", ["logits"], ["probabilities"]),
        node("Reshape", ["probabilities", "line"], ["probability"]),
    ]
    graph = helper.make_graph(
        nodes,
        NAME,
        [helper.make_tensor_value_info("features", TensorProto.UINT8, ["candidates", WIDTH])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["candidates"])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", OPSET)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="notemill")
    onnx.checker.check_model(made, full_check=True)
    return made


def onnx_difference(made: onnx.ModelProto, model: Scorer, rows: NDArray[np.uint8]) -> float:
    """Give the largest difference in probability between the graph, run by onnx, and torch."""
    (found,) = ReferenceEvaluator(made).run(None, {"features": rows})
    return float(np.abs(np.asarray(found) - scorer(model)(rows)).max())
