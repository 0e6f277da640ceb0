"""Stage by stage, fused, or with no job at all: always the same annotations."""

import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import SQLTransformer
from pyspark.sql import functions as F

from annotators import Finisher, LightPipeline, fuse

BATCH_ROWS = "spark.sql.execution.arrow.maxRecordsPerBatch"


@pytest.fixture
def assert_rows(assert_same, expected):
    """A function that asserts that rows hold the expected annotations in these columns."""

    def check(rows, columns):
        assert sorted(row["id"] for row in rows) == sorted(expected)
        for row in rows:
            for column in columns:
                assert_same(row[column], expected[row["id"]][column])

    return check


COLUMNS = ["document", "sentence", "token", "ner", "chunk", "class"]


def test_stage_by_stage_is_as_light_pipeline(staged_rows, assert_rows):
    assert_rows(staged_rows, COLUMNS)


@pytest.mark.parametrize("partitions", [2, 16])
def test_partitions_and_the_order_of_rows_change_nothing(model, frame, assert_rows, partitions):
    shuffled = frame.orderBy(F.rand(partitions)).repartition(partitions)

    assert_rows(model.transform(shuffled).select("id", *COLUMNS).collect(), COLUMNS)


@pytest.mark.parametrize("wordpieces", [16, 512])
@pytest.mark.parametrize("rows", [1, 3, 10_000])
def test_batches_change_nothing(spark, make_stages, frame, assert_rows, wordpieces, rows):
    sizes = {"batchWordpieces": wordpieces, "batchSize": min(rows, 8)}
    fused = fuse(PipelineModel(make_stages(**sizes)))
    usual = spark.conf.get(BATCH_ROWS)
    spark.conf.set(BATCH_ROWS, rows)
    try:
        assert_rows(fused.transform(frame.repartition(2)).collect(), COLUMNS)
    finally:
        spark.conf.set(BATCH_ROWS, usual)


@pytest.mark.parametrize("columns", [["chunk"], ["class", "sentence"]])
def test_fused_stages_give_only_what_is_asked_for(model, frame, assert_rows, columns):
    annotated = fuse(model, outputCols=columns).transform(frame)

    assert sorted(annotated.columns) == sorted(["id", "text", *columns])
    assert_rows(annotated.collect(), columns)


@pytest.mark.parametrize("outputs", [None, ["sentence", "chunk"]])
def test_other_stages_may_stand_between(make_stages, frame, assert_rows, outputs):
    stages = make_stages()
    between = SQLTransformer(statement="SELECT *, size(sentence) AS sentences FROM __THIS__")
    mixed = fuse(PipelineModel([*stages[:2], between, *stages[2:]]), outputCols=outputs)
    rows = mixed.transform(frame).collect()

    assert len(mixed.stages) == 3
    assert all(row["sentences"] == len(row["sentence"]) for row in rows)
    assert_rows(rows, outputs or COLUMNS)


def test_a_run_keeps_what_a_stage_outside_it_reads(make_stages, frame):
    stages = make_stages()
    apart = stages[1].setExplodeSentences(True)
    fused = fuse(PipelineModel([stages[0], apart, *stages[2:5]]), outputCols=["chunk"])

    assert "chunk" in fused.transform(frame).columns


@pytest.mark.parametrize("keep", [False, True], ids=["dropped", "kept"])
@pytest.mark.parametrize("prepare", [PipelineModel, lambda s: fuse(PipelineModel(s))])
def test_a_sentence_a_row(make_stages, frame, expected, assert_same, keep, prepare):
    stages = make_stages()[:5]
    stages[1].setExplodeSentences(True).setKeepEmptyRows(keep)
    rows = prepare(stages).transform(frame).select("id", "sentence", "token", "ner").collect()

    wordless = {note for note, columns in expected.items() if not columns["sentence"]}
    assert {row["id"] for row in rows if not row["sentence"]} == (wordless if keep else set())
    assert all(len(row["sentence"]) <= 1 for row in rows)
    for note, columns in expected.items():
        own = sorted((r for r in rows if r["id"] == note and r["sentence"]), key=first_character)
        for column in ("sentence", "token", "ner"):
            assert_same([a for row in own for a in row[column]], columns[column])


def first_character(row):
    return row["sentence"][0]["begin"]


def test_tokenizer_may_be_fitted_or_not(make_stages, notes):
    stages = make_stages()
    fitted = Pipeline(stages=[*stages[:2], stages[2].fit(None), *stages[3:]]).fit(None)

    assert type(stages[2].fit(None)) is type(stages[2])
    assert LightPipeline(fitted).fullAnnotate(notes) == LightPipeline(
        PipelineModel(stages)
    ).fullAnnotate(notes)


def test_light_pipeline_gives_one_dict_for_a_string_and_a_list_for_a_list(model, notes):
    light = LightPipeline(model)
    one = light.annotate(notes[0])

    assert light.annotate([notes[0]]) == [one]
    assert one["token"][:3] == ["The", "patient", "denies"]
    assert light.fullAnnotate([]) == []
    assert LightPipeline(fuse(model)).annotate(notes) == light.annotate(notes)
    with pytest.raises(TypeError, match="found int"):
        light.annotate(3)


def test_a_finisher_leaves_light_pipeline_what_it_reads(make_stages, notes):
    stages = make_stages()
    whole = LightPipeline(PipelineModel(stages)).annotate(notes[0])
    finisher = Finisher(inputCols=["chunk", "token"], outputCols=["a", "b"])
    for model in (PipelineModel([*stages, finisher]), fuse(PipelineModel([*stages, finisher]))):
        assert LightPipeline(model).annotate(notes[0]) == {c: whole[c] for c in ("token", "chunk")}

    between = PipelineModel([*stages[:2], Finisher(inputCols=["document"]), *stages[2:]])
    assert list(LightPipeline(between).annotate(notes[0])) == ["document", *COLUMNS[2:]]
    nothing = PipelineModel([*stages, Finisher(inputCols=["other"])])
    assert LightPipeline(nothing).annotate(notes[:2]) == [{}, {}]
