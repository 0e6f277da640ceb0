"""MedicalBertForSequenceClassification: what Spark NLP for Healthcare calls the sequence stage."""

from __future__ import annotations

from annotators.bert_for_sequence_classification import BertForSequenceClassification


class MedicalBertForSequenceClassification(BertForSequenceClassification):
    """BertForSequenceClassification with a clinical model as its default."""

    _default_model = "bert_sequence_classifier_metastasis"
