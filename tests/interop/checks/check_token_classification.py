"""BertForTokenClassification beside Spark NLP's, over the same ONNX folder."""

import pytest

import annotators

TOLERANCE = 1e-3
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
    pairs = []
    for stage in (ours, theirs):
        stage.setCaseSensitive(case_sensitive).setMaxSentenceLength(longest)
    left, right = (stage.transform(annotated).collect() for stage in (ours, theirs))
    for mine, other in zip(left, right, strict=True):
        labels, given = sentences_of(mine, "ner"), sentences_of(other, "ner")
        for number, tokens in sentences_of(mine, "token").items():
            words = [token.result for token in tokens]
            if comparable(token_model, words, case_sensitive, longest):
                pairs += zip(labels[number], given[number], strict=True)

    equal = [(a.begin, a.end, a.result) == (b.begin, b.end, b.result) for a, b in pairs]
    print(f"{sum(equal)} of {len(pairs)} labels equal")
    assert len(pairs) > 5_000
    assert all(equal)
    for a, b in pairs:
        assert a.metadata.keys() == b.metadata.keys()
        assert {k: a.metadata[k] for k in KEYS} == {k: b.metadata[k] for k in KEYS}
        differences = [
            abs(float(a.metadata[label]) - float(b.metadata[label]))
            for label in a.metadata.keys() - KEYS
        ]
        assert max(differences) <= TOLERANCE


def test_no_token_is_without_a_label(tokens_of, ours, theirs):
    """Spark NLP labels the tokens before the window's end only; we label all."""
    tokens = tokens_of("pain and " * 300)
    counts = [
        len(stage.setCaseSensitive(False).setMaxSentenceLength(128).transform(tokens).head()["ner"])
        for stage in (ours, theirs)
    ]

    assert counts[0] == 600
    assert counts[1] == 127


def same_scores(stage, frame):
    """Whether the first tokens of both rows look alike to a stage's model."""
    first, second = (row["ner"][0]["metadata"]["O"] for row in stage.transform(frame).collect())
    return first == second


@pytest.fixture
def tokens_of(spark, front_end):
    """A function that makes rows of sentences and tokens from texts."""
    from pyspark.ml import PipelineModel

    def make(*texts):
        frame = spark.createDataFrame([(text,) for text in texts], "text string").coalesce(1)
        return PipelineModel(front_end("nnn")).transform(frame)

    return make


def test_every_wordpiece_of_a_token_is_fed(tokens_of, ours, theirs):
    """Spark NLP feeds `pain` of `pain-aspirin`, so that both sentences look alike to its model."""
    frame = tokens_of("the pain-aspirin", "the pain")

    assert not same_scores(ours, frame)
    assert same_scores(theirs, frame)


def test_accents_stay_in_cased_models(tokens_of, ours, theirs):
    """Spark NLP takes them off in all models, Hugging Face's BERT in uncased ones only."""
    frame = tokens_of("na\u00efve", "naive")
    for stage in (ours, theirs):
        stage.setCaseSensitive(True)

    assert not same_scores(ours, frame)
    assert same_scores(theirs, frame)


def test_zero_width_characters_are_no_letters(tokens_of, ours, theirs):
    """`pain` and a zero-width space are one unknown word to Spark NLP."""
    frame = tokens_of("pain\u200b", "pain")

    assert same_scores(ours, frame)
    assert not same_scores(theirs, frame)


def test_words_over_100_characters_are_unknown(tokens_of, ours, theirs):
    """The limit is BERT's own; Spark NLP's is 200."""
    frame = tokens_of("x" * 150, "\u2603")

    assert same_scores(ours, frame)
    assert not same_scores(theirs, frame)


@pytest.mark.parametrize("word", ["pain\u2019s", "pain\u00a0the"])
def test_words_are_taken_apart_as_bert_does(tokens_of, ours, theirs, word):
    """To Spark NLP these marks are letters, and the word is [UNK]."""
    frame = tokens_of(word, "\u2603")
    assert len(frame.head()["token"]) == 1

    assert not same_scores(ours, frame)
    assert same_scores(theirs, frame)


def test_a_lone_control_character_has_a_label(tokens_of, ours, theirs):
    """Spark NLP leaves it out."""
    frame = tokens_of("pain \x07 and")
    tokens = [token.begin for token in frame.head()["token"]]
    labels = [[a.begin for a in stage.transform(frame).head()["ner"]] for stage in (ours, theirs)]

    assert tokens == [0, 5, 7]
    assert labels == [[0, 5, 7], [0, 7]]


def test_classes_are_in_the_models_order(ours, theirs):
    """Spark NLP gives them in the order of a hash map."""
    assert ours.getClasses() == ["O", "B-Disease", "I-Disease", "B-Chemical", "I-Chemical"]
    assert sorted(ours.getClasses()) == sorted(theirs.getClasses())
    assert ours.getClasses() != theirs.getClasses()
    assert ours.getEngine() == theirs.getEngine() == "onnx"
