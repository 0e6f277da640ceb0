"""Advice at run time: one line, once."""

import logging

import pytest

from annotators import BertForTokenClassification, fuse
from annotators._spark import advice


@pytest.mark.parametrize("fused", [False, True])
def test_more_onnx_threads_than_cpus_are_told_once(spark, make_stages, frame, caplog, fused):
    from pyspark.ml import PipelineModel

    advice._tell.cache_clear()
    model = PipelineModel(make_stages(onnxThreads=3))
    assert isinstance(model.stages[3], BertForTokenClassification)
    with caplog.at_level(logging.WARNING, "notemill"):
        for _ in range(2):
            (fuse(model) if fused else model).transform(frame)

    (told,) = [record.getMessage() for record in caplog.records]
    assert told == (
        "notemill: a task runs 3 ONNX threads on 1 CPUs (spark.task.cpus), so that tasks take each "
        "other's: set spark.task.cpus to 3, or setOnnxThreads(1)."
    )


def test_one_thread_is_not_told(make_stages, frame, caplog):
    from pyspark.ml import PipelineModel

    with caplog.at_level(logging.WARNING, "notemill"):
        PipelineModel(make_stages()).transform(frame)

    assert caplog.records == []
