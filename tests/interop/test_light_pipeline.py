"""LightPipeline beside Spark NLP's: the same shapes, and errors instead of crashes."""

import pytest
from pyspark.ml import PipelineModel

import annotators

TEXTS = ["Pt. denies pain. Takes aspirin 81 mg, b.i.d.", "", "No fever;\n1. Rest 2. Fluids", " "]


@pytest.fixture
def pipelines(spark, front_end):
    """Ours and theirs over the stages up to tokens."""
    from sparknlp.base import LightPipeline

    empty = spark.createDataFrame([("",)], "text string")
    ours, theirs = front_end("nnn"), front_end("sss")
    theirs[2] = theirs[2].fit(PipelineModel(theirs[:2]).transform(empty))
    return annotators.LightPipeline(PipelineModel(ours)), LightPipeline(PipelineModel(theirs))


def plain(annotation):
    return (
        annotation.annotatorType,
        annotation.begin,
        annotation.end,
        annotation.result,
        dict(annotation.metadata),
        list(annotation.embeddings),
    )


@pytest.mark.parametrize("target", [*TEXTS, TEXTS, ["one text"]], ids=repr)
def test_annotate(pipelines, target):
    ours, theirs = (light.annotate(target) for light in pipelines)

    assert ours == theirs


@pytest.mark.parametrize("target", [*TEXTS, TEXTS, ["one text"]], ids=repr)
def test_full_annotate(pipelines, target):
    ours, theirs = (light.fullAnnotate(target) for light in pipelines)

    assert [list(text) for text in ours] == [list(text) for text in theirs]
    for text, other in zip(ours, theirs, strict=True):
        for column in ("sentence", "token"):
            assert [plain(a) for a in text[column]] == [plain(a) for a in other[column]]
        assert [plain(a)[:4] for a in text["document"]] == [plain(a)[:4] for a in other["document"]]


def test_documents_have_the_metadata_of_transform(spark, pipelines):
    """Spark NLP's have none in a LightPipeline."""
    ours, theirs = (light.fullAnnotate("A text.")[0]["document"][0].metadata for light in pipelines)
    frame = spark.createDataFrame([("A text.",)], "text string")

    assert dict(theirs) == {}
    assert ours == {"sentence": "0"}
    for light in pipelines:
        assert light.transform(frame).head()["document"][0]["metadata"] == {"sentence": "0"}


def test_fields_of_an_annotation_have_the_same_names(pipelines):
    ours, theirs = (light.fullAnnotate("A text.")[0]["token"][0] for light in pipelines)

    assert vars(ours).keys() == vars(theirs).keys()


def test_nothing_is_no_text(pipelines):
    ours, theirs = pipelines

    assert ours.annotate([]) == []
    with pytest.raises(IndexError):
        theirs.annotate([])


def test_none_is_no_text(pipelines):
    from py4j.protocol import Py4JJavaError

    ours, theirs = pipelines
    for light in pipelines:
        with pytest.raises(TypeError):
            light.annotate(None)
    with pytest.raises(TypeError, match="a string or a list of strings"):
        ours.annotate(["a text", None])
    with pytest.raises(Py4JJavaError):
        theirs.annotate(["a text", None])


def test_images_are_refused(pipelines):
    with pytest.raises(ValueError, match="no stage reads images"):
        pipelines[0].fullAnnotateImage("x.png")


def test_the_flag_for_other_stages_is_kept(pipelines):
    for light in pipelines:
        assert light.getIgnoreUnsupported() is False
        assert light.setIgnoreUnsupported(True) is light
        assert light.getIgnoreUnsupported() is True
