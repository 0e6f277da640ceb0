"""A stage of one's own takes one file: this one. docs/architecture.md says what each part is."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest
from pyspark import cloudpickle, keyword_only
from pyspark.errors import PythonException
from pyspark.ml import Pipeline, PipelineModel

from annotators import DocumentAssembler, LightPipeline, Tokenizer, fuse
from annotators._spark.stage import AnnotatorStage
from annotators.core.annotations import Annotations
from annotators.core.plan import Kernel
from annotators.params import setter, text_param
from annotators.schema import TOKEN, AnnotationLayout

pytestmark = pytest.mark.smoke


@dataclass(frozen=True)
class AddMark:
    """The kernel: a pure function on arrays, and data only, since it crosses to the workers."""

    mark: str

    def __call__(self, tokens: Annotations) -> Annotations:
        if self.mark in tokens.result:
            raise ValueError("marked before")
        return replace(tokens, result=[token + self.mark for token in tokens.result])


class Marker(AnnotatorStage):
    """The stage: what it reads and writes, its params, and the kernel that they make."""

    inputAnnotatorTypes: ClassVar[list[str]] = [TOKEN]
    outputAnnotatorType = TOKEN
    _reads = (("sentence",),)

    mark = text_param("mark", "what is put after each token")
    setMark = setter(mark, "Set what is put after each token.")

    @keyword_only
    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        mark: str | None = None,
        errorCol: str | None = None,
    ) -> None:
        params: dict[str, Any] = self._input_kwargs
        super().__init__()
        self._setDefault(mark="!")
        self.setParams(**params)

    def _kernel(self) -> Kernel:
        return AddMark(self.getOrDefault(self.mark))

    def _layout(self) -> AnnotationLayout:
        return AnnotationLayout(TOKEN, ("sentence",))


@pytest.fixture(scope="module")
def model(spark):
    # A stage in a package is found by the workers; one in a test goes there with the plan.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    stages = [
        DocumentAssembler(inputCol="text", outputCol="document", errorCol="error"),
        Tokenizer(inputCols=["document"], outputCol="token", errorCol="error"),
        Marker(inputCols=["token"], outputCol="marked", mark="?", errorCol="error"),
    ]
    frame = spark.createDataFrame([(0, "No pain"), (1, "so ?"), (2, None)], "id int, text string")
    yield Pipeline(stages=stages).fit(frame), frame.coalesce(1)
    cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


def rows(annotated):
    chosen = annotated.selectExpr("marked.result", "marked.begin", "error").collect()
    return [tuple(row) for row in chosen]


EXPECTED = [
    (["No?", "pain?"], [0, 3], None),
    ([], [], "Marker: ValueError"),
    ([], [], None),
]


def test_it_runs_stage_by_stage_fused_and_saved(model, tmp_path):
    stages, frame = model
    fused = fuse(stages, outputCols=["marked"])
    fused.write().overwrite().save(f"{tmp_path}/fused")
    loaded = PipelineModel.load(f"{tmp_path}/fused")

    assert rows(stages.transform(frame)) == EXPECTED
    assert rows(fused.transform(frame)) == EXPECTED
    assert rows(loaded.transform(frame)) == EXPECTED


@pytest.mark.parametrize("prepare", [lambda model: model, fuse], ids=["staged", "fused"])
def test_a_row_that_fails_ends_the_job_where_no_column_takes_its_error(model, prepare):
    stages, frame = model
    kept = [*stages.stages[:2], stages.stages[2].copy()]
    kept[2].clear(kept[2].errorCol)
    annotated = prepare(PipelineModel(kept)).transform(frame)

    with pytest.raises(PythonException, match=r"RowError: Marker: ValueError on a row\. ") as told:
        annotated.collect()
    assert "so ?" not in str(told.value)


def test_it_runs_on_one_text_without_a_job(model):
    assert LightPipeline(model[0]).annotate("No pain")["marked"] == ["No?", "pain?"]


def test_its_param_has_a_setter_a_getter_and_its_docs():
    stage = Marker().setMark("…").setOutputCol("out")

    assert (stage.getMark(), stage.getOutputCol()) == ("…", "out")
    assert Marker.setMark.__doc__ == "Set what is put after each token."
    assert "mark: what is put after each token (default: !, current: …)" in stage.explainParams()
