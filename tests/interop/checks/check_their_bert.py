"""Spark NLP's BERT among our stages. One task a process, by test_models.py."""

import pytest
from pyspark.ml import Pipeline, PipelineModel

import annotators

LABELS = ["O", "B-Disease", "I-Disease", "B-Chemical", "I-Chemical"]
TYPES = {"document": "document", "sentence": "document", "token": "token"}


@pytest.fixture(scope="module")
def their_labels(spark, token_model):
    from sparknlp.annotator import BertForTokenClassification

    stage = BertForTokenClassification.loadSavedModel(str(token_model), spark)
    return stage.setInputCols(["sentence", "token"]).setOutputCol("ner")


@pytest.fixture(scope="module")
def their_classes(spark, sequence_model):
    from sparknlp.annotator import BertForSequenceClassification

    stage = BertForSequenceClassification.loadSavedModel(str(sequence_model), spark)
    return stage.setInputCols(["sentence", "token"]).setOutputCol("class").setBatchSize(1_000)


def finisher(column):
    made = annotators.Finisher().setInputCols([column]).setOutputCols(["finished"])
    return made.setCleanAnnotations(False)


def chunker(package):
    made = package.NerConverter().setInputCols(["sentence", "token", "ner"])
    return made.setOutputCol("chunk")


def by_id(frame, columns):
    return {row["id"]: row for row in frame.select("id", *columns).collect()}


def assert_outlives(spark, annotated, types, tmp_path):
    """The columns' metadata through select and Parquet; what was read again."""
    columns = [*types, "finished"]
    annotated.select("id", *columns).write.parquet(str(tmp_path / "rows"))
    read = spark.read.parquet(str(tmp_path / "rows"))
    for frame in (annotated.select(*types), read):
        assert {c: frame.schema[c].metadata["annotatorType"] for c in types} == types
    assert by_id(read, columns) == by_id(annotated, columns)
    return read


def test_token_labels_of_theirs_become_our_chunks(
    spark, plain_frame, front_end, their_labels, tmp_path
):
    """Our DocumentAssembler and SentenceDetector, their Tokenizer and BERT, our NerConverter."""
    import sparknlp.annotator

    types = {**TYPES, "ner": "named_entity", "chunk": "chunk"}
    stages = [*front_end("nns"), their_labels, chunker(annotators), finisher("chunk")]
    model = Pipeline(stages=stages).fit(plain_frame)
    annotated = model.transform(plain_frame)
    read = assert_outlives(spark, annotated, types, tmp_path)

    theirs = chunker(sparknlp.annotator).transform(read.drop("chunk", "finished"))
    rows, expected = by_id(read, ["chunk", "finished", "ner"]), by_id(theirs, ["chunk"])
    assert sum(len(row["chunk"]) for row in rows.values()) > 20
    assert {a["result"] for row in rows.values() for a in row["ner"]} == set(LABELS)
    for name, row in rows.items():
        assert row["chunk"] == expected[name]["chunk"]
        assert row["finished"] == [a["result"] for a in expected[name]["chunk"]]

    again = chunker(annotators).transform(read.drop("chunk", "finished"))
    assert by_id(again, ["chunk"]) == expected
    fused = annotators.fuse(model, outputCols=["sentence", "chunk"]).transform(plain_frame)
    assert {n: r["chunk"] for n, r in by_id(fused, ["chunk"]).items()} == {
        n: r["chunk"] for n, r in expected.items()
    }


def test_a_token_pipeline_of_both_is_saved_and_loaded(
    plain_frame, front_end, their_labels, tmp_path
):
    stages = [*front_end("nns"), their_labels, chunker(annotators), finisher("chunk")]
    model = Pipeline(stages=stages).fit(plain_frame)
    columns = ["ner", "chunk", "finished"]
    expected = by_id(model.transform(plain_frame), columns)
    for name, kept in {"staged": model, "fused": annotators.fuse(model)}.items():
        kept.save(str(tmp_path / name))
        loaded = PipelineModel.load(str(tmp_path / name))
        assert by_id(loaded.transform(plain_frame), columns) == expected


def test_sequence_classes_of_theirs_become_our_strings(
    spark, plain_frame, front_end, their_classes, tmp_path
):
    types = {**TYPES, "class": "category"}
    stages = [*front_end("nns"), their_classes, finisher("class")]
    model = Pipeline(stages=stages).fit(plain_frame)
    read = assert_outlives(spark, model.transform(plain_frame), types, tmp_path)

    rows = by_id(read, ["sentence", "class", "finished"])
    assert {a["result"] for row in rows.values() for a in row["class"]} == {"negative", "positive"}
    for row in rows.values():
        assert row["finished"] == [a["result"] for a in row["class"]]
        assert len(row["class"]) == len(row["sentence"])
