"""What else users call of Spark NLP's Python API: every public name is there, or a test says why."""

import inspect

import pytest
from pyspark.sql.types import StructField, StructType

import annotators
from annotators.core.errors import ParamError

NAMES = [
    "DocumentAssembler",
    "SentenceDetector",
    "SentenceDetectorDLModel",
    "Tokenizer",
    "TokenizerModel",
    "BertForTokenClassification",
    "BertForSequenceClassification",
    "DistilBertForTokenClassification",
    "DistilBertForSequenceClassification",
    "NerConverter",
    "Finisher",
    "LightPipeline",
    "Annotation",
]
PLUMBING = {
    # How Spark NLP's classes are made, and how its LightPipeline checks its own stages.
    *("getParamValue", "setParamValue", "getter_attrs", "name", "inputColsValidation"),
    *("optionalInputAnnotatorTypes", "max_length_limit"),
}
NOT_HERE = {
    # An estimator's; ours transforms at once.
    "Tokenizer": {"fitMultiple"},
    # Params of the JVM side, see test_setters.py.
    "TokenizerModel": {"rules"},
    "BertForTokenClassification": {"configProtoBytes", "engine"},
    "BertForSequenceClassification": {"configProtoBytes", "engine"},
    "DistilBertForTokenClassification": {"configProtoBytes", "engine"},
    "DistilBertForSequenceClassification": {"configProtoBytes", "engine"},
    "SentenceDetectorDLModel": {"engine"},
    "Finisher": {"outputAnnotatorType"},  # None there
}
classes = pytest.mark.parametrize("name", NAMES)
pytestmark = pytest.mark.usefixtures("spark")


def theirs(name):
    import sparknlp.annotation
    import sparknlp.annotator
    import sparknlp.base

    homes = (sparknlp.base, sparknlp.annotator, sparknlp.annotation)
    return next(getattr(home, name) for home in homes if hasattr(home, name))


def public(kind):
    return {name for name in dir(kind) if not name.startswith("_")}


@classes
def test_every_public_name_is_there(name):
    wanted = public(theirs(name)) - PLUMBING - NOT_HERE.get(name, set())

    assert wanted
    assert wanted - public(getattr(annotators, name)) == set()


@classes
def test_what_is_said_not_to_be_there_is_not(name):
    for missing in NOT_HERE.get(name, set()):
        assert hasattr(theirs(name), missing)
        assert not hasattr(getattr(annotators, name), missing)


@classes
def test_methods_take_the_same_arguments(of_spark, name):
    """By position and by name; Spark's own are Spark's."""
    ours = getattr(annotators, name)
    for method in public(theirs(name)) & public(ours) - of_spark - {"setParams", "fit"}:
        their, our = getattr(theirs(name), method), getattr(ours, method)
        if callable(their) and not isinstance(our, property):
            wanted = [*inspect.signature(their).parameters.values()]
            given = [*inspect.signature(our).parameters.values()]
            if wanted and wanted[0].name == "self":
                wanted, given = wanted[1:], given[1:]
            assert [(p.name, p.kind) for p in given] == [(p.name, p.kind) for p in wanted], method


def test_fitted_rules_are_not_downloaded():
    with pytest.raises(ParamError, match="its rules are its params"):
        annotators.TokenizerModel.pretrained()


def made(kind):
    return kind("chunk", 3, 8, "aspirin", {"entity": "Drug", "sentence": "0"}, [0.5])


def test_an_annotation_reads_and_writes_the_same_rows():
    our, their = made(annotators.Annotation), made(theirs("Annotation"))
    row = their.toRow(their)

    assert str(our) == str(their)
    assert repr(our) == repr(their)
    assert our.toRow(our) == row
    assert vars(our.copy("x")) == vars(their.copy("x"))
    assert our.copy("x") != our == made(annotators.Annotation)
    assert our.arrayType() == their.arrayType()
    assert our.dataType() == their.dataType()


def test_annotations_of_a_frame_are_the_same(spark):
    ours = made(annotators.Annotation)
    schema = StructType([StructField("chunk", theirs("Annotation").arrayType())])
    (row,) = spark.createDataFrame([([ours.toRow(ours)],)], schema).head()["chunk"]

    assert vars(annotators.Annotation.fromRow(row)) == vars(theirs("Annotation").fromRow(row))
