"""The BERT stages against a plain reference: every wordpiece fed, every token labelled, once."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from pyspark.ml import PipelineModel

from annotators import (
    BertForSequenceClassification,
    BertForTokenClassification,
    DistilBertForTokenClassification,
    DocumentAssembler,
    LightPipeline,
    SentenceDetector,
    Tokenizer,
)
from annotators.core.errors import ModelError
from tests.conftest import TOKEN_LABELS, write_tiny_bert

LONG = "the patient takes 81mg aspirin and denies pain , " * 5
START, END, UNKNOWN = 2, 3, 1


class TinyBert:
    """The network of conftest's tiny models in a few lines: no windows, no batches, no padding."""

    def __init__(self, folder):
        graph = onnx.load(folder / "model.onnx").graph
        self.weights = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        self.ids = {
            piece: i
            for i, piece in enumerate((folder / "assets/vocab.txt").read_text().split("\n"))
        }

    def pieces(self, word):
        """Greedy wordpieces: the longest known start, then the longest known continuation, …"""
        found, start = [], 0
        while start < len(word):
            known = {word[start:end]: end for end in range(start + 1, len(word) + 1)}
            marked = {("##" if start else "") + part: end for part, end in known.items()}
            best = max((part for part in marked if part in self.ids), key=len, default=None)
            if best is None:
                return [UNKNOWN]
            found.append(self.ids[best])
            start = marked[best]
        return found

    def logits(self, pieces, of_tokens):
        """Logits of one window: [pieces, labels], or [labels] for a sequence classifier."""
        embedded = self.weights["pieces"][[START, *pieces, END]]
        mean = embedded.mean(axis=0)
        return (embedded + mean if of_tokens else mean) @ self.weights["head"]


def windows(count, size, overlap):
    """Windows over `count` pieces: (start, stop), the last one moved left so that it is full."""
    if count <= size:
        return [(0, count)]
    steps = range(0, count - size, size - min(overlap, size // 2))
    return [*((s, s + size) for s in steps), (count - size, count)]


def softmax(values):
    shifted = np.exp(values - values.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def annotate(text, *stages, sentences=False):
    """The `out` annotations of the text by the last of these stages."""
    detect = [SentenceDetector(inputCols=["document"], outputCol="sentence")] if sentences else []
    home = "sentence" if sentences else "document"
    tokens = Tokenizer(inputCols=[home], outputCol="token")
    ready = [s.setInputCols(home, "token") for s in stages]
    model = PipelineModel([DocumentAssembler(inputCol="text"), *detect, tokens, *ready])
    return LightPipeline(model).fullAnnotate(text)[0]


def token_stage(folder, **params):
    stage = BertForTokenClassification.loadSavedModel(str(folder)).setOutputCol("out")
    return stage.setParams(**params)


def sequence_stage(folder, **params):
    stage = BertForSequenceClassification.loadSavedModel(str(folder)).setOutputCol("out")
    return stage.setParams(**params)


def scores(annotations, labels):
    return np.array([[float(a.metadata[label]) for label in labels] for a in annotations])


@pytest.mark.parametrize(
    ("size", "overlap"), [(128, 32), (40, 8), (40, 0), (17, 5), (7, 32), (512, 1)]
)
def test_a_token_takes_its_first_piece_from_its_most_central_window(token_model, size, overlap):
    stage = token_stage(token_model, maxSentenceLength=size, windowOverlap=overlap)
    found = annotate(LONG, stage)
    tiny = TinyBert(token_model)
    words = [tiny.pieces(token.result) for token in found["token"]]
    pieces = [piece for word in words for piece in word]
    spans = windows(len(pieces), size - 2, overlap)
    wanted, place = [], 0
    for word in words:
        start, stop = max(spans, key=lambda s: min(place - s[0], s[1] - 1 - place))
        wanted.append(tiny.logits(pieces[start:stop], of_tokens=True)[place - start + 1])
        place += len(word)

    assert any(len(word) > 1 for word in words)
    assert scores(found["out"], stage.getClasses()) == pytest.approx(
        softmax(np.array(wanted)), abs=1e-5
    )
    best = np.argmax(wanted, axis=1)
    assert [a.result for a in found["out"]] == [stage.getClasses()[i] for i in best]


@pytest.mark.parametrize("strategy", ["first", "max", "mean", "vote"])
@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_the_windows_of_a_long_document_become_one_result(sequence_model, strategy, activation):
    how = {"longDocStrategy": strategy, "activation": activation}
    stage = sequence_stage(sequence_model, maxSentenceLength=20, windowOverlap=6, **how)
    found = annotate("pain 1 2 3 " * 9 + LONG, stage)
    tiny = TinyBert(sequence_model)
    pieces = [piece for token in found["token"] for piece in tiny.pieces(token.result)]
    logits = np.array([tiny.logits(pieces[a:b], False) for a, b in windows(len(pieces), 18, 6)])
    each = softmax(logits) if activation == "softmax" else 1 / (1 + np.exp(-logits))
    wanted = {
        "first": each[0],
        "max": each[each.max(axis=1).argmax()],
        "mean": each.mean(axis=0),
        "vote": np.bincount(each.argmax(axis=1), minlength=2) / len(each),
    }[strategy]

    labels = stage.getClasses()
    over = wanted > 0.5 if activation == "sigmoid" else wanted == wanted.max()
    assert [a.result for a in found["out"]] == [labels[i] for i in np.flatnonzero(over)]
    for one in scores(found["out"], labels):
        assert one == pytest.approx(wanted, abs=1e-5)


def test_coalesced_sentences_are_one_result_of_their_mean(sequence_model):
    text = "The patient denies pain. Takes aspirin. No mg and so on!"
    alone = annotate(text, sequence_stage(sequence_model), sentences=True)["out"]
    stage = sequence_stage(sequence_model, coalesceSentences=True)
    (joined,) = annotate(text, stage, sentences=True)["out"]

    assert (joined.begin, joined.end, joined.metadata["sentence"]) == (0, len(text) - 1, "0")
    labels = stage.getClasses()
    assert len(alone) == 3
    assert scores([joined], labels)[0] == pytest.approx(
        scores(alone, labels).mean(axis=0), abs=1e-5
    )


def test_a_graph_without_token_types_is_fed_none(token_model, tmp_path):
    """That of a DistilBERT; it labels as the BERT with the same weights."""
    folder = tmp_path / "distil"
    write_tiny_bert(folder, TOKEN_LABELS, "token-classification", token_types=False)
    inputs = [value.name for value in onnx.load(folder / "model.onnx").graph.input]
    kinds = (BertForTokenClassification, DistilBertForTokenClassification)
    found = [
        kind.loadSavedModel(str(place)).setOutputCol("out")
        for kind, place in zip(kinds, (token_model, folder), strict=True)
    ]

    assert inputs == ["input_ids", "attention_mask"]
    first, second = (annotate(LONG, stage)["out"] for stage in found)
    assert len(first) > 20
    assert [vars(a) for a in first] == [vars(a) for a in second]
    with pytest.raises(ModelError, match="there is no model named 'distilbert_base_token"):
        DistilBertForTokenClassification.pretrained()
