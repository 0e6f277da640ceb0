"""Frames with names that clash, strings that are not UTF-8, types that are not the usual ones."""

import pandas as pd
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import functions as F

from annotators import DocumentAssembler, Finisher, LightPipeline, SentenceDetector, Tokenizer, fuse
from annotators._spark import transform
from annotators.core.errors import InputColumnError, NotemillError

TEXT = "The patient denies pain. Takes aspirin."


def results(rows, column="token"):
    return [[a["result"] for a in row[column]] for row in rows]


def words(model, text=TEXT):
    return LightPipeline(model).annotate(text)["token"]


@pytest.fixture(scope="module")
def texts():
    """Stages from `text` to `token`."""
    return [
        DocumentAssembler(inputCol="text", outputCol="document", errorCol="error"),
        SentenceDetector(inputCols=["document"], outputCol="sentence", errorCol="error"),
        Tokenizer(inputCols=["sentence"], outputCol="token", errorCol="error"),
    ]


@pytest.fixture(scope="module", params=["staged", "fused"])
def model(request, texts):
    staged = PipelineModel(texts)
    return staged if request.param == "staged" else fuse(staged)


NAMES = [
    ["text", "Document", "TOKEN", "Sentence", "Error"],
    ["text", "id", "id", "_notemill_made", "_NOTEMILL_made"],
    ["TEXT", "document", "Document", "x", "X"],
]


@pytest.mark.parametrize("names", NAMES, ids=["case", "join", "both"])
def test_names_that_spark_takes_for_one(spark, model, names):
    frame = spark.range(1).select(F.lit(TEXT), *[F.lit(name) for name in names[1:]]).toDF(*names)
    annotated = model.transform(frame)
    made = ["document", "sentence", "token", "error"]
    assert annotated.columns[: len(names)] == names
    assert set(annotated.columns[len(names) :]) == set(made) - set(names)
    assert annotated.schema["token"].metadata == {"annotatorType": "token"}
    row = annotated.collect()[0]
    assert results([row]) == [words(model)]
    kept = [value for name, value in zip(annotated.columns, row, strict=True) if name not in made]
    assert kept == [TEXT, *[name for name in names[1:] if name not in made]]
    finished = Finisher(inputCols=["token"]).transform(annotated)
    assert finished.columns == [*[n for n in annotated.columns if n not in made or n == "error"],
                                "finished_token"]  # fmt: skip
    assert finished.collect()[0]["finished_token"] == words(model)


def test_sentences_as_rows_beside_a_name_alike(spark):
    frame = spark.createDataFrame([(TEXT, "kept")], ["text", "Sentence"])
    stages = [
        DocumentAssembler(inputCol="text"),
        SentenceDetector(inputCols=["document"], outputCol="sentence", explodeSentences=True),
    ]
    made = PipelineModel(stages).transform(frame)
    assert [row[1] for row in made.collect()] == ["kept", "kept"]
    assert made.schema["sentence"].metadata == {"annotatorType": "document"}


def test_what_is_not_clear_is_told_in_one_line(spark, texts):
    twice = spark.createDataFrame([(TEXT, TEXT)], ["text", "text"])
    alike = spark.createDataFrame([(TEXT, TEXT)], ["Text", "TEXT"])
    number = spark.createDataFrame([(TEXT, 1)], ["text", "error"])
    maps = spark.createDataFrame([(TEXT, {"a": 1})], ["text", "more"])
    for frame, told in ((twice, "2 columns 'text'"), (alike, "no column 'text'"),
                        (number, "setErrorCol")):  # fmt: skip
        with pytest.raises(InputColumnError, match=told) as failure:
            texts[0].transform(frame)
        assert "\n" not in str(failure.value)
    with pytest.raises(InputColumnError, match=r"map<string,string>"):
        DocumentAssembler(inputCol="text", metadataCol="more").transform(maps)
    with pytest.raises(InputColumnError, match=r"map<string,string>"):
        DocumentAssembler(inputCol="text", metadataCol="text").transform(maps)


def test_ids_of_any_type_and_metadata_in_structs(spark):
    frame = spark.createDataFrame([(TEXT, {"a": 1}, ({"k": "v"},))],
                                  "text string, id map<string,int>, s struct<M map<string,string>>")  # fmt: skip
    stage = DocumentAssembler(inputCol="text", idCol="ID", metadataCol="s.m")
    row = stage.transform(frame).collect()[0]
    assert row["document"][0]["metadata"] == {"id": "{a -> 1}", "k": "v", "sentence": "0"}


def test_texts_in_structs_and_of_other_string_types(spark, texts):
    frame = spark.createDataFrame(
        [((TEXT, [TEXT]),)], "note struct<Text string, more array<string>>"
    )
    assert results(DocumentAssembler(inputCol="note.text").transform(frame).collect(),
                   "document") == [[TEXT]]  # fmt: skip
    assert results(DocumentAssembler(inputCol="note.more").transform(frame).collect(),
                   "document") == [[TEXT]]  # fmt: skip
    spark.conf.set("spark.sql.preserveCharVarcharTypeInfo", "true")
    try:
        limited = spark.sql(f"select cast('{TEXT}' as varchar(99)) as text")
        assert results(texts[0].transform(limited).collect(), "document") == [[TEXT]]
    finally:
        spark.conf.unset("spark.sql.preserveCharVarcharTypeInfo")
    if transform.ARROW_UDFS:
        collated = spark.createDataFrame([(TEXT,)], ["text"]).selectExpr(
            "collate(text, 'UTF8_LCASE') as text", "array(collate(text, 'UNICODE')) as texts"
        )
        assert results(texts[0].transform(collated).collect(), "document") == [[TEXT]]
        arrays = DocumentAssembler(inputCol="texts").transform(collated)
        assert results(arrays.collect(), "document") == [[TEXT]]


BYTES = [TEXT.encode(), b"Sj\xf6gren", None, b"", b"\xff", TEXT.encode()]


@pytest.mark.parametrize("arrow", [True, False], ids=["arrow", "pandas"])
@pytest.mark.parametrize("in_arrays", [False, True], ids=["texts", "arrays"])
def test_a_string_that_is_no_utf8_is_the_error_of_its_row(
    spark, texts, monkeypatch, arrow, in_arrays
):
    if arrow and not transform.ARROW_UDFS:
        pytest.skip("no Arrow UDFs in this Spark")
    if not arrow:
        monkeypatch.setattr(transform, "ARROW_UDFS", False)
        monkeypatch.setattr(transform, "_COLUMN_TYPE", transform.NON_NULL_ANNOTATIONS)
    frame = spark.createDataFrame([*enumerate(BYTES)], "id int, b binary").coalesce(1)
    text = F.col("b").cast("string")
    frame = frame.select("id", (F.array(text) if in_arrays else text).alias("text"))
    for model in (PipelineModel(texts), fuse(PipelineModel(texts))):
        rows = model.transform(frame).orderBy("id").select("token", "error").collect()
        bad = "DocumentAssembler: UnicodeDecodeError"
        assert [row["error"] for row in rows] == [None, bad, None, None, bad, None]
        expected = words(model)
        assert results(rows) == [expected, [], [], [], [], expected]
    strict = DocumentAssembler(inputCol="text")
    with pytest.raises(Exception, match="RowError: DocumentAssembler: UnicodeDecodeError on a row"):
        strict.transform(frame).collect()


def test_offsets_of_64_bits(spark, texts):
    if not transform.ARROW_UDFS:
        pytest.skip("no such setting in this Spark")
    spark.conf.set("spark.sql.execution.arrow.useLargeVarTypes", "true")
    try:
        frame = spark.createDataFrame([(TEXT, [TEXT])], "text string, texts array<string>")
        for model in (PipelineModel(texts), fuse(PipelineModel(texts))):
            assert results(model.transform(frame).collect()) == [words(model)]
        arrays = DocumentAssembler(inputCol="texts").transform(frame)
        assert results(arrays.collect(), "document") == [[TEXT]]
    finally:
        spark.conf.unset("spark.sql.execution.arrow.useLargeVarTypes")


def test_annotations_that_lost_their_type_are_told(spark, texts):
    frame = texts[0].transform(spark.createDataFrame([(TEXT,)], ["text"]))
    lost = frame.withColumn("document", F.filter("document", lambda a: a["begin"] >= 0))
    for stage in (texts[1], Finisher(inputCols=["document"])):
        with pytest.raises(InputColumnError, match="without their type") as told:
            stage.transform(lost)
        assert "\n" not in str(told.value)
    kept = F.col("document").alias("document", metadata={"annotatorType": "document"})
    given_back = texts[1].transform(lost.withColumn("document", kept))
    assert len(given_back.collect()[0]["sentence"]) == 2


def test_a_pandas_frame_is_told_what_to_do(texts):
    frame = pd.DataFrame({"text": [TEXT]})
    model = PipelineModel(texts)
    for stage in (*texts, model, fuse(model), Finisher(inputCols=["document"])):
        with pytest.raises(TypeError, match=r"spark\.createDataFrame") as told:
            stage.transform(frame)
        assert isinstance(told.value, NotemillError)
