"""Folders as optimum and the hub lay them give what the same model gives in Spark NLP's layout."""

import json
import shutil

import pytest
from pyspark.ml import PipelineModel
from tokenizers.implementations import BertWordPieceTokenizer

from annotators import (
    BertForSequenceClassification,
    BertForTokenClassification,
    DocumentAssembler,
    LightPipeline,
    SentenceDetector,
    Tokenizer,
)
from annotators._runtime.model_folder import find_model, known_models
from annotators.core.errors import ModelError

TEXT = "The Patient denies Pain and takes aspirin."
LABELS = ["O", "B-Disease", "I-Disease", "B-Chemical", "I-Chemical"]


def labels(stage):
    stages = [
        DocumentAssembler(inputCol="text"),
        SentenceDetector(inputCols=["document"], outputCol="sentence"),
        Tokenizer(inputCols=["sentence"], outputCol="token"),
        stage.setInputCols("sentence", "token").setOutputCol("ner"),
    ]
    return LightPipeline(PipelineModel(stages)).annotate(TEXT)["ner"]


def laid(source, folder, below="", tokenizer=True, **config):
    """The folder `source`, in Spark NLP's layout, as Hugging Face lays it."""
    (folder / below).mkdir(parents=True)
    shutil.copy(source / "model.onnx", folder / below / "model.onnx")
    vocabulary = source / "assets" / "vocab.txt"
    said = {
        "architectures": ["BertForTokenClassification"], "model_type": "bert",
        "id2label": dict(enumerate(LABELS)), "max_position_embeddings": 64, **config,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(said), "utf-8")
    if tokenizer:
        BertWordPieceTokenizer(str(vocabulary), lowercase=True).save(str(folder / "tokenizer.json"))
    else:
        shutil.copy(vocabulary, folder / "vocab.txt")
    return folder


@pytest.fixture(scope="module")
def expected(token_model):
    found = labels(BertForTokenClassification.loadSavedModel(str(token_model)))
    assert len(set(found)) > 1
    return found


@pytest.mark.parametrize("below", ["", "onnx"])
@pytest.mark.parametrize("tokenizer", [True, False], ids=["tokenizer.json", "vocab.txt"])
def test_a_folder_of_optimum_or_the_hub(token_model, expected, tmp_path, below, tokenizer):
    folder = laid(token_model, tmp_path / "m", below, tokenizer)
    weights = folder / below / "model.onnx"
    for place in (folder, weights, weights.parent):
        for load in (BertForTokenClassification.loadSavedModel, BertForTokenClassification.load,
                     BertForTokenClassification.pretrained):  # fmt: skip
            stage = load(str(place))
            assert labels(stage) == expected
            assert not stage.getCaseSensitive()
            assert stage.getClasses() == LABELS
    assert find_model(str(folder)).max_length == 64


@pytest.mark.parametrize("said", [True, False, None])
def test_case_is_what_the_tokenizer_s_config_says(token_model, tmp_path, said):
    folder = laid(token_model, tmp_path / "m", tokenizer=False)
    if said is not None:
        (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": said}))
    stage = BertForTokenClassification.loadSavedModel(str(folder))
    assert stage.getCaseSensitive() is (said is False)


def test_other_weights_of_a_folder_by_their_path(token_model, other_weights, expected, tmp_path):
    folder = laid(token_model, tmp_path / "m", "onnx")
    shutil.copy(other_weights, folder / "onnx" / "model_quantized.onnx")
    shutil.copytree(token_model, tmp_path / "theirs")
    shutil.copy(other_weights, tmp_path / "theirs" / "model.int8.onnx")
    for file in (folder / "onnx" / "model_quantized.onnx", tmp_path / "theirs" / "model.int8.onnx"):
        stage = BertForTokenClassification.loadSavedModel(str(file))
        assert labels(stage) != expected
        assert stage.getOrDefault("model") == str(file)


@pytest.fixture
def other_weights(token_model, tmp_path):
    import numpy as np
    import onnx
    from onnx import numpy_helper

    network = onnx.load(token_model / "model.onnx")
    head = next(t for t in network.graph.initializer if t.name == "head")
    turned = np.flip(numpy_helper.to_array(head), axis=1).copy()
    head.CopyFrom(numpy_helper.from_array(turned, "head"))
    onnx.save(network, tmp_path / "other.onnx")
    return tmp_path / "other.onnx"


def test_a_name_under_the_folder_of_models(token_model, expected, tmp_path, monkeypatch):
    laid(token_model, tmp_path / "models" / "mine", "onnx")
    monkeypatch.setenv("NOTEMILL_MODELS", str(tmp_path / "models"))
    assert labels(BertForTokenClassification.pretrained("mine")) == expected
    assert "mine" in [model.reference for model in known_models()]


def test_what_cannot_be_read_is_told_in_one_line(token_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "config.json").write_text("{}")
    (bare / "model.safetensors").touch()
    other = laid(token_model, tmp_path / "roberta", architectures=["RobertaForMaskedLM"])
    unnamed = laid(token_model, tmp_path / "unnamed", id2label={"0": "O", "2": "B-X"})
    broken = laid(token_model, tmp_path / "broken")
    (broken / "config.json").write_text("[")
    for place, told in (
        ("dslim/bert-base-NER", "hf://dslim/bert-base-NER"),
        (bare, "notemill export"),
        (other, "RobertaForMaskedLM"),
        (unnamed, "id2label"),
        (broken, "not a JSON object"),
    ):
        for load in (
            BertForTokenClassification.loadSavedModel,
            BertForTokenClassification.pretrained,
        ):
            with pytest.raises(ModelError, match=told) as failure:
                load(str(place))
            assert "\n" not in str(failure.value)
    with pytest.raises(ModelError, match="sequence-classification"):
        BertForSequenceClassification.loadSavedModel(str(laid(token_model, tmp_path / "tokens")))


def test_pieces_of_another_kind_are_refused(token_model, tmp_path):
    from tokenizers import Tokenizer as Pieces
    from tokenizers.models import BPE

    folder = laid(token_model, tmp_path / "m")
    Pieces(BPE()).save(str(folder / "tokenizer.json"))
    with pytest.raises(ModelError, match="BPE, expected WordPiece"):
        labels(BertForTokenClassification.loadSavedModel(str(folder)))
