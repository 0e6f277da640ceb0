"""Our ONNX path against Hugging Face's own forward pass: logits, scores and labels of each token.

The reference is plain: words to wordpieces by the Hugging Face tokenizer, one window at a time in
torch, each token read from the window in which its first wordpiece lies most centrally.
"""

import math

import pytest

LABELS = ["O", "B-Disease", "I-Disease", "B-Chemical", "I-Chemical"]
TOLERANCE = 1e-4
OVERLAP = 32


def reference(hugging_face, words, max_length):
    """Logits of each word, [words, labels], and the number of wordpieces."""
    import torch

    _, model, tokenizer = hugging_face
    pieces, firsts = [], []
    for word in words:
        firsts.append(len(pieces))
        ids = tokenizer(word, add_special_tokens=False)["input_ids"]
        pieces += ids or [tokenizer.unk_token_id]
    size = max_length - 2
    starts = [0]
    while starts[-1] + size < len(pieces):
        starts.append(min(starts[-1] + size - OVERLAP, len(pieces) - size))
    outputs = []
    for start in starts:
        window = pieces[start : start + size]
        ids = torch.tensor([[tokenizer.cls_token_id, *window, tokenizer.sep_token_id]])
        with torch.no_grad():
            outputs.append(model(input_ids=ids).logits[0].numpy())
    logits = []
    for first in firsts:
        margins = [
            min(first - start, min(start + size, len(pieces)) - 1 - first) for start in starts
        ]
        best = margins.index(max(margins))
        logits.append(outputs[best][first - starts[best] + 1])
    return logits, len(pieces)


def stage(exported, max_length):
    from annotators import BertForTokenClassification

    return (
        BertForTokenClassification.loadSavedModel(str(exported))
        .setInputCols(["sentence", "token"])
        .setOutputCol("ner")
        .setMaxSentenceLength(max_length)
        .setWindowOverlap(OVERLAP)
    )


def batch(sentences):
    """Sentences (lists of words) as annotation columns, a row each, a blank between words."""
    import numpy as np

    from annotators.core.annotations import Annotations, row_offsets

    begins, ends = [], []
    for words in sentences:
        begin = 0
        for word in words:
            begins.append(begin)
            ends.append(begin + len(word))
            begin += len(word) + 1
    texts = [" ".join(words) for words in sentences]
    zeros = np.zeros(len(texts), np.int32)
    whole = Annotations(
        row_offsets([1] * len(texts)), zeros, np.array([len(t) for t in texts], np.int32), texts,
        {"sentence": zeros},
    )  # fmt: skip
    tokens = Annotations(
        row_offsets([len(words) for words in sentences]), np.array(begins, np.int32),
        np.array(ends, np.int32), [word for words in sentences for word in words],
        {"sentence": np.zeros(len(begins), np.int32)},
    )  # fmt: skip
    return whole, tokens


def assert_parity(hugging_face, exported, sentences, max_length):
    """Logits, scores and labels of every word of these sentences, which we run as one batch."""
    import numpy as np

    from annotators.core.containment import containing

    whole, tokens = batch(sentences)
    kernel = stage(exported, max_length)._kernel()
    made = kernel(whole, tokens)
    home = containing(whole, tokens)
    ours = kernel._token_logits(tokens, home, np.arange(len(tokens)))
    theirs = np.array([
        row for words in sentences for row in reference(hugging_face, words, max_length)[0]
    ])  # fmt: skip
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < TOLERANCE
    powers = np.exp(theirs - theirs.max(axis=1, keepdims=True))
    assert np.abs(made.scores - powers / powers.sum(axis=1, keepdims=True)).max() < TOLERANCE
    assert made.result == [LABELS[i] for i in theirs.argmax(axis=1)]
    assert len(set(made.result)) > 2


def test_sentences_of_notes(hugging_face, exported, words_of):
    assert_parity(hugging_face, exported, words_of[:: max(1, len(words_of) // 60)][:60], 128)


@pytest.mark.parametrize("max_length", [128, 512])
@pytest.mark.parametrize("wordpieces", [600, 1_500, 5_000])
def test_notes_longer_than_a_window(hugging_face, exported, words_of, max_length, wordpieces):
    """A note of so many wordpieces without a sentence end, with a short one beside it."""
    import numpy as np

    words = [word for sentence in words_of for word in sentence]
    _, _, tokenizer = hugging_face
    sizes = [len(tokenizer(w, add_special_tokens=False)["input_ids"]) or 1 for w in words]
    count = next(i for i in range(len(words)) if sum(sizes[:i]) >= wordpieces)
    long = words[:count]
    logits, found = reference(hugging_face, long, max_length)
    assert wordpieces <= found < wordpieces + 30
    other, _ = reference(hugging_face, long, max_length - 28)
    assert np.abs(np.array(logits) - np.array(other)).max() > 100 * TOLERANCE  # windows matter
    assert_parity(hugging_face, exported, [long, words_of[5]], max_length)


def test_the_public_annotations_say_the_same(hugging_face, exported, words_of):
    """By way of the stage itself: labels, and scores as the metadata's texts hold them."""
    from pyspark.ml import PipelineModel

    from annotators import DocumentAssembler, LightPipeline, Tokenizer

    stages = [
        DocumentAssembler(inputCol="text", outputCol="sentence"),
        Tokenizer(inputCols=["sentence"], outputCol="token"),
        stage(exported, 128),
    ]
    texts = [" ".join(words) for words in words_of if len(words) > 3][:20]
    for row in LightPipeline(PipelineModel(stages)).fullAnnotate(texts):
        words = [token.result for token in row["token"]]
        logits, _ = reference(hugging_face, words, 128)
        assert len(row["ner"]) == len(words)
        for label, theirs in zip(row["ner"], logits, strict=True):
            powers = [math.exp(value - max(theirs)) for value in theirs]
            for name, power in zip(LABELS, powers, strict=True):
                assert float(label.metadata[name]) == pytest.approx(
                    power / sum(powers), abs=TOLERANCE
                )
            assert label.result == LABELS[powers.index(max(powers))]
