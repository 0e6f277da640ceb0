"""BertForSequenceClassification beside Spark NLP's, over the same ONNX folder."""

from collections import defaultdict

import pytest
from pyspark.ml import PipelineModel

import annotators
from annotators.core.sentences.rules import split_sentences
from annotators.core.tokens.splitting import tokenize

TOLERANCE = 1e-3


@pytest.fixture(scope="module")
def theirs(spark, sequence_model):
    from sparknlp.annotator import BertForSequenceClassification

    stage = BertForSequenceClassification.loadSavedModel(str(sequence_model), spark)
    stage.setInputCols(["sentence", "token"]).setOutputCol("class")
    # Its spans and its coalescing start again after each batch of sentences, so all in one.
    return stage.setBatchSize(1_000)


@pytest.fixture
def ours(sequence_model):
    stage = annotators.BertForSequenceClassification.loadSavedModel(str(sequence_model))
    return stage.setInputCols(["sentence", "token"]).setOutputCol("class")


@pytest.fixture
def plain(spark, texts, front_end, comparable, sequence_model):
    """The texts' sentences that both feed in the same way, twelve a row."""
    sentences = [
        sentence
        for text in texts
        for _, _, sentence in split_sentences(text or "")
        if (words := [word for _, _, word in tokenize(sentence)])
        and comparable(sequence_model, words, False, 128)
    ]
    rows = [(" ".join(sentences[i : i + 12]),) for i in range(0, len(sentences), 12)]
    frame = spark.createDataFrame([*rows, ("",), (None,)], "text string").coalesce(2)
    return PipelineModel(front_end("nnn")).transform(frame)


def both(ours, theirs, frame, **params):
    made = []
    for stage in (ours, theirs):
        for name, value in {"CaseSensitive": False, **params}.items():
            getattr(stage, f"set{name}")(value)
        made.append(stage.transform(frame).collect())
    return zip(*made, strict=True)


def shape(a):
    return a.begin, a.end, a.result, a.metadata["sentence"], a.metadata.keys()


def by_sentence(annotations):
    """The annotations of each sentence, by the sentence's number; none of any other."""
    found = defaultdict(list)
    for a in annotations:
        found[a.metadata["sentence"]].append(a)
    return found


def assert_close(ours, theirs):
    """The same results with about the same scores."""
    assert [shape(a) for a in ours] == [shape(b) for b in theirs]
    for a, b in zip(ours, theirs, strict=True):
        assert_close_scores(a, b)


def assert_close_scores(a, b):
    for label in a.metadata.keys() - {"sentence"}:
        assert float(a.metadata[label]) == pytest.approx(float(b.metadata[label]), abs=TOLERANCE)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
@pytest.mark.parametrize("longest", [128, 512])
@pytest.mark.parametrize("case_sensitive", [True, False])
def test_labels_and_scores_of_sentences(
    annotated, ours, theirs, sequence_model, comparable, case_sensitive, longest, activation
):
    params = {
        "CaseSensitive": case_sensitive, "MaxSentenceLength": longest,
        "Activation": activation, "CoalesceSentences": False,
    }  # fmt: skip
    sentences, results = 0, 0
    for mine, other in both(ours, theirs, annotated, **params):
        words, left, right = map(by_sentence, (mine["token"], mine["class"], other["class"]))
        for number, tokens in words.items():
            fed = [token.result for token in tokens]
            if comparable(sequence_model, fed, case_sensitive, longest):
                assert_close(left[number], right[number])
                sentences, results = sentences + 1, results + len(left[number])

    print(f"{results} results of {sentences} sentences compared")
    assert sentences > 600
    assert results > 100


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_coalesced_documents(ours, theirs, plain, activation):
    """Spark NLP's result has the span of the first sentence, ours that of the document."""
    documents, results = 0, 0
    params = {"CoalesceSentences": True, "Activation": activation, "MaxSentenceLength": 128}
    for mine, other in both(ours, theirs, plain, **params):
        assert [(a.begin, *shape(a)[2:]) for a in mine["class"]] == [
            (b.begin, *shape(b)[2:]) for b in other["class"]
        ]
        for a, b in zip(mine["class"], other["class"], strict=True):
            assert_close_scores(a, b)
            assert a.end == mine["sentence"][-1].end
            assert b.end == mine["sentence"][0].end
        documents, results = documents + 1, results + len(mine["class"])

    print(f"{results} results of {documents} documents compared")
    assert documents > 20
    assert results > 5


def test_spans_are_those_of_each_sentence(ours, theirs, plain):
    """Spark NLP's begin again after each batch: sentence 3 has the span of sentence 1."""
    params = {"CoalesceSentences": False, "Activation": "softmax", "BatchSize": 2}
    try:
        mine, other = next(iter(both(ours, theirs, plain, **params)))
    finally:
        theirs.setBatchSize(1_000)
    spans = [(s.begin, s.end) for s in mine["sentence"]]

    assert [(a.begin, a.end) for a in mine["class"]] == spans
    assert [(b.begin, b.end) for b in other["class"]][:4] == [*spans[:2], *spans[:2]]


def test_one_result_a_document_whatever_the_batch(ours, theirs, plain):
    params = {"CoalesceSentences": True, "Activation": "softmax", "BatchSize": 2}
    try:
        mine, other = next(iter(both(ours, theirs, plain, **params)))
    finally:
        theirs.setBatchSize(1_000)

    assert len(mine["class"]) == 1
    assert len(other["class"]) == -(-len(mine["sentence"]) // 2)


def test_threshold_and_multilabel_do_what_their_names_say(ours, theirs, plain):
    """Spark NLP's Python setters of both change nothing."""
    params = {"CoalesceSentences": False, "Activation": "softmax"}
    rows = both(ours, theirs, plain, **params, Multilabel=True, Threshold=0.9)
    mine, other = zip(*((m["class"], o["class"]) for m, o in rows), strict=True)
    theirs.setMultilabel(False)

    found = [a for row in mine for a in row]
    assert found
    assert all(float(a.metadata[a.result]) > 0.9 for a in found)
    assert any(float(b.metadata[b.result]) <= 0.9 for row in other for b in row)


def test_an_unknown_activation_is_refused_on_the_driver(ours, theirs, plain):
    """Spark NLP fails the job with a scala.MatchError."""
    from py4j.protocol import Py4JJavaError

    with pytest.raises(ValueError, match="softmax, sigmoid"):
        ours.setActivation("tanh").transform(plain)
    with pytest.raises(Py4JJavaError, match="MatchError"):
        theirs.setActivation("tanh").transform(plain).collect()
    theirs.setActivation("softmax")
