"""DistilBertForTokenClassification: a label for every token, by a DistilBERT in ONNX.

in:  document (sentences or documents), token
out: named_entity, one annotation per token; metadata `sentence`, `word`, and each label's score

    DistilBertForTokenClassification.loadSavedModel("my_distilbert")
        .setInputCols(["sentence", "token"]).setOutputCol("ner")
"""

from __future__ import annotations

from annotators.bert_for_token_classification import BertForTokenClassification


class DistilBertForTokenClassification(BertForTokenClassification):
    """BertForTokenClassification under the name that Spark NLP has for a DistilBERT.

    A DistilBERT reads the same wordpieces and has no token types; a model is fed what its graph
    asks for. None is packaged: name a folder of yours.
    """

    _default_model = "distilbert_base_token_classifier_conll03"
