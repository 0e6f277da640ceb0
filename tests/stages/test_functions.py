"""annotators.functions: what Spark NLP's functions of these names do, over our columns."""

import pytest
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StringType

import annotators
from annotators import Annotation, DocumentAssembler, SentenceDetector, Tokenizer
from annotators.functions import (
    explode_annotations_col,
    filter_by_annotations_col,
    map_annotations,
    map_annotations_array,
    map_annotations_col,
    map_annotations_cols,
    map_annotations_strict,
)


@pytest.fixture(scope="module")
def annotated(spark):
    frame = spark.createDataFrame([("Takes aspirin. No pain.",)], ["text"])
    frame = DocumentAssembler(inputCol="text").transform(frame)
    frame = SentenceDetector(inputCols=["document"], outputCol="sentence").transform(frame)
    return Tokenizer(inputCols=["sentence"], outputCol="token").transform(frame)


def long_ones(annotations):
    return [a for a in annotations if len(a.result) > 4]


def as_chunks(annotations):
    return [Annotation("chunk", a.begin, a.end, a.result, a.metadata) for a in annotations]


def test_columns_are_mapped_filtered_and_exploded(annotated):
    made = map_annotations_col(annotated, as_chunks, "token", "words", "chunk")
    made = map_annotations_cols(made, as_chunks, ["sentence", "token"], "both", "chunk")
    made = made.select(
        "token",
        "words",
        "both",
        map_annotations(long_ones, Annotation.arrayType())("token").alias("long"),
        map_annotations_strict(long_ones)("token").alias("strict"),
        map_annotations(lambda a: [x.result for x in a], ArrayType(StringType()))("token").alias(
            "texts"
        ),
        map_annotations_array(long_ones, Annotation.arrayType())(F.array("token", "token")).alias(
            "twice"
        ),
        map_annotations(long_ones, Annotation.arrayType())(
            F.lit(None).cast(annotated.schema["token"].dataType)
        ).alias("null"),
    )
    row = made.collect()[0]
    assert made.schema["words"].metadata == {"annotatorType": "chunk"}
    assert made.schema["both"].metadata == {"annotatorType": "chunk"}
    assert {a["annotatorType"] for a in row["words"]} == {"chunk"}
    assert [(a["begin"], a["metadata"]) for a in row["words"]] == [
        (a["begin"], a["metadata"]) for a in row["token"]
    ]
    assert len(row["both"]) == 2 + len(row["token"])
    assert [a["result"] for a in row["long"]] == ["Takes", "aspirin"]
    assert row["strict"] == row["long"]
    assert row["texts"] == ["Takes", "aspirin", ".", "No", "pain", "."]
    assert [a["result"] for a in row["twice"]] == ["Takes", "aspirin"] * 2
    assert row["null"] is None
    rows = explode_annotations_col(annotated, "token", "token")
    kept = filter_by_annotations_col(rows, lambda a: a.result == "pain", "token")
    assert [row["token"]["begin"] for row in kept.collect()] == [18]


def test_a_star_brings_the_pipeline_and_a_session(spark):
    names: dict[str, object] = {}
    exec("from annotators import *", names)
    assert {"Pipeline", "PipelineModel", "start", "Tokenizer"} <= names.keys()
    assert annotators.start(memory="2g") is spark
    with pytest.warns(UserWarning, match="setProvider"):
        annotators.start(gpu=True)
    with pytest.raises(TypeError, match="dictionary"):
        annotators.start(params=["spark.executor.memory"])
