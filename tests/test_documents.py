"""The code that users bring: the documents' pipelines, with nothing changed but the import line."""

import pytest
from pyspark.ml import Pipeline

from annotators import (
    BertForSequenceClassification,
    BertForTokenClassification,
    DocumentAssembler,
    LightPipeline,
    MedicalBertForSequenceClassification,
    MedicalBertForTokenClassifier,
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


METASTASIS = {
    "Contrast MRI confirmed the findings of meningeal carcinomatosis.": "1",
    "A 62-year-old male presents with weight loss, persistent cough, and episodes of hemoptysis.": "0",
    "The primary tumor (T) is staged as T3 due to its size and local invasion, there is no nodal"
    " involvement (N0), and due to multiple bone and liver lesions, it is classified as M1,"
    " reflecting distant metastatic foci.": "1",
    "After all procedures done and reviewing the findings, biochemical results and screening, the"
    " TNM classification is determined.": "0",
    "The oncologist noted that the tumor had spread to the liver, indicating advanced stage"
    " cancer.": "1",
    "The patient's care plan is adjusted to focus on symptom management and slowing the progression"
    " of the disease.": "0",
}


def test_the_model_pages_samples_are_classified(spark):
    document_assembler = DocumentAssembler().setInputCol("text").setOutputCol("document")
    sentence_detector = (
        SentenceDetectorDLModel.pretrained(
            "sentence_detector_dl_healthcare", "en", "clinical/models"
        )
        .setInputCols(["document"])
        .setOutputCol("sentence")
    )
    tokenizer = Tokenizer().setInputCols(["sentence"]).setOutputCol("token")
    sequence_classifier = (
        MedicalBertForSequenceClassification.pretrained(
            "bert_sequence_classifier_metastasis", "en", "clinical/models"
        )
        .setInputCols(["sentence", "token"])
        .setOutputCol("prediction")
    )
    pipeline = Pipeline(
        stages=[document_assembler, sentence_detector, tokenizer, sequence_classifier]
    )
    sample_data = spark.createDataFrame([[text] for text in METASTASIS]).toDF("text")

    rows = pipeline.fit(sample_data).transform(sample_data).select("text", "prediction.result")

    assert {row[0]: row[1] for row in rows.collect()} == {t: [n] for t, n in METASTASIS.items()}


def chunks_of(spark, text, *model):
    """The entities that the talk's pipeline finds: (words, type) pairs."""
    stages = [
        DocumentAssembler().setInputCol("text").setOutputCol("document"),
        Tokenizer().setInputCols(["document"]).setOutputCol("token"),
        BertForTokenClassification.pretrained(*model)
        .setInputCols(["document", "token"])
        .setOutputCol("ner"),
        NerConverter().setInputCols(["document", "token", "ner"]).setOutputCol("chunk"),
    ]
    sample = spark.createDataFrame([[text]]).toDF("text")
    found = Pipeline(stages=stages).fit(sample).transform(sample).selectExpr("explode(chunk) as c")
    return [tuple(row) for row in found.selectExpr("c.result", "c.metadata['entity']").collect()]


def test_the_clinical_token_stage_has_a_clinical_default(spark):
    stage = MedicalBertForTokenClassifier.pretrained()

    assert stage.getOrDefault("model") == "bert_token_classifier_ner_bc5cdr"


def test_the_talks_person_and_place_are_found_by_the_default_model(spark):
    found = chunks_of(spark, "My name is John Parker and I live in New York")

    assert found == [("John Parker", "PER"), ("New York", "LOC")]


def test_the_model_cards_protein_and_cells_are_found(spark):
    text = (
        "Mouse thymus was used as a source of glucocorticoid receptor from normal CS lymphocytes."
    )
    found = chunks_of(spark, text, "bert_token_classifier_ner_jnlpba", "en")

    assert found == [
        ("glucocorticoid receptor", "protein"),
        ("normal CS lymphocytes", "cell_type"),
    ]


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
