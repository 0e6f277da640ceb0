"""A DistilBERT of Hugging Face's becomes a folder that gives torch's scores, fp32 and int8."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("transformers", reason="needs the extra [train]")

import onnx

from annotators._export import graph
from annotators._export.folder import write_assets, write_manifest
from annotators._export.hugging_face import open_hugging_face
from jobs._training import parity, score

pytestmark = [
    pytest.mark.train,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

WORDS = ["pain", "takes", "aspirin", "no", "fever", "the"]
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *"abcdefgh"]
LABELS = ["O", "B-Drug", "I-Drug"]


@pytest.fixture(params=["Token", "Sequence"])
def source(request, tmp_path):
    """A small random DistilBERT with a head of one kind, as save_pretrained lays it, opened."""
    import torch
    import transformers
    from tokenizers.implementations import BertWordPieceTokenizer

    vocabulary = {piece: i for i, piece in enumerate(PIECES)}
    fast = BertWordPieceTokenizer(vocabulary, lowercase=True)._tokenizer
    names = {f"{n}_token": f"[{n.upper()}]" for n in ("pad", "unk", "cls", "sep", "mask")}
    folder = tmp_path / "hf"
    transformers.PreTrainedTokenizerFast(tokenizer_object=fast, **names).save_pretrained(folder)
    torch.manual_seed(5)
    config = transformers.DistilBertConfig(
        vocab_size=len(PIECES), dim=32, n_layers=3, n_heads=2, hidden_dim=64,
        max_position_embeddings=64, initializer_range=0.3, id2label=dict(enumerate(LABELS)),
    )  # fmt: skip
    kind = getattr(transformers, f"DistilBertFor{request.param}Classification")
    kind(config).save_pretrained(folder)
    return open_hugging_face(folder)


def test_scores_are_torchs(source, tmp_path):
    from annotators import DistilBertForSequenceClassification, DistilBertForTokenClassification

    made = tmp_path / "model"
    write_assets(made, source.tokenizer, source.labels)
    graph.export_fp32(source.model, made / "model.onnx")
    graph.quantise(made / "model.onnx", made / "model.int8.onnx")
    write_manifest(made, source.facts("distil", "fp32", "none"))
    ids = np.array([[2, 5, 6, 7, 3], [2, 8, 9, 3, 0], [2, 10, 3, 0, 0]])
    mask = np.minimum(ids, 1)

    expected = score.torch_runner(source.model)(ids, mask)
    found = parity.onnx_runner(made, 1)(ids, mask)
    inputs = [value.name for value in onnx.load(made / "model.onnx").graph.input]
    assert inputs == ["input_ids", "attention_mask"]
    of_pieces = found.ndim == 3
    known = mask.astype(bool) if of_pieces else np.ones(len(ids), bool)
    assert np.abs(found[known] - expected[known]).max() < 1e-3

    kinds = (DistilBertForSequenceClassification, DistilBertForTokenClassification)
    stage = kinds[of_pieces].loadSavedModel(str(made))
    assert not stage.getCaseSensitive()
    labels = annotate(stage, " ".join(WORDS[:3]))
    best = expected[0, 1:4] if of_pieces else expected[:1]
    assert labels == [LABELS[i] for i in best.argmax(-1)]
    quick = annotate(stage.setPrecision("int8"), " ".join(WORDS[:3]))
    assert len(quick) == len(labels)


def annotate(stage, text):
    from pyspark.ml import PipelineModel

    from annotators import DocumentAssembler, LightPipeline, Tokenizer

    stages = [
        DocumentAssembler(inputCol="text", outputCol="document"),
        Tokenizer(inputCols=["document"], outputCol="token"),
        stage.setInputCols(["document", "token"]).setOutputCol("out"),
    ]
    return LightPipeline(PipelineModel(stages)).annotate(text)["out"]
