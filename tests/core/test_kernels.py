"""The kernels of the rule stages: over a batch of rows, as over each row alone."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from annotators.core.annotations import concatenate
from annotators.core.chunks.kernel import ConvertChunks
from annotators.core.documents import AssembleDocuments
from annotators.core.sentences.kernel import DetectSentences
from annotators.core.tokens.kernel import Tokenize

LABELS = ("O", "B-Disease", "I-Disease")
TEXTS = st.lists(
    st.none()
    | st.text("ab .\n\u00a0😀!", max_size=30)
    | st.lists(st.none() | st.text("ab .", max_size=9), max_size=3),
    max_size=6,
)


def run(texts):
    """The documents, sentences, tokens, labels and chunks of the texts."""
    documents = AssembleDocuments()(texts)
    sentences = DetectSentences()(documents)
    tokens = Tokenize()(sentences)
    return documents, sentences, tokens, labelled(tokens), convert(sentences, tokens)


def labelled(tokens):
    """The tokens with labels by their first character, and 0.5 as their score."""
    which = [min(ord(word[0]) % 4, 2) for word in tokens.result]
    scores = np.full((len(tokens), 3), 0.25, np.float32)
    scores[np.arange(len(tokens)), which] = 0.5
    labels = [LABELS[i] for i in which]
    return replace(tokens, result=labels, scores=scores, labels=LABELS)


def convert(sentences, tokens):
    return ConvertChunks()(sentences, tokens, labelled(tokens))


def values(made):
    """Everything in some annotations, row by row."""
    named = {name: list(column) for name, column in made.fields.items()}
    return made.offsets.tolist(), made.begin.tolist(), made.end.tolist(), made.result, named


@given(TEXTS)
def test_a_batch_is_its_rows_one_after_the_other(texts):
    together = run(texts)
    alone = [run([text]) for text in texts]

    for made, parts in zip(together, zip(*alone, strict=True), strict=False):
        assert values(made) == values(concatenate(parts))


@given(TEXTS)
def test_every_kernel_gives_one_row_a_row_and_arrays_of_one_length(texts):
    for made in run(texts):
        assert made.rows == len(texts)
        assert made.offsets[0] == 0
        assert made.offsets[-1] == len(made) == len(made.begin) == len(made.end)
        assert all(len(column) == len(made) for column in made.fields.values())
        assert made.begin.dtype == made.end.dtype == np.int32


def test_documents_are_one_a_text_and_a_null_is_an_empty_one():
    made = AssembleDocuments()(["abc", None, ["d", "ef"], []])

    assert made.result == ["abc", "", "d", "ef"]
    assert made.offsets.tolist() == [0, 1, 2, 4, 4]
    assert made.end.tolist() == [3, 0, 1, 2]
    assert made.fields["sentence"].tolist() == [0, 0, 0, 1]


def test_sentences_are_numbered_over_the_row_and_tokens_bear_their_number():
    _, sentences, tokens, _, _ = run(["One two. Three!", "Four."])

    assert sentences.fields["sentence"].tolist() == [0, 1, 0]
    assert tokens.result == ["One", "two", ".", "Three", "!", "Four", "."]
    assert tokens.fields["sentence"].tolist() == [0, 0, 0, 1, 1, 0, 0]
    assert tokens.begin.tolist() == [0, 4, 7, 9, 14, 0, 4]


def test_chunks_do_not_cross_sentences_and_are_numbered_over_the_row():
    sentences = DetectSentences()(AssembleDocuments()(["Liver failure. Pain now."]))
    tokens = Tokenize()(sentences)
    named = ["B-Disease", "I-Disease", "O", "I-Disease", "O", "O"]
    scores = np.array([[0.1, 0.6, 0.3]] * 6, np.float32)
    ner = replace(tokens, result=named, scores=scores, labels=LABELS)
    chunks = ConvertChunks()(sentences, tokens, ner)

    assert chunks.result == ["Liver failure", "Pain"]
    assert chunks.begin.tolist() == [0, 15]
    assert chunks.fields["entity"] == ["Disease", "Disease"]
    assert list(chunks.fields["chunk"]) == [0, 1]
    assert list(chunks.fields["sentence"]) == [0, 1]
