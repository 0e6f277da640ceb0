"""The query plan: one Python node a stage, one for all fused stages, planned in seconds."""

import re
import time

import pytest

from annotators import fuse

PYTHON_NODE = re.compile(r"ArrowEvalPython \[(\w+)\(")
SECONDS = 15
"""Where Spark copies one stage's columns into the next, planning five stages takes minutes."""


@pytest.fixture
def python_nodes(capsys):
    """A function that names the Python nodes of a frame's physical plan, the last first."""

    def names(frame):
        capsys.readouterr()
        frame.explain()
        return PYTHON_NODE.findall(capsys.readouterr().out)

    return names


@pytest.mark.parametrize("error", [None, "error"])
def test_stages_are_one_python_node_each_and_planned_in_seconds(
    make_stages, frame, python_nodes, error
):
    stages = make_stages()
    annotated = frame
    started = time.monotonic()
    for stage in stages:
        stage.setParams(errorCol=error)
        annotated = stage.transform(annotated)
    found = python_nodes(annotated)

    assert found == [type(stage).__name__ for stage in reversed(stages)]
    assert time.monotonic() - started < SECONDS


@pytest.mark.parametrize("outputs", [None, ["chunk"], ["sentence", "chunk"]])
def test_fused_stages_are_one_python_node_that_names_them(model, frame, python_nodes, outputs):
    found = python_nodes(fuse(model, outputCols=outputs).transform(frame))

    assert found == ["_".join(type(stage).__name__ for stage in model.stages)]


def test_a_column_read_twice_is_made_once(model, frame, python_nodes):
    annotated = fuse(model).transform(frame)
    twice = annotated.selectExpr("size(token) AS n", "token[0].result AS first", "chunk")

    assert len(python_nodes(twice)) == 1


def test_stages_whose_columns_nobody_reads_are_not_run(model, frame, python_nodes):
    assert python_nodes(model.transform(frame).select("id", "sentence")) == [
        "SentenceDetector",
        "DocumentAssembler",
    ]
