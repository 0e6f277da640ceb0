"""Every setter, getter and param of Spark NLP's classes is there, with the same default."""

import pytest

import annotators

NAMES = [
    "DocumentAssembler",
    "SentenceDetector",
    "SentenceDetectorDLModel",
    "Tokenizer",
    "TokenizerModel",
    "BertForTokenClassification",
    "BertForSequenceClassification",
    "NerConverter",
    "Finisher",
]
PLUMBING = {"getParamValue", "setParamValue", "getter_attrs"}
"""What Spark NLP makes its own getters and setters with."""
NOT_HERE = {
    # The fitted rules of Spark NLP's JVM side. Here a fitted Tokenizer holds the params themselves.
    "TokenizerModel": {"rules", "getRules", "setRules"},
    # TensorFlow's settings and the choice of an engine: setConfigProtoBytes and setEngine tell why.
    "BertForTokenClassification": {"configProtoBytes", "engine"},
    "BertForSequenceClassification": {"configProtoBytes", "engine"},
    "SentenceDetectorDLModel": {"engine"},
}
classes = pytest.mark.parametrize("name", NAMES)
pytestmark = pytest.mark.usefixtures("spark")


def theirs(name):
    import sparknlp.annotator
    import sparknlp.base

    return getattr(sparknlp.base, name, None) or getattr(sparknlp.annotator, name)


@classes
def test_every_setter_and_getter_is_there(of_spark, name):
    known = {n for n in dir(theirs(name)()) if n.startswith(("get", "set", "add"))}
    wanted = known - of_spark - PLUMBING - NOT_HERE.get(name, set())

    assert wanted
    assert [n for n in sorted(wanted) if not hasattr(annotators.__getattr__(name)(), n)] == []


@classes
def test_every_param_is_there_with_the_same_default(name):
    spark_nlp, stage = theirs(name)(), getattr(annotators, name)()
    wanted = {p.name for p in spark_nlp.params} - NOT_HERE.get(name, set())
    defaults = {p.name: v for p, v in spark_nlp._defaultParamMap.items() if p.name in wanted}

    assert [n for n in sorted(wanted) if not stage.hasParam(n)] == []
    assert {n: stage.getOrDefault(n) for n in defaults} == defaults


def test_a_tokenizer_model_has_the_params_of_tokenizer():
    """Spark NLP's has `rules`, an object of its JVM side."""
    params = {param.name for param in annotators.Tokenizer().params}

    assert theirs("TokenizerModel")().hasParam("rules")
    assert {param.name for param in annotators.TokenizerModel().params} == params
    assert "rules" not in params


def test_only_ours_replaces_labels():
    """In Spark NLP its paid edition's does."""
    assert annotators.NerConverter().hasParam("replaceLabels")
    assert not hasattr(theirs("NerConverter")(), "setReplaceLabels")


@pytest.mark.parametrize("name", ["BertForTokenClassification", "BertForSequenceClassification"])
def test_what_can_do_nothing_says_why(name):
    stage = getattr(annotators, name)()

    with pytest.raises(ValueError, match=r"setConfigProtoBytes has no effect.*not on TensorFlow"):
        stage.setConfigProtoBytes([1])
    with pytest.raises(ValueError, match=r"setEngine has no effect.*not on openvino"):
        stage.setEngine("openvino")
    with pytest.raises(ValueError, match="513"):
        stage.setMaxSentenceLength(513)
    with pytest.raises(ValueError):
        theirs(name)().setMaxSentenceLength(513)
