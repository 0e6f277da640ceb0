"""The last layer for [CLS] only: the same logits from less work, and only where [CLS] is all."""

import numpy as np
import onnx
import pytest

from annotators._export.first_position import first_position_only
from annotators._runtime.model_folder import find_model
from benchmarks.dequantise import dequantise

SENTIMENT = "bert_sequence_classifier_sentiment"


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


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The fp32 twin of a packaged sequence classifier, its last layer whole."""
    path = tmp_path_factory.mktemp("twin") / "model.onnx"
    dequantise(find_model(SENTIMENT).weights, path)
    return onnx.load(path)


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
    model = onnx.load(find_model(SENTIMENT).weights)
    given = feeds(rows, rows, width)

    np.testing.assert_allclose(logits(rewritten(model), given), logits(model, given), atol=1e-3)


def test_the_last_feed_forward_network_sees_one_position(plain):
    made = rewritten(plain)
    output = "/model/bert/encoder/layer.5/output/LayerNorm/LayerNormalization_output_0"
    made.graph.output.append(onnx.helper.make_empty_tensor_value_info(output))
    from onnxruntime import InferenceSession

    session = InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])

    assert session.run([output], feeds(1, 5, 20))[0].shape == (5, 1, 384)


def test_a_token_classifier_stays_as_it_is():
    model = onnx.load(find_model("bert_token_classifier_ner_bc5cdr").weights)
    before = model.SerializeToString()

    assert not first_position_only(model.graph)
    assert model.SerializeToString() == before


def test_it_is_done_once(plain):
    assert not first_position_only(rewritten(plain).graph)
