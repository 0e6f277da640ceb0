"""Notemill's annotators: Spark ML stages with Spark NLP's names, over ONNX models, in pure Python.

    from annotators import DocumentAssembler, SentenceDetector, Tokenizer

Stages are loaded on first use, so that `annotators.core` can be used where there is no Spark.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what __getattr__ gives, for type checkers and editors
    from annotators.annotation import Annotation
    from annotators.assertion_filterer import AssertionFilterer
    from annotators.bert_for_sequence_classification import BertForSequenceClassification
    from annotators.bert_for_token_classification import BertForTokenClassification
    from annotators.contextual_assertion import ContextualAssertion
    from annotators.distil_bert_for_sequence_classification import (
        DistilBertForSequenceClassification,
    )
    from annotators.distil_bert_for_token_classification import DistilBertForTokenClassification
    from annotators.document_assembler import DocumentAssembler
    from annotators.finisher import Finisher
    from annotators.fusion import fuse
    from annotators.light_pipeline import LightPipeline
    from annotators.medical_bert_for_sequence_classification import (
        MedicalBertForSequenceClassification,
    )
    from annotators.medical_bert_for_token_classifier import MedicalBertForTokenClassifier
    from annotators.ner_converter import NerConverter
    from annotators.notebook import display
    from annotators.sentence_detector import SentenceDetector
    from annotators.sentence_detector_dl import SentenceDetectorDLModel
    from annotators.session import Pipeline, PipelineModel, start
    from annotators.tokenizer import Tokenizer, TokenizerModel

_HOME = {
    "Annotation": "annotation",
    "AssertionFilterer": "assertion_filterer",
    "BertForSequenceClassification": "bert_for_sequence_classification",
    "BertForTokenClassification": "bert_for_token_classification",
    "ContextualAssertion": "contextual_assertion",
    "DistilBertForSequenceClassification": "distil_bert_for_sequence_classification",
    "DistilBertForTokenClassification": "distil_bert_for_token_classification",
    "DocumentAssembler": "document_assembler",
    "Finisher": "finisher",
    "LightPipeline": "light_pipeline",
    "MedicalBertForSequenceClassification": "medical_bert_for_sequence_classification",
    "MedicalBertForTokenClassifier": "medical_bert_for_token_classifier",
    "NerConverter": "ner_converter",
    "Pipeline": "session",
    "PipelineModel": "session",
    "SentenceDetector": "sentence_detector",
    "SentenceDetectorDLModel": "sentence_detector_dl",
    "Tokenizer": "tokenizer",
    "TokenizerModel": "tokenizer",
    "display": "notebook",
    "fuse": "fusion",
    "start": "session",
}

__all__ = [
    "Annotation",
    "AssertionFilterer",
    "BertForSequenceClassification",
    "BertForTokenClassification",
    "ContextualAssertion",
    "DistilBertForSequenceClassification",
    "DistilBertForTokenClassification",
    "DocumentAssembler",
    "Finisher",
    "LightPipeline",
    "MedicalBertForSequenceClassification",
    "MedicalBertForTokenClassifier",
    "NerConverter",
    "Pipeline",
    "PipelineModel",
    "SentenceDetector",
    "SentenceDetectorDLModel",
    "Tokenizer",
    "TokenizerModel",
    "display",
    "fuse",
    "start",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'annotators' has no attribute '{name}'")
    return getattr(import_module(f"annotators.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
