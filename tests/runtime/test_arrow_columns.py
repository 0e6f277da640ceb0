"""Annotations as Arrow columns: what is in them, and that Spark takes them as they are."""

import numpy as np
import pandas as pd
import pytest
from pyspark.sql.pandas.types import to_arrow_type

from annotators._runtime.arrow_columns import annotation_column
from annotators._runtime.pandas_boundary import ArrowColumn
from annotators._runtime.program import AnnotationLayout
from annotators.core.annotations import Annotations, empty
from annotators.schema import ANNOTATIONS, NON_NULL_ANNOTATIONS

LAYOUT = AnnotationLayout("chunk", ("sentence", "confidence"), ("A", "B"), optional=("confidence",))


@pytest.fixture
def made():
    """Two annotations, an empty row between them; one has no confidence."""
    return Annotations(
        offsets=np.array([0, 1, 1, 2]),
        begin=np.array([0, 3], np.int32),
        end=np.array([2, 4], np.int32),
        result=["ab", "\U0001f600"],
        fields={
            "sentence": np.array([0, 12], np.int32),
            "confidence": np.array([np.nan, 0.5], np.float32),
        },
        scores=np.array([[0.25, 0.75], [1, 1e-4]], np.float32),
        labels=("A", "B"),
    )


def test_every_annotation_is_a_struct(made):
    column = annotation_column(made, LAYOUT, nullable=True)
    column.validate(full=True)

    same = {"annotatorType": "chunk", "embeddings": []}
    first = [("sentence", "0"), ("A", "0.25"), ("B", "0.75")]
    second = [("sentence", "12"), ("confidence", "0.5"), ("A", "1.0"), ("B", "1.0E-4")]
    assert column.to_pylist() == [
        [{**same, "begin": 0, "end": 1, "result": "ab", "metadata": first}],
        [],
        [{**same, "begin": 3, "end": 3, "result": "\U0001f600", "metadata": second}],
    ]


@pytest.mark.parametrize(
    ("nullable", "asked"), [(True, ANNOTATIONS), (False, NON_NULL_ANNOTATIONS)]
)
def test_a_column_is_of_the_type_that_spark_asks_for(made, nullable, asked):
    for annotations in (made, empty(3), empty(0)):
        column = annotation_column(annotations, LAYOUT, nullable=nullable)

        assert column.type == to_arrow_type(asked)
        assert len(column) == annotations.rows


def test_what_spark_maps_over_a_column_leaves_it_as_it_is(made):
    column = annotation_column(made, LAYOUT, nullable=False)
    mapped = pd.Series(ArrowColumn(column)).apply(lambda row: pytest.fail("made an object a row"))

    assert mapped.array.__arrow_array__().combine_chunks().equals(column)
