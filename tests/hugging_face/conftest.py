"""Small random BERTs as Hugging Face has them, and as notemill export writes them.

Their logits are spread out, so that each label is some word's: else labels would be equal whatever
we did. The wordpieces are cut from the words of the sample notes.
"""

import os
from pathlib import Path

import pytest

from tests.hugging_face.parity import pipeline_of
from tests.jobs.small_bert import TRAINING

os.environ["HF_HUB_OFFLINE"] = "1"

HERE = Path(__file__).resolve().parent
LABELS = ["O", "B-Disease", "I-Disease", "B-Chemical", "I-Chemical"]
KINDS = ["negative", "neutral", "positive"]


def pytest_collection_modifyitems(items):
    """The tests of this folder belong to training."""
    for item in items:
        if HERE in item.path.parents:
            for mark in TRAINING:
                item.add_marker(mark)


@pytest.fixture(scope="session")
def words_of(sample_notes):
    """The words of the sample notes' sentences, as the pipeline's own stages find them."""
    from pyspark.ml import PipelineModel

    from annotators import DocumentAssembler, LightPipeline, SentenceDetector, Tokenizer

    stages = [
        DocumentAssembler(inputCol="text", outputCol="document"),
        SentenceDetector(inputCols=["document"], outputCol="sentence", breakAtLines=True),
        Tokenizer(inputCols=["sentence"], outputCol="token"),
    ]
    texts = [note["text"] for note in sample_notes]
    found = []
    for row in LightPipeline(PipelineModel(stages)).fullAnnotate(texts):
        by_sentence = {}
        for token in row["token"]:
            by_sentence.setdefault(token.metadata["sentence"], []).append(token.result)
        found += by_sentence.values()
    return found


@pytest.fixture(scope="session")
def wordpiece_tokenizer(words_of):
    """An uncased BERT tokenizer that knows every third word whole."""
    from tokenizers.implementations import BertWordPieceTokenizer
    from transformers import PreTrainedTokenizerFast

    known = sorted({word.lower() for words in words_of for word in words if word.isalpha()})
    characters = sorted({c for words in words_of for word in words for c in word.lower()})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *known[::3], *characters]
    pieces += [f"##{character}" for character in characters]
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    names = {f"{n}_token": f"[{n.upper()}]" for n in ("pad", "unk", "cls", "sep", "mask")}
    fast = BertWordPieceTokenizer(vocabulary, lowercase=True)._tokenizer
    return PreTrainedTokenizerFast(tokenizer_object=fast, **names)


def config(tokenizer, labels):
    from transformers import BertConfig

    return BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=512, initializer_range=0.3,
        id2label=dict(enumerate(labels)), label2id={label: i for i, label in enumerate(labels)},
    )  # fmt: skip


def spread(head, logits):
    """Shift and stretch a head so that these logits, [N, labels], are spread alike."""
    mean, deviation = logits.mean(0), logits.std(0)
    head.bias.copy_((head.bias - mean) / deviation)
    head.weight.div_(deviation[:, None])


def classifier(kind, labels, seed, texts, tokenizer, folder):
    """A random classifier, saved, whose logits over these texts are spread: folder, model, tokenizer.

    The logits are those of every wordpiece, or of every text.
    """
    import torch

    tokenizer.save_pretrained(folder)
    torch.manual_seed(seed)
    model = kind(config(tokenizer, labels)).eval()
    with torch.no_grad():
        fed = [tokenizer(text, return_tensors="pt")["input_ids"] for text in texts]
        logits = [model(input_ids=ids).logits.reshape(-1, len(labels)) for ids in fed]
        spread(model.classifier, torch.cat(logits))
    model.save_pretrained(folder)
    return folder, model, tokenizer


@pytest.fixture(scope="session")
def hugging_face(words_of, wordpiece_tokenizer, tmp_path_factory):
    """A token classifier: its folder, the model, its tokenizer."""
    from transformers import BertForTokenClassification as Kind

    folder = tmp_path_factory.mktemp("parity") / "hf"
    texts = [" ".join(words_of[5] + words_of[9])]
    return classifier(Kind, LABELS, 5, texts, wordpiece_tokenizer, folder)


@pytest.fixture(scope="session")
def hugging_face_sequences(words_of, wordpiece_tokenizer, tmp_path_factory):
    """A sequence classifier: its folder, the model, its tokenizer."""
    from transformers import BertForSequenceClassification as Kind

    folder = tmp_path_factory.mktemp("parity") / "hf"
    texts = [" ".join(words) for words in words_of if len(words) > 3][:20]
    return classifier(Kind, KINDS, 6, texts, wordpiece_tokenizer, folder)


def export(folder):
    from typer.testing import CliRunner

    from jobs.cli import app

    out = folder.parent / "fp32"
    result = CliRunner().invoke(app, ["export", str(folder), str(out), "--precision", "fp32"])
    assert result.exit_code == 0, (result.output, result.exception)
    return out


@pytest.fixture(scope="session")
def exported(hugging_face):
    """The same token classifier as notemill export writes it, fp32."""
    return export(hugging_face[0])


@pytest.fixture(scope="session")
def exported_sequences(hugging_face_sequences):
    """The same sequence classifier as notemill export writes it, fp32."""
    return export(hugging_face_sequences[0])


def twins_of(model, folder):
    """A shipped model with its weights as fp32: (our folder, Hugging Face's)."""
    from benchmarks.torch_twin import make_torch_twin
    from benchmarks.twin import make_twin

    fp32 = make_twin(model, folder / "fp32")
    return fp32, make_torch_twin(fp32, folder / "torch")


@pytest.fixture(scope="session")
def twins(tmp_path_factory):
    """The BC5CDR model's twins."""
    return twins_of("bert_token_classifier_ner_bc5cdr", tmp_path_factory.mktemp("twins"))


@pytest.fixture(scope="session")
def sequence_twins(tmp_path_factory):
    """The sentiment model's twins."""
    return twins_of("bert_sequence_classifier_sentiment", tmp_path_factory.mktemp("twins"))


@pytest.fixture(scope="session")
def random_pair(exported, hugging_face):
    """Our folder and their pipeline, of the small random model."""
    return exported, pipeline_of("token-classification", hugging_face[0])


@pytest.fixture(scope="session")
def trained_pair(twins):
    """Our folder and their pipeline, of the shipped model's fp32 twin."""
    ours, theirs = twins
    return ours, pipeline_of("token-classification", theirs)


@pytest.fixture(params=["random", "trained"])
def pair(request):
    return request.getfixturevalue(f"{request.param}_pair")


@pytest.fixture(scope="session")
def sentences(words_of):
    """Sentences of the sample notes whose words our Tokenizer finds again."""
    from annotators.core.tokens.splitting import tokenize

    return [
        words
        for words in words_of
        if [word for _, _, word in tokenize(" ".join(words))] == words and len(words) > 1
    ][:300]
