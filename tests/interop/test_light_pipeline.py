"""LightPipeline beside Spark NLP's: the same shapes, and errors instead of crashes."""

import pytest
from pyspark.ml import Pipeline
from pyspark.ml.feature import SQLTransformer

import annotators

TEXTS = ["Pt. denies pain. Takes aspirin 81 mg, b.i.d.", "", "No fever;\n1. Rest 2. Fluids", " "]


@pytest.fixture
def light(spark):
    """A function that makes the LightPipelines of our stages and of theirs."""
    from sparknlp.base import LightPipeline

    empty = spark.createDataFrame([("",)], "text string")

    def make(ours, theirs):
        return annotators.LightPipeline(Pipeline(stages=ours).fit(empty)), LightPipeline(
            Pipeline(stages=theirs).fit(empty)
        )

    return make


@pytest.fixture
def pipelines(light, front_end):
    """Ours and theirs over the stages up to tokens."""
    return light(front_end("nnn"), front_end("sss"))


def finisher(package, columns):
    return package.Finisher().setInputCols(columns).setOutputCols([f"{c}_out" for c in columns])


def changed(stages, package, change):
    """The stages of one project (its package of base classes), changed in a way that users may."""
    document, sentence, token = stages
    if change == "explodeSentences":
        sentence.setExplodeSentences(True)
    elif change == "cleanupMode":
        document.setCleanupMode("shrink_full")
    elif change == "tokens of documents":
        token.setInputCols(["document"])
    elif change == "a column twice":
        sentence.setOutputCol("document")
        token.setInputCols(["document"])
    elif change == "another stage between":
        return [document, SQLTransformer(statement="SELECT * FROM __THIS__"), sentence, token]
    elif change == "a finisher":
        return [*stages, finisher(package, ["token"])]
    elif change == "a finisher of two":
        return [*stages, finisher(package, ["token", "sentence"])]
    elif change == "a finisher between":
        return [document, sentence, finisher(package, ["sentence"]), token]
    elif change == "a pipeline in it":
        return [document, Pipeline(stages=[sentence, token])]
    return stages


CHANGES = [
    *("nothing", "explodeSentences", "cleanupMode", "tokens of documents", "a column twice"),
    *("another stage between", "a finisher", "a finisher of two", "a finisher between"),
    "a pipeline in it",
]


@pytest.mark.parametrize("change", CHANGES)
def test_results_of_pipelines_of_other_forms(light, front_end, odd_texts, change):
    import sparknlp.base

    texts = [text for text in odd_texts if text is not None][:30]
    made = zip(("nnn", "sss"), (annotators, sparknlp.base), strict=True)
    ours, theirs = light(*(changed(front_end(sides), base, change) for sides, base in made))
    left, right = ours.annotate(texts), theirs.annotate(texts)

    assert [list(columns) for columns in left] == [list(columns) for columns in right]
    assert left == right


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


@pytest.mark.parametrize(
    "target", [None, 3, b"a", ("a", "b"), [["a"]], {"a": 1}, 1.5, True], ids=repr
)
def test_what_is_no_text_is_a_type_error(pipelines, target):
    for light in pipelines:
        with pytest.raises(TypeError):
            light.annotate(target)
        with pytest.raises(TypeError):
            light.fullAnnotate(target)


@pytest.mark.parametrize(
    "target", [["a text", None], [None], ["a text", 3], ["a", ["b"]]], ids=repr
)
def test_none_is_no_text(pipelines, target):
    """Spark NLP fails on its JVM side."""
    from py4j.protocol import Py4JJavaError

    ours, theirs = pipelines
    for method in (ours.annotate, ours.fullAnnotate):
        with pytest.raises(TypeError, match="a string or a list of strings"):
            method(target)
    with pytest.raises(Py4JJavaError):
        theirs.annotate(target)


def test_a_second_text_is_refused(pipelines):
    """Spark NLP's classes leave it unread."""
    ours, theirs = pipelines
    for method in (ours.annotate, ours.fullAnnotate):
        with pytest.raises(ValueError, match="no stage answers questions"):
            method("A text.", "Another.")
    assert theirs.annotate("A text.", "Another.") == theirs.annotate("A text.")


def test_images_and_sounds_are_refused(pipelines):
    ours, theirs = pipelines
    with pytest.raises(ValueError, match="no stage reads images"):
        ours.fullAnnotateImage("x.png")
    with pytest.raises(TypeError, match="a string or a list of strings"):
        ours.fullAnnotate([0.5])
    assert theirs.fullAnnotate([0.5])[0]["token"] == []


def test_the_name_of_a_file_is_a_text(pipelines):
    for light in pipelines:
        (made,) = light.fullAnnotate(__file__)
        assert [a.result for a in made["document"]] == [__file__]
        assert light.annotate(__file__)["document"] == [__file__]


def test_the_flag_for_other_stages_is_kept(pipelines):
    for light in pipelines:
        assert light.getIgnoreUnsupported() is False
        assert light.setIgnoreUnsupported(True) is light
        assert light.getIgnoreUnsupported() is True
        assert light.annotate("A text.")["token"] == ["A", "text", "."]
