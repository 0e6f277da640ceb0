"""BertForTokenClassification beside Spark NLP's, over the same ONNX folder."""

import pytest

import annotators

SHARE, TOLERANCE = 0.999, 1e-3
KEYS = {"sentence", "word"}


@pytest.fixture(scope="module")
def theirs(spark, token_model):
    from sparknlp.annotator import BertForTokenClassification

    stage = BertForTokenClassification.loadSavedModel(str(token_model), spark)
    return stage.setInputCols(["sentence", "token"]).setOutputCol("ner")


@pytest.fixture
def ours(token_model):
    stage = annotators.BertForTokenClassification.loadSavedModel(str(token_model))
    return stage.setInputCols(["sentence", "token"]).setOutputCol("ner")


def sentences_of(row, column):
    """The annotations of each sentence of a row, by the sentence's number."""
    found = {a.metadata["sentence"]: [] for a in row["sentence"]}
    for a in row[column]:
        found[a.metadata["sentence"]].append(a)
    return found


@pytest.mark.parametrize("longest", [128, 512])
@pytest.mark.parametrize("case_sensitive", [True, False])
def test_labels_and_scores(
    annotated, ours, theirs, token_model, comparable, case_sensitive, longest
):
    pairs, plain = [], []
    for stage in (ours, theirs):
        stage.setCaseSensitive(case_sensitive).setMaxSentenceLength(longest)
    left, right = (stage.transform(annotated).collect() for stage in (ours, theirs))
    for mine, other in zip(left, right, strict=True):
        labels, given = sentences_of(mine, "ner"), sentences_of(other, "ner")
        for number, tokens in sentences_of(mine, "token").items():
            words = [token.result for token in tokens]
            if comparable(token_model, words, case_sensitive, longest):
                both = list(zip(labels[number], given[number], strict=True))
                pairs += both
                plain += both if all(w.isascii() and w.isprintable() for w in words) else []

    equal = [(a.begin, a.end, a.result) == (b.begin, b.end, b.result) for a, b in pairs]
    print(f"{sum(equal)} of {len(pairs)} labels equal, scores of {len(plain)} compared")
    assert len(plain) > 5_000
    assert sum(equal) / len(equal) >= SHARE
    for a, b in plain:
        assert a.metadata.keys() == b.metadata.keys()
        assert {k: a.metadata[k] for k in KEYS} == {k: b.metadata[k] for k in KEYS}
        differences = [
            abs(float(a.metadata[label]) - float(b.metadata[label]))
            for label in a.metadata.keys() - KEYS
        ]
        assert max(differences) <= TOLERANCE


def test_no_token_is_without_a_label(spark, front_end, ours, theirs):
    """Spark NLP labels the tokens before the window's end only; we label all."""
    from pyspark.ml import PipelineModel

    long = spark.createDataFrame([("pain and " * 300,)], "text string")
    tokens = PipelineModel(front_end("nnn")).transform(long)
    counts = [
        len(stage.setCaseSensitive(False).setMaxSentenceLength(128).transform(tokens).head()["ner"])
        for stage in (ours, theirs)
    ]

    assert counts[0] == 600
    assert counts[1] == 127


def test_every_wordpiece_of_a_token_is_fed(spark, front_end, ours, theirs):
    """Spark NLP feeds `pain` of `pain-aspirin`, so that both sentences look alike to its model."""
    from pyspark.ml import PipelineModel

    texts = spark.createDataFrame([("the pain-aspirin",), ("the pain",)], "text string")
    tokens = PipelineModel(front_end("nnn")).transform(texts.coalesce(1))
    scores = [
        [row["ner"][0]["metadata"]["O"] for row in stage.transform(tokens).collect()]
        for stage in (ours, theirs)
    ]

    assert scores[0][0] != scores[0][1]
    assert scores[1][0] == scores[1][1]


def test_classes_are_in_the_models_order(ours, theirs):
    """Spark NLP gives them in the order of a hash map."""
    assert ours.getClasses() == ["O", "B-Disease", "I-Disease", "B-Chemical", "I-Chemical"]
    assert sorted(ours.getClasses()) == sorted(theirs.getClasses())
    assert ours.getEngine() == theirs.getEngine() == "onnx"
