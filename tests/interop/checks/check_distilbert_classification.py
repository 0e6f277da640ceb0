"""DistilBertForTokenClassification beside Spark NLP's, over a graph without token types."""

import pytest

import annotators
from tests.conftest import TOKEN_LABELS, write_tiny_bert

TOLERANCE = 1e-3


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("models") / "distilbert"
    return write_tiny_bert(place, TOKEN_LABELS, "token-classification", token_types=False)


def test_labels_and_scores(spark, annotated, folder, comparable):
    import sparknlp.annotator

    name = "DistilBertForTokenClassification"
    theirs = getattr(sparknlp.annotator, name).loadSavedModel(str(folder), spark)
    ours = getattr(annotators, name).loadSavedModel(str(folder))
    assert ours.getMaxSentenceLength() == theirs.getMaxSentenceLength()
    # Spark NLP takes the case of its param; ours that of the vocabulary, which is uncased here.
    for stage in (ours, theirs):
        stage.setInputCols(["sentence", "token"]).setOutputCol("ner").setCaseSensitive(False)
    left, right = (stage.transform(annotated).collect() for stage in (ours, theirs))

    pairs = []
    for mine, other in zip(left, right, strict=True):
        labels, given = of_sentences(mine, "ner"), of_sentences(other, "ner")
        for number, tokens in of_sentences(mine, "token").items():
            if comparable(folder, [token.result for token in tokens], False, 128):
                pairs += zip(labels[number], given[number], strict=True)
    print(f"{len(pairs)} labels compared")
    assert len(pairs) > 5_000
    for a, b in pairs:
        assert (a.begin, a.end, a.result) == (b.begin, b.end, b.result)
        assert a.metadata.keys() == b.metadata.keys()
        for label in TOKEN_LABELS:
            assert abs(float(a.metadata[label]) - float(b.metadata[label])) <= TOLERANCE


def of_sentences(row, column):
    """The annotations of each sentence of a row, by the sentence's number."""
    found = {a.metadata["sentence"]: [] for a in row["sentence"]}
    for a in row[column]:
        found[a.metadata["sentence"]].append(a)
    return found
