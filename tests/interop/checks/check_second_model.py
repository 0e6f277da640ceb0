"""Two models in one session: Spark NLP's refusal, and ours beside it. In a process of its own."""

import pytest
from py4j.protocol import Py4JJavaError

import annotators


def test_a_second_model_in_a_session(spark, token_model, sequence_model):
    import sparknlp.annotator

    folders = {
        "BertForTokenClassification": token_model,
        "BertForSequenceClassification": sequence_model,
    }
    (first, second) = folders
    getattr(sparknlp.annotator, first).loadSavedModel(str(folders[first]), spark)
    with pytest.raises(Py4JJavaError, match="exists and does not match"):
        getattr(sparknlp.annotator, second).loadSavedModel(str(folders[second]), spark)

    ours = [getattr(annotators, name).loadSavedModel(str(f)) for name, f in folders.items()]
    assert [stage.getClasses() for stage in ours] == [
        (folder / "assets" / "labels.txt").read_text("utf-8").split() for folder in folders.values()
    ]
