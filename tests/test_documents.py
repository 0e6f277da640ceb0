"""The code that users bring: the documents' pipelines, with nothing changed but the import line."""

import pytest
from pyspark.ml import Pipeline

from annotators import (
    BertForSequenceClassification,
    BertForTokenClassification,
    DocumentAssembler,
    LightPipeline,
    NerConverter,
    SentenceDetector,
    SentenceDetectorDLModel,
    Tokenizer,
)

SENTENCE = "The patient was diagnosed with diabetes and prescribed metformin."


@pytest.fixture(scope="module")
def bc5cdr(spark):
    """The stages of the talk on token classification, over the model of the BC5CDR notebook."""
    document_assembler = DocumentAssembler().setInputCol("text").setOutputCol("document")
    tokenizer = Tokenizer().setInputCols(["document"]).setOutputCol("token")
    token_classifier = (
        BertForTokenClassification.pretrained("bert_token_classifier_ner_bc5cdr", "en")
        .setInputCols(["token", "document"])
        .setOutputCol("ner")
        .setCaseSensitive(False)
        .setMaxSentenceLength(512)
    )
    ner_converter = (
        NerConverter().setInputCols(["document", "token", "ner"]).setOutputCol("entities")
    )
    pipeline = Pipeline(stages=[document_assembler, tokenizer, token_classifier, ner_converter])
    example = spark.createDataFrame([[SENTENCE]]).toDF("text")
    return pipeline.fit(example), example


def test_the_notebooks_sentence_names_a_disease_and_a_chemical(bc5cdr):
    model, example = bc5cdr

    rows = (
        model.transform(example)
        .selectExpr("explode(entities) as e")
        .selectExpr("e.result", "e.metadata['entity'] as label")
        .collect()
    )

    assert [tuple(row) for row in rows] == [("diabetes", "Disease"), ("metformin", "Chemical")]


def test_the_notebooks_labels_come_token_by_token(bc5cdr):
    found = LightPipeline(bc5cdr[0]).annotate(SENTENCE)

    labels = dict(zip(found["token"], found["ner"], strict=True))
    assert {word: label for word, label in labels.items() if label != "O"} == {
        "diabetes": "B-Disease",
        "metformin": "B-Chemical",
    }


def test_the_model_pages_front_end_splits_its_samples(spark):
    sentence_detector = (
        SentenceDetectorDLModel.pretrained(
            "sentence_detector_dl_healthcare", "en", "clinical/models"
        )
        .setInputCols(["document"])
        .setOutputCol("sentence")
    )
    rules = SentenceDetector().setInputCols(["document"]).setOutputCol("sentence")
    sample = spark.createDataFrame(
        [["The oncologist noted that the tumor had spread to the liver. He will return."]]
    ).toDF("text")

    for detector in (sentence_detector, rules):
        stages = [DocumentAssembler().setInputCol("text").setOutputCol("document"), detector]
        split = Pipeline(stages=stages).fit(sample).transform(sample)
        assert split.selectExpr("size(sentence)").first()[0] == 2


def test_the_talks_reviews_are_positive_and_negative(spark):
    stages = [
        DocumentAssembler().setInputCol("text").setOutputCol("document"),
        Tokenizer().setInputCols(["document"]).setOutputCol("token"),
        BertForSequenceClassification.pretrained()
        .setInputCols(["document", "token"])
        .setOutputCol("class"),
    ]
    reviews = spark.createDataFrame(
        [["I really like that movie"], ["The last movie I watched is awful"]]
    ).toDF("text")

    rows = Pipeline(stages=stages).fit(reviews).transform(reviews).select("class.result").collect()

    assert [row[0] for row in rows] == [["positive"], ["negative"]]
