"""DistilBertForSequenceClassification: a label for every sentence or document, by a DistilBERT.

in:  document (sentences or documents), token
out: category, one annotation per sentence (with sigmoid one for each label over `threshold`);
     metadata `sentence` and each label's score

    DistilBertForSequenceClassification.loadSavedModel("my_distilbert")
        .setInputCols(["document", "token"]).setOutputCol("class")
"""

from __future__ import annotations

from annotators.bert_for_sequence_classification import BertForSequenceClassification


class DistilBertForSequenceClassification(BertForSequenceClassification):
    """BertForSequenceClassification under the name that Spark NLP has for a DistilBERT.

    A DistilBERT reads the same wordpieces and has no token types; a model is fed what its graph
    asks for. None is packaged: name a folder of yours.
    """

    _default_model = "distilbert_base_sequence_classifier_imdb"
