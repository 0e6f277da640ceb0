"""Precision bf16: fp32's answers, nearly, on CPUs that can; refused with the reason elsewhere."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from annotators import BertForTokenClassification
from annotators._runtime.inference import Inference
from annotators._runtime.model_folder import find_model, in_precision
from annotators._runtime.session import open_session
from annotators.core.errors import ModelError
from benchmarks.dequantise import dequantise
from tests.conftest import CLINICAL_WORDS

LENGTHS = [14, 3, 1, 30, 7]


def able():
    import openvino

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


@pytest.fixture(scope="module")
def fp32(tmp_path_factory):
    """The fp32 twin of a packaged model, as a folder of its own."""
    packaged = find_model("bert_token_classifier_ner_bc5cdr")
    folder = tmp_path_factory.mktemp("fp32") / "model"
    folder.mkdir()
    dequantise(packaged.weights, folder / "model.onnx")
    for name in ("assets/vocab.txt", "assets/labels.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes((packaged.path / name).read_bytes())
    listed = {"model.onnx": find_model(str(folder)).sha256}
    manifest = {"format": 1, "task": packaged.task, "labels": packaged.labels, "lowercase": True,
                "precision": "fp32", "files": listed}  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def logits(folder, precision):
    inference = Inference(in_precision(find_model(str(folder)), precision), False, 128, 32)
    words = [word for n in LENGTHS for word in np.resize(CLINICAL_WORDS, n).tolist()]
    pieces, offsets = inference.encoder().encode(words)
    return inference.logits(pieces, inference.windows(offsets[np.cumsum([0, *LENGTHS])])).values


def test_labels_are_those_of_fp32_or_the_cpu_is_told(fp32):
    if not able():
        with pytest.raises(ModelError, match=r"needs .* a CPU with AVX512_BF16 or AMX; found"):
            logits(fp32, "bf16")
        return
    bf16, wanted = logits(fp32, "bf16"), logits(fp32, "fp32")

    assert np.array_equal(bf16.argmax(axis=1), wanted.argmax(axis=1))
    np.testing.assert_allclose(bf16, wanted, atol=0.5)
    assert not np.array_equal(bf16, wanted)


def test_the_stage_takes_it_and_says_so(fp32):
    stage = BertForTokenClassification.loadSavedModel(str(fp32)).setPrecision("bf16")

    assert stage._inference().model.precision == "bf16"
    assert stage._recorded() == {"precision": "bf16"}


def test_without_fp32_weights_it_is_told_which_there_are():
    stage = BertForTokenClassification.pretrained().setPrecision("bf16")
    with pytest.raises(ModelError, match=r"no fp32 weights.*int8.*model\.fp32\.onnx"):
        stage._inference()


def test_without_openvino_it_is_told_what_to_install(fp32, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    model = in_precision(find_model(str(fp32)), "bf16")
    with pytest.raises(
        ModelError, match=r"needs OpenVINO.*notemill\[bf16\].*or set precision fp32"
    ):
        open_session(model, "cpu", 3)


def test_another_provider_is_refused(fp32):
    model = in_precision(find_model(str(fp32)), "bf16")
    with pytest.raises(ModelError, match=r"needs provider cpu.*found provider cuda"):
        open_session(model, "cuda", 1)
