"""Pipelines of both projects around a BERT: ours among Spark NLP's stages here, theirs among ours
in processes of their own (checks/check_their_bert.py), since Spark NLP holds one ONNX model a process.
"""

import pytest
from pyspark.ml import Pipeline, PipelineModel

import annotators

COLUMNS = {"document": "document", "sentence": "document", "token": "token"}


@pytest.fixture
def ours(token_model, sequence_model):
    """A function that gives our BERT stage of a task."""

    def make(task):
        if task == "token":
            stage = annotators.BertForTokenClassification.loadSavedModel(str(token_model))
            return stage.setInputCols(["sentence", "token"]).setOutputCol("ner")
        stage = annotators.BertForSequenceClassification.loadSavedModel(str(sequence_model))
        return stage.setInputCols(["sentence", "token"]).setOutputCol("class")

    return make


def packages(side):
    """Where a side's NerConverter and Finisher are."""
    import sparknlp.annotator
    import sparknlp.base

    return (annotators, annotators) if side == "n" else (sparknlp.annotator, sparknlp.base)


def ends(side, task):
    """A side's stages behind the BERT: to `finished`, all annotation columns kept."""
    converters, finishers = packages(side)
    column = "chunk" if task == "token" else "class"
    finisher = finishers.Finisher().setInputCols([column]).setOutputCols(["finished"])
    finisher.setCleanAnnotations(False)
    if task == "sequence":
        return [finisher]
    converter = converters.NerConverter().setInputCols(["sentence", "token", "ner"])
    return [converter.setOutputCol("chunk"), finisher]


def by_id(frame, columns):
    return {row["id"]: row for row in frame.select("id", *columns).collect()}


@pytest.mark.parametrize("task", ["token", "sequence"])
def test_our_bert_among_their_stages(spark, plain_frame, front_end, ours, tmp_path, task):
    """Their DocumentAssembler to Tokenizer, our BERT, their NerConverter and Finisher."""
    made = {"token": {"ner": "named_entity", "chunk": "chunk"}, "sequence": {"class": "category"}}
    types = {**COLUMNS, **made[task]}
    columns = [*types, "finished"]
    model, alone = (
        Pipeline(stages=[*front_end(side * 3), ours(task), *ends(side, task)]).fit(plain_frame)
        for side in "sn"
    )
    expected = by_id(alone.transform(plain_frame), columns)
    annotated = model.transform(plain_frame)

    assert any(row["finished"] for row in expected.values())
    assert by_id(annotated, columns) == expected
    model.save(str(tmp_path / "model"))
    assert by_id(PipelineModel.load(str(tmp_path / "model")).transform(plain_frame), columns) == (
        expected
    )

    annotated.select("id", *columns).write.parquet(str(tmp_path / "rows"))
    read = spark.read.parquet(str(tmp_path / "rows"))
    for frame in (annotated.select(*types), read):
        assert {c: frame.schema[c].metadata["annotatorType"] for c in types} == types
    assert by_id(read, columns) == expected
    again = read.drop("finished", "chunk")
    for side in "sn":
        over = PipelineModel(ends(side, task)).transform(again)
        assert by_id(over, columns) == expected
