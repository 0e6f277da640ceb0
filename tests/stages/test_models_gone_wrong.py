"""Models that are missing, broken or not the ones expected fail the job, and say what is wrong."""

import shutil

import pytest
from pyspark.errors import PythonException
from pyspark.ml import PipelineModel

from annotators import (
    BertForSequenceClassification,
    BertForTokenClassification,
    DocumentAssembler,
    LightPipeline,
    Tokenizer,
)
from annotators.core.errors import ModelError, ParamError


@pytest.fixture
def folder(other_token_model, tmp_path):
    """A copy of a token classifier's folder, to be broken."""
    return shutil.copytree(other_token_model, tmp_path / "model")


def pipeline(bert):
    return PipelineModel(
        [
            DocumentAssembler(inputCol="text"),
            Tokenizer(inputCols=["document"], outputCol="token"),
            bert.setInputCols("document", "token").setOutputCol("out"),
        ]
    )


def annotate(bert):
    return LightPipeline(pipeline(bert)).annotate("The patient denies pain.")["out"]


def test_a_lost_label_is_told_with_both_numbers(folder, frame):
    labels = (folder / "assets/labels.txt").read_text().split()
    (folder / "assets/labels.txt").write_text("\n".join(labels[1:]))
    bert = BertForTokenClassification.loadSavedModel(str(folder))

    with pytest.raises(ModelError, match="gives 5 scores, but its folder lists 4 labels"):
        annotate(bert)
    with pytest.raises(PythonException, match=r"ModelError.*gives 5 scores"):
        pipeline(bert).transform(frame.limit(1)).collect()


def test_weights_that_changed_are_told_with_both_hashes(folder, frame):
    bert = BertForTokenClassification.loadSavedModel(str(folder))
    planned = pipeline(bert).transform(frame.limit(1))
    expected = bert.getOrDefault("modelSha256")[:12]
    (folder / "model.onnx").write_bytes(b"other weights")
    changed = f"has SHA-256 [0-9a-f]{{12}}…, but {expected}… was expected"

    with pytest.raises(ModelError, match=changed):
        annotate(bert)
    with pytest.raises(PythonException, match=f"ModelError.*{changed}"):
        planned.collect()


def test_weights_that_are_no_model_are_told_with_their_path(folder):
    (folder / "model.onnx").write_bytes(b"no model at all")

    with pytest.raises(ModelError, match=r"onnxruntime .* cannot open .*model\.onnx"):
        annotate(BertForTokenClassification.loadSavedModel(str(folder)))


def test_a_tokenizer_that_is_none_is_told_with_its_folder(folder):
    (folder / "assets/vocab.txt").write_text("only\nwords\n")

    with pytest.raises(ModelError, match=r"cannot read the tokenizer of .*model"):
        annotate(BertForTokenClassification.loadSavedModel(str(folder)))


@pytest.mark.parametrize("lost", ["model.onnx", "assets/vocab.txt", "assets/labels.txt"])
def test_a_folder_that_lacks_a_file_is_no_model(folder, lost):
    (folder / lost).unlink()

    with pytest.raises(ModelError, match=lost):
        BertForTokenClassification.loadSavedModel(str(folder))


def test_a_folder_that_is_gone_is_told(folder):
    bert = BertForTokenClassification.loadSavedModel(str(folder))
    shutil.rmtree(folder)

    with pytest.raises(ModelError, match="there is no model at"):
        annotate(bert)


def test_a_model_of_the_other_task_is_told(sequence_model, token_model):
    with pytest.raises(ModelError, match=r"labels no tokens|scores"):
        annotate(BertForTokenClassification.loadSavedModel(str(sequence_model)))
    with pytest.raises(ModelError, match=r"labels no sequences|scores"):
        annotate(BertForSequenceClassification.loadSavedModel(str(token_model)))


def test_a_provider_that_is_not_there_is_never_replaced(token_model):
    bert = BertForTokenClassification.loadSavedModel(str(token_model))

    with pytest.raises(ModelError, match=r"no CUDAExecutionProvider .*CPUExecutionProvider"):
        annotate(bert.setProvider("cuda"))
    with pytest.raises(ParamError, match="'tpu' is unknown; known are cpu, cuda, openvino"):
        annotate(bert.setProvider("tpu"))


def test_a_name_is_looked_up_in_the_folder_of_models(token_model, monkeypatch):
    monkeypatch.setenv("NOTEMILL_MODELS", str(token_model.parent))
    bert = BertForTokenClassification.pretrained(token_model.name)

    assert bert.getOrDefault("model") == token_model.name
    assert annotate(bert) == annotate(BertForTokenClassification.load(str(token_model)))
    with pytest.raises(
        ModelError, match=rf"no model named 'nobody'.*{token_model.name}.*NOTEMILL_MODELS"
    ):
        BertForTokenClassification.pretrained("nobody")


def test_params_that_no_model_takes_are_told(token_model, sequence_model):
    with pytest.raises(ValueError, match="at most 512"):
        BertForTokenClassification().setMaxSentenceLength(513)
    with pytest.raises(ParamError, match="ONNX"):
        BertForTokenClassification().setConfigProtoBytes([1])
    with pytest.raises(ParamError, match=r"model.*not set"):
        annotate(BertForTokenClassification())
    kind = BertForSequenceClassification.loadSavedModel(str(sequence_model))
    with pytest.raises(ParamError, match="one of softmax, sigmoid"):
        annotate(kind.setActivation("tanh"))
    with pytest.raises(ParamError, match="one of first, max, mean, vote"):
        annotate(kind.setActivation("softmax").setLongDocStrategy("best"))
