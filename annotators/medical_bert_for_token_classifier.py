"""MedicalBertForTokenClassifier: what Spark NLP for Healthcare calls the token stage."""

from __future__ import annotations

from annotators.bert_for_token_classification import BertForTokenClassification


class MedicalBertForTokenClassifier(BertForTokenClassification):
    """BertForTokenClassification with a clinical model as its default."""

    _default_model = "bert_token_classifier_ner_bc5cdr"
