"""fuse reaches the stages of pipelines within pipelines; stages tell whether they keep bad rows."""

from __future__ import annotations

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql.types import StringType, StructField, StructType

from annotators import DocumentAssembler, Finisher, LightPipeline, SentenceDetector, Tokenizer, fuse
from annotators._spark.planning import plan_stages
from annotators.core.errors import ParamError

TEXT = "No pain. Takes aspirin 81 mg."


def stages(**params):
    return [
        DocumentAssembler(inputCol="text", outputCol="document", **params),
        SentenceDetector(inputCols=["document"], outputCol="sentence", **params),
        Tokenizer(inputCols=["sentence"], outputCol="token", **params),
    ]


def nested(depth, finisher=()):
    """The stages, each but the first in a pipeline within the pipeline, `depth` deep."""
    first, *rest = stages()
    inner = PipelineModel([*rest, *finisher])
    for _ in range(depth):
        inner = PipelineModel([inner])
    return PipelineModel([first, inner])


@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("columns", [None, ["token"], ["sentence", "token"]])
def test_pipelines_within_a_pipeline_are_fused_as_one(depth, columns):
    fused = fuse(nested(depth), outputCols=columns)

    assert len(fused.stages) == 1
    assert [type(stage) for stage in fused.stages[0].stages] == [type(s) for s in stages()]
    assert LightPipeline(fused).fullAnnotate(TEXT) == LightPipeline(
        PipelineModel(stages())
    ).fullAnnotate(TEXT)


def test_other_stages_within_keep_their_place():
    fused = fuse(nested(2, [Finisher(inputCols=["token"])]), outputCols=[])

    assert [type(stage).__name__ for stage in fused.stages] == ["FusedStages", "Finisher"]
    assert fused.stages[0].outputCols == ["token"]


def test_what_the_stages_within_make_is_told():
    with pytest.raises(ParamError, match="makes chunk; they make document, sentence, token"):
        fuse(nested(1), outputCols=["chunk"])
    with pytest.raises(ParamError, match="makes chunk; they make nothing"):
        fuse(PipelineModel([]), outputCols=["chunk"])


@pytest.mark.parametrize(("params", "kept"), [({"errorCol": "error"}, True), ({}, False)])
def test_a_stage_keeps_rows_that_fail_where_it_has_a_column_for_errors(params, kept):
    schema = StructType([StructField("text", StringType())])

    assert [s.isolates for s in plan_stages(stages(**params), schema).steps] == [kept] * 3
