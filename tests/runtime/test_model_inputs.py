"""Models whose inputs are of other names, types and sizes run, or say why they cannot."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from annotators import BertForTokenClassification
from annotators._runtime.inference import Inference, longest_window
from annotators._runtime.model_folder import find_model
from annotators._runtime.onnx_graph import read_graph
from annotators.core.errors import ModelError

WORDS = ["the", "patient", "denies", "pain", "and", "takes", "aspirin", "mg"] * 9
LENGTHS = [4, 1, 40, 7, 12, 8]


@pytest.fixture
def changed(token_model, tmp_path):
    """A function that gives a copy of a token classifier's folder with its graph changed."""

    def copy(change):
        folder = shutil.copytree(token_model, tmp_path / "model")
        model = onnx.load(folder / "model.onnx")
        change(model.graph)
        onnx.save(model, folder / "model.onnx")
        return folder

    return copy


def logits(folder, **settings):
    """What a model makes of sequences of several lengths, in windows of 32."""
    found = Inference(find_model(str(folder)), False, 32, 8)
    inference = replace(found, **settings)
    pieces, offsets = inference.encoder().encode(WORDS)
    windows = inference.windows(offsets[np.cumsum([0, *LENGTHS])])
    made = inference.logits(pieces, windows)
    sizes = windows.stop - windows.start + 2
    return [
        made.values[i : i + n] for i, n in zip(made.first.tolist(), sizes.tolist(), strict=True)
    ]


def assert_same(found, wanted):
    assert len(found) == len(wanted)
    for some, others in zip(found, wanted, strict=True):
        np.testing.assert_allclose(some, others, atol=1e-5)


def of_type(kind):
    def change(graph):
        for value in graph.input:
            value.type.tensor_type.elem_type = kind

    return change


def renamed(suffix):
    def change(graph):
        names = {value.name: value.name + suffix for value in graph.input}
        for value in graph.input:
            value.name = names[value.name]
        for node in graph.node:
            node.input[:] = [names.get(name, name) for name in node.input]

    return change


def of_axes(batch=None, length=None):
    def change(graph):
        for value in graph.input:
            for axis, size in zip(value.type.tensor_type.shape.dim, (batch, length), strict=True):
                if size:
                    axis.dim_value = size

    return change


def with_places(count, name):
    """Adds a table with a row for each place in a window, as BERT has."""

    def change(graph):
        table = np.random.default_rng(5).normal(size=(count, 16)).astype(np.float32)
        graph.initializer.append(numpy_helper.from_array(table, name))
        numbers = {"zero": 0, "one": 1}
        graph.initializer.extend(
            numpy_helper.from_array(np.array(v, np.int64), n) for n, v in numbers.items()
        )
        nodes = [
            helper.make_node("Shape", ["input_ids"], ["shape"]),
            helper.make_node("Gather", ["shape", "one"], ["width"]),
            helper.make_node("Range", ["zero", "width", "one"], ["places"]),
            helper.make_node("Gather", [name, "places"], ["placed"]),
            helper.make_node("Add", ["words", "placed"], ["embedded"]),
        ]
        for node in graph.node:
            if node.output[0] == "embedded":
                node.output[0] = "words"
        rest = list(graph.node)
        del graph.node[:]
        graph.node.extend([rest[0], *nodes, *rest[1:]])

    return change


@pytest.mark.parametrize(
    "change",
    [
        of_type(TensorProto.INT32),
        renamed(":0"),
        of_axes(batch=1),
        of_axes(batch=4),
        of_axes(length=32),
        of_axes(batch=1, length=32),
        of_axes(batch=3, length=32),
    ],
    ids=["int32", "names", "one", "four", "length", "one_length", "three_length"],
)
def test_inputs_of_other_forms_give_the_same(changed, token_model, change):
    folder = changed(change)

    assert_same(logits(folder), logits(token_model))
    assert_same(logits(folder, remembered=50), logits(token_model))
    assert_same(logits(folder, once=False, batch_wordpieces=40), logits(token_model))


@pytest.mark.parametrize(
    ("change", "longest"),
    [
        (of_axes(length=16), 16),
        (of_axes(batch=1, length=128), 128),
        (with_places(24, "bert.embeddings.position_embeddings.weight"), 24),
        (with_places(24, "bert.embeddings.position_embeddings.weight_quantized"), 24),
        (of_axes(batch=1), 512),
    ],
    ids=["length", "both", "places", "int8_places", "batch"],
)
def test_windows_are_as_long_as_the_model_takes(changed, change, longest):
    folder = changed(change)
    stage = BertForTokenClassification.loadSavedModel(str(folder)).setMaxSentenceLength(512)

    assert longest_window(find_model(str(folder))) == longest
    assert stage._inference().max_length == longest
    assert len(logits(folder, max_length=longest)[0]) == LENGTHS[0] + 2


def test_a_limit_that_no_name_tells_is_an_error_with_the_size(changed):
    folder = changed(with_places(24, "onnx::table"))

    assert longest_window(find_model(str(folder))) == 512
    assert len(logits(folder, max_length=24)) > len(LENGTHS)
    with pytest.raises(ModelError, match=r"cannot run on inputs of \d+ x 32: \w+\..*setMaxSent"):
        logits(folder)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (renamed("_of_another"), "takes an input input_ids_of_another"),
        (of_type(TensorProto.STRING), r"of type tensor\(string\)"),
    ],
)
def test_inputs_that_cannot_be_fed_are_told_with_those_expected(token_model, change, told):
    """The graph of a classifier is only read, as onnxruntime would not open it."""
    from annotators._runtime.session import Port, Session

    model = onnx.load(token_model / "model.onnx")
    change(model.graph)
    kinds = {TensorProto.STRING: "tensor(string)", TensorProto.INT64: "tensor(int64)"}
    ports = tuple(
        Port(v.name, v.name, kinds[v.type.tensor_type.elem_type], (None, None))
        for v in model.graph.input
    )
    feeds = dict.fromkeys(("input_ids", "attention_mask"), np.zeros((1, 3), np.int64))

    with pytest.raises(ModelError, match=rf"{told}.*expected inputs are input_ids, attention_mask"):
        Session(None, "a model", ports, "logits").run(feeds)


def test_an_input_with_another_number_of_axes_is_told():
    from annotators._runtime.session import Port, Session

    ports = (Port("input_ids", "input_ids", "tensor(int64)", (None,)),)
    with pytest.raises(ModelError, match="of 1 axes, expected 2"):
        Session(None, "a model", ports, "logits").run({"input_ids": np.zeros((1, 3), np.int64)})


def test_what_only_some_values_bring_about_is_not_the_models_fault(token_model):
    """It is raised as it is, so that the row alone has an error."""
    from annotators._runtime.session import open_session

    session = open_session(find_model(str(token_model)), "cpu", 1)
    ids = np.array([[1, 2, 10_000]], np.int64)
    with pytest.raises(Exception, match="indices") as raised:
        session.run(dict.fromkeys(("input_ids", "attention_mask", "token_type_ids"), ids))
    assert not isinstance(raised.value, ModelError)


def test_a_graph_tells_its_inputs_and_their_axes(changed):
    folder = changed(of_axes(batch=2))
    found = read_graph(folder / "model.onnx")

    assert found.inputs[0] == ("input_ids", (2, None))
    assert len(found.inputs) == 3
