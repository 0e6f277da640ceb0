"""What is read off an ONNX file without opening it, and the hash that covers all of its files."""

from __future__ import annotations

import hashlib
import shutil

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from annotators._runtime.inference import Inference
from annotators._runtime.model_folder import find_model
from annotators._runtime.onnx_graph import read_graph
from annotators._runtime.weights import check_weights, unmapped_files, weights_sha256
from annotators.core.errors import ModelError
from tests.conftest import WORDPIECES


def with_data(source, target, name="model.onnx.data", change=0.0):
    """A copy of a model folder whose weights lie in a file of their own, changed by some amount."""
    shutil.copytree(source, target)
    model = onnx.load(target / "model.onnx")
    for tensor in model.graph.initializer:
        if tensor.name == "head":
            values = numpy_helper.to_array(tensor)
            tensor.CopyFrom(
                numpy_helper.from_array(values + np.float32(change) * values[::-1], "head")
            )
    (target / name).parent.mkdir(exist_ok=True, parents=True)
    onnx.save(
        model, target / "model.onnx",
        save_as_external_data=True, all_tensors_to_one_file=True, location=name, size_threshold=100,
    )  # fmt: skip
    return target


def logits(folder):
    inference = Inference(find_model(str(folder)), False, 128, 32)
    pieces, offsets = inference.encoder().encode(["the", "patient", "denies", "pain"])
    windows = inference.windows(offsets[[0, -1]])
    return inference.logits(pieces, windows).values


def test_a_graph_tells_its_weights_and_what_reads_its_inputs(token_model):
    found = read_graph(token_model / "model.onnx")

    assert found.external == ()
    assert dict(found.rows)["head"] == 16
    assert found.embedding_rows("input_ids") == len(WORDPIECES)
    assert found.embedding_rows("attention_mask") is None


@pytest.mark.parametrize(
    "data", [b"", b"no model at all", b"\xff" * 40, b"\x3a\x7f", b"PK\x03\x04"]
)
def test_what_is_no_graph_tells_nothing(tmp_path, data):
    (tmp_path / "model.onnx").write_bytes(data)

    assert read_graph(tmp_path / "model.onnx") is None
    assert weights_sha256(tmp_path / "model.onnx") == hashlib.sha256(data).hexdigest()


def test_every_cut_of_a_graph_is_read_or_refused(token_model, tmp_path):
    whole = (token_model / "model.onnx").read_bytes()
    for size in range(0, len(whole), 97):
        (tmp_path / f"{size}.onnx").write_bytes(whole[:size])
        found = read_graph(tmp_path / f"{size}.onnx")
        assert found is None or found.external == ()


def test_one_graph_with_other_data_is_another_model(token_model, tmp_path):
    """Both graphs are the same bytes: a session that is kept by them alone would serve both."""
    one = with_data(token_model, tmp_path / "one")
    other = with_data(token_model, tmp_path / "other", change=3.0)

    assert (one / "model.onnx").read_bytes() == (other / "model.onnx").read_bytes()
    assert unmapped_files(one / "model.onnx") == [one / "model.onnx.data"]
    assert find_model(str(one)).sha256 != find_model(str(other)).sha256
    assert np.allclose(logits(one), logits(token_model), atol=1e-6)
    assert not np.allclose(logits(other), logits(one), atol=1e-2)


def test_data_that_changed_is_refused(token_model, tmp_path):
    model = find_model(str(with_data(token_model, tmp_path / "model", "data/weights")))
    data = model.path / "data/weights"
    check_weights(model.weights, model.sha256)
    data.write_bytes(bytes(len(data.read_bytes())) + b" ")

    with pytest.raises(ModelError, match=r"model\.onnx has SHA-256 .* but .* was expected"):
        check_weights(model.weights, model.sha256)


def test_data_that_is_not_there_is_told_by_its_name(token_model, tmp_path):
    folder = with_data(token_model, tmp_path / "model")
    (folder / "model.onnx.data").unlink()

    with pytest.raises(ModelError, match=r"model\.onnx\.data is missing"):
        find_model(str(folder))


@pytest.mark.parametrize("name", ["../other.data", "/tmp/other.data"])
def test_data_outside_of_the_folder_is_refused(token_model, tmp_path, name):
    folder = with_data(token_model, tmp_path / "model")
    model = onnx.load(folder / "model.onnx", load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            entry.value = name if entry.key == "location" else entry.value
    (folder / "model.onnx").write_bytes(model.SerializeToString())

    with pytest.raises(ModelError, match="outside of its folder"):
        find_model(str(folder))


def test_weights_named_by_their_content_leave_the_hash_that_of_the_graph(token_model, tmp_path):
    """Saved stages hold it, of folders that `notemill export --mapped-weights` made."""
    scratch = with_data(token_model, tmp_path / "scratch", "weights")
    name = f"weights-{hashlib.sha256((scratch / 'weights').read_bytes()).hexdigest()}.bin"
    model = find_model(str(with_data(token_model, tmp_path / "model", name)))

    assert model.sha256 == hashlib.sha256(model.weights.read_bytes()).hexdigest()
    check_weights(model.weights, model.sha256)
    (model.path / name).write_bytes(b"other")
    with pytest.raises(ModelError, match="was expected"):
        check_weights(model.weights, model.sha256)
