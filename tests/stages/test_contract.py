"""What a stage owes its frame: Spark NLP's columns and metadata, its rows, and clear errors."""

import pytest
from pyspark.sql import functions as F

from annotators import DocumentAssembler, Finisher, NerConverter, SentenceDetector, Tokenizer, fuse
from annotators.core.errors import InputColumnError, ParamError

ANNOTATION = (
    "array<struct<annotatorType:string,begin:int,end:int,result:string,"
    "metadata:map<string,string>,embeddings:array<float>>>"
)
TYPES = {
    "document": "document", "sentence": "document", "token": "token",
    "ner": "named_entity", "chunk": "chunk", "class": "category",
}  # fmt: skip
METADATA = {
    "document": {"sentence"},
    "sentence": {"sentence"},
    "token": {"sentence"},
    "ner": {"sentence", "word", "O", "B-Disease", "I-Disease", "B-Chemical", "I-Chemical"},
    "chunk": {"entity", "sentence", "chunk", "confidence"},
    "class": {"sentence", "negative", "positive"},
}


def fields(schema):
    return [(f.name, f.dataType.simpleString(), f.metadata) for f in schema.fields]


def jobs_run(spark):
    return len(spark.sparkContext.statusTracker().getJobIdsForGroup(None))


@pytest.fixture(scope="module")
def annotated(model, frame):
    return model.transform(frame)


def test_every_column_is_an_annotation_column(annotated):
    assert [f.name for f in annotated.schema][:2] == ["id", "text"]
    assert fields(annotated.schema)[2:] == [
        (column, ANNOTATION, {"annotatorType": kind}) for column, kind in TYPES.items()
    ]


def test_the_annotator_type_outlives_select_with_column_and_parquet(annotated, spark, tmp_path):
    chosen = annotated.select("document", F.col("sentence").alias("other"))
    longer = annotated.withColumn("id", F.lit(1)).withColumnRenamed("token", "words")
    annotated.limit(1).select("document", "sentence").write.parquet(f"{tmp_path}/rows")
    read = spark.read.parquet(f"{tmp_path}/rows")

    assert chosen.schema["other"].metadata == read.schema["sentence"].metadata
    assert longer.schema["words"].metadata == {"annotatorType": "token"}
    assert read.schema["sentence"].metadata == {"annotatorType": "document"}
    assert fields(Tokenizer(inputCols=["sentence"]).transform(read).schema)[:2] == fields(
        read.schema
    )


def test_rows_keep_their_order_and_their_other_columns(staged_rows, notes):
    assert [(row["id"], row["text"]) for row in staged_rows] == [
        *enumerate(notes),
        (len(notes), None),
    ]


def test_the_metadata_have_spark_nlps_keys(staged_rows):
    for column, keys in METADATA.items():
        found = [a for row in staged_rows for a in row[column]]
        assert found
        assert all(set(a["metadata"]) == keys for a in found), column
        assert all(a["annotatorType"] == TYPES[column] and a["embeddings"] == [] for a in found)


@pytest.mark.parametrize("note", [1, 2, 10], ids=["empty", "blanks", "null"])
def test_a_note_without_words_is_one_document_and_nothing_else(staged_rows, note):
    row = staged_rows[note]
    text = row["text"] or ""

    assert [(d["begin"], d["end"], d["result"]) for d in row["document"]] == [
        (0, len(text) - 1, text)
    ]
    assert [row[column] for column in ("token", "ner", "chunk")] == [[], [], []]


@pytest.mark.parametrize("error", [None, "error"])
def test_transform_schema_tells_what_transform_makes(make_stages, frame, error):
    for stage in make_stages():
        stage.setParams(errorCol=error)
        planned = stage.transformSchema(frame.schema)
        frame = stage.transform(frame)
        assert fields(planned) == fields(frame.schema)


def test_transform_schema_of_fused_stages_names_what_they_make(model, frame):
    fused = fuse(model, outputCols=["chunk"])

    planned = fused.stages[0].transformSchema(frame.schema)
    assert fields(planned) == fields(fused.transform(frame).schema)


def test_an_output_column_that_exists_is_replaced_where_it_stands(frame):
    made = DocumentAssembler(inputCol="text", outputCol="text").transform(frame)

    assert [name for name, _, _ in fields(made.schema)] == ["id", "text"]


STAGES_THAT_MISS = [
    DocumentAssembler(inputCol="nowhere"),
    DocumentAssembler(inputCol="text", idCol="nowhere"),
    DocumentAssembler(inputCol="text", metadataCol="nowhere"),
    SentenceDetector(inputCols=["nowhere"]),
    Tokenizer(inputCols=["nowhere"]),
    NerConverter(inputCols=["document", "nowhere", "text"]),
    Finisher(inputCols=["nowhere"]),
]


@pytest.mark.parametrize("stage", STAGES_THAT_MISS, ids=lambda s: f"{type(s).__name__}")
def test_a_missing_column_is_told_on_the_driver_with_those_that_exist(stage, frame, spark):
    documents = DocumentAssembler(inputCol="text").transform(frame)
    before = jobs_run(spark)

    with pytest.raises(InputColumnError, match=r"nowhere.*document, id, text"):
        stage.transform(documents)
    assert jobs_run(spark) == before


def test_a_column_of_the_wrong_type_is_told_on_the_driver(frame, make_stages):
    documents = DocumentAssembler(inputCol="text").transform(frame)
    bert = make_stages()[3].setInputCols("document", "document")

    with pytest.raises(InputColumnError, match=r"document, token.*document \(document\)"):
        bert.transform(documents)
    with pytest.raises(InputColumnError, match=r"text \(not an annotation column\)"):
        Tokenizer(inputCols=["text"]).transform(documents)
    with pytest.raises(InputColumnError, match=r"id.*is int"):
        DocumentAssembler(inputCol="id").transform(frame)
    with pytest.raises(TypeError, match="expects 3 columns"):
        NerConverter().setInputCols("document", "token")
    with pytest.raises(ParamError, match="setInputCol"):
        DocumentAssembler().transform(frame)
