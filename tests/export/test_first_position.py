"""The last layer for [CLS] only: the same logits from less work, and only where [CLS] is all."""

import numpy as np
import onnx
import pytest

from annotators._export.first_position import first_position_only
from annotators._runtime.model_folder import find_model
from benchmarks.dequantise import dequantise

BC5CDR = "bert_token_classifier_ner_bc5cdr"
PACKAGED = ("bert_sequence_classifier_metastasis", "bert_sequence_classifier_sentiment")


def feeds(seed, rows, width):
    draw = np.random.default_rng(seed)
    lengths = draw.integers(3, width + 1, rows)
    lengths[0] = width
    ids = draw.integers(1000, 30_000, (rows, width))
    mask = (np.arange(width) < lengths[:, None]).astype(np.int64)
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}


def logits(model, given):
    from onnxruntime import InferenceSession

    session = InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, given)[0]


def sequence_classifier(file):
    """A token classifier's encoder, its layers whole, with random labels of [CLS] instead."""
    model = onnx.load(file)
    graph, helper = model.graph, onnx.helper
    last = last_state(model)
    behind = {last}
    for node in graph.node:
        if behind.intersection(node.input):
            behind.update(node.output)
    kept = [node for node in graph.node if not behind.intersection(node.input)]
    weights = np.random.default_rng(3).normal(0, 0.02, (384, 2)).astype(np.float32)
    graph.initializer.extend(
        [
            onnx.numpy_helper.from_array(np.array(0, np.int64), "place_of_cls"),
            onnx.numpy_helper.from_array(weights, "labels"),
        ]
    )
    nodes = [
        *(onnx.NodeProto.FromString(node.SerializeToString()) for node in kept),
        helper.make_node("Gather", [last, "place_of_cls"], ["state_of_cls"], axis=1),
        helper.make_node("MatMul", ["state_of_cls", "labels"], ["logits"]),
    ]
    del graph.node[:], graph.output[:]
    graph.node.extend(nodes)
    shape = ["batch", 2]
    graph.output.append(helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, shape))
    return model


def last_state(model):
    """The hidden states after the last layer."""
    norms = [node for node in model.graph.node if node.op_type == "LayerNormalization"]
    return norms[-1].output[0]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A sequence classifier in fp32, its last layer whole."""
    path = tmp_path_factory.mktemp("twin") / "model.onnx"
    dequantise(find_model(BC5CDR).weights, path)
    return sequence_classifier(path)


def rewritten(model):
    made = onnx.ModelProto.FromString(model.SerializeToString())
    assert first_position_only(made.graph)
    onnx.checker.check_model(made)
    return made


@pytest.mark.parametrize(("rows", "width"), [(1, 3), (1, 60), (7, 24)])
def test_fp32_logits_are_those_of_the_whole_layer(plain, rows, width):
    given = feeds(rows, rows, width)

    np.testing.assert_allclose(logits(rewritten(plain), given), logits(plain, given), atol=2e-6)


@pytest.mark.parametrize(("rows", "width"), [(1, 3), (1, 60), (7, 24)])
def test_int8_logits_are_those_of_the_whole_layer(rows, width):
    model = sequence_classifier(find_model(BC5CDR).weights)
    given = feeds(rows, rows, width)

    np.testing.assert_allclose(logits(rewritten(model), given), logits(model, given), atol=1e-3)


def test_the_last_feed_forward_network_sees_one_position(plain):
    made = rewritten(plain)
    output = last_state(made)
    made.graph.output.append(onnx.helper.make_empty_tensor_value_info(output))
    from onnxruntime import InferenceSession

    session = InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])

    assert session.run([output], feeds(1, 5, 20))[0].shape == (5, 1, 384)


def test_a_token_classifier_stays_as_it_is():
    model = onnx.load(find_model(BC5CDR).weights)
    before = model.SerializeToString()

    assert not first_position_only(model.graph)
    assert model.SerializeToString() == before


def test_every_node_is_read(plain):
    """A twin that nobody reads would be written into int8 with weights of its own."""
    graph = rewritten(plain).graph
    read = {name for node in graph.node for name in node.input} | {"logits"}

    assert [node.name for node in graph.node if not read.intersection(node.output)] == []


def test_it_is_done_once(plain):
    assert not first_position_only(rewritten(plain).graph)


@pytest.mark.parametrize("name", PACKAGED)
def test_the_packaged_classifiers_have_it(name):
    made = onnx.load(find_model(name).weights)
    cut = [node.output[0] for node in made.graph.node if node.op_type == "Slice"]
    assert any(name.endswith("_first") for name in cut)
    assert not first_position_only(made.graph)


@pytest.mark.parametrize("name", PACKAGED)
def test_the_twin_of_a_rewritten_classifier_gives_its_logits(name, tmp_path):
    made = onnx.load(find_model(name).weights)
    dequantise(find_model(name).weights, tmp_path / "fp32.onnx")
    twin, given = onnx.load(tmp_path / "fp32.onnx"), feeds(2, 3, 30)

    assert "MatMulInteger" not in {node.op_type for node in twin.graph.node}
    np.testing.assert_allclose(logits(twin, given), logits(made, given), atol=0.5)
