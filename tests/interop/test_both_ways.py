"""Stages of both projects in one Pipeline, and their columns through select, Parquet and saving."""

import pytest
from pyspark.ml import Pipeline, PipelineModel

import annotators

COLUMNS = ["document", "sentence", "token", "ner", "chunk"]
TYPES = ["document", "document", "token", "named_entity", "chunk"]
MIXES = {
    "our documents, sentences and labels, their tokens and chunks": ("nns", "s"),
    "their documents and tokens, our sentences, labels and chunks": ("sns", "n"),
    "all ours but the chunks": ("nnn", "s"),
    "all theirs but the labels and chunks": ("sss", "n"),
}


@pytest.fixture
def mixed(front_end, token_model):
    """A function that makes a pipeline of both projects' stages; the labels are always ours."""
    import sparknlp.annotator

    def make(front, converter):
        ner = annotators.BertForTokenClassification.loadSavedModel(str(token_model))
        chunks = {"n": annotators, "s": sparknlp.annotator}[converter].NerConverter()
        return Pipeline(
            stages=[
                *front_end(front),
                ner.setInputCols(["sentence", "token"]).setOutputCol("ner"),
                chunks.setInputCols(["sentence", "token", "ner"]).setOutputCol("chunk"),
            ]
        )

    return make


def by_id(frame):
    return {row["id"]: row for row in frame.select("id", *COLUMNS).collect()}


@pytest.mark.parametrize("mix", MIXES.values(), ids=list(MIXES))
def test_a_mixed_pipeline_gives_what_ours_alone_gives(plain_frame, mixed, tmp_path, mix):
    alone = by_id(mixed("nnn", "n").fit(plain_frame).transform(plain_frame))
    model = mixed(*mix).fit(plain_frame)
    annotated = model.transform(plain_frame)

    assert any(row["chunk"] for row in alone.values())
    assert by_id(annotated) == alone

    model.save(str(tmp_path / "model"))
    assert by_id(PipelineModel.load(str(tmp_path / "model")).transform(plain_frame)) == alone


@pytest.mark.parametrize("front", ["nnn", "sss"])
def test_column_metadata_outlive_select_and_parquet(spark, plain_frame, mixed, tmp_path, front):
    annotated = mixed(front, "n").fit(plain_frame).transform(plain_frame)
    annotated.select("id", *COLUMNS).write.parquet(str(tmp_path / "rows"))
    read = spark.read.parquet(str(tmp_path / "rows"))
    renamed = read.withColumnRenamed("sentence", "s").select("s", "token", "ner")

    assert [read.schema[c].metadata for c in COLUMNS] == [{"annotatorType": t} for t in TYPES]
    made = []
    for package in (annotators, __import__("sparknlp.annotator", fromlist=["annotator"])):
        stage = package.NerConverter().setInputCols(["s", "token", "ner"]).setOutputCol("chunk")
        made.append([r["chunk"] for r in stage.transform(renamed).collect()])
    assert made[0] == made[1] == [r["chunk"] for r in read.collect()]


@pytest.mark.parametrize("front", ["nnn", "sss"])
def test_their_finisher_cleans_our_columns(plain_frame, mixed, front):
    """It knows annotation columns by their exact type, nullability included."""
    from sparknlp.base import Finisher

    annotated = mixed(front, "n").fit(plain_frame).transform(plain_frame)
    finished = Finisher().setInputCols(["chunk"]).transform(annotated)
    ours = annotators.Finisher().setInputCols(["chunk"]).transform(annotated)

    assert finished.columns == ours.columns == ["id", "text", "finished_chunk"]
    assert finished.collect() == ours.collect()


def test_columns_have_the_same_type(plain_frame, mixed, front_end):
    ours = mixed("nnn", "n").fit(plain_frame).transform(plain_frame)
    theirs = front_end("sss")[0].transform(plain_frame)

    assert {ours.schema[c].dataType.json() for c in COLUMNS} == {
        theirs.schema["document"].dataType.json()
    }


def test_offsets_part_behind_an_emoji(spark, mixed):
    """Theirs count UTF-16 units, ours characters: stages of both agree up to the first emoji."""
    frame = spark.createDataFrame([("1", "pain 😀 and pain.")], "id string, text string")
    alone, both = (
        mixed(*sides).fit(frame).transform(frame).head()["ner"]
        for sides in (("nnn", "n"), ("sns", "n"))
    )

    assert [a.result for a in alone][:2] == [b.result for b in both][:2]
    assert [a.begin for a in alone] == [0, 5, 7, 11, 15]
    assert [b.begin for b in both] == [0, 5, 8, 12]
