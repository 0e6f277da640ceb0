"""Slices and joins of columnar annotations lose nothing."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from annotators.core.annotations import Annotations, concatenate, empty, row_offsets

ROWS = st.lists(st.lists(st.text(max_size=3), max_size=4), min_size=1, max_size=6)


def annotations_of(rows: list[list[str]]) -> Annotations:
    flat = [word for row in rows for word in row]
    return Annotations(
        offsets=row_offsets(len(row) for row in rows),
        begin=np.arange(len(flat), dtype=np.int32),
        end=np.arange(len(flat), dtype=np.int32) + 1,
        result=flat,
        fields={"sentence": np.zeros(len(flat), np.int32), "word": flat},
        scores=np.full((len(flat), 2), 0.5, np.float32),
        labels=("a", "b"),
    )


def rows_of(annotations: Annotations) -> list[list[str]]:
    return [annotations.result[lo:hi] for lo, hi in annotations.row_bounds()]


@given(ROWS, st.data())
def test_slices_joined_again_are_the_whole(rows, data):
    whole = annotations_of(rows)
    cut = data.draw(st.integers(0, len(rows)))
    parts = [whole.slice_rows(0, cut), whole.slice_rows(cut, len(rows))]

    joined = concatenate(parts)

    assert rows_of(joined) == rows
    assert joined.begin.tolist() == whole.begin.tolist()
    assert joined.fields["word"] == whole.result
    assert joined.scores.shape == whole.scores.shape


def test_rows_that_failed_join_those_that_did_not():
    joined = concatenate([empty(2), annotations_of([["x"]])])

    assert rows_of(joined) == [[], [], ["x"]]
    assert joined.labels == ("a", "b")


def test_confidence_is_the_score_of_the_result_or_nan():
    scores = np.array([[0.25, 0.75], [0.25, 0.75]], np.float32)
    scored = replace(annotations_of([["a", "b"]]), scores=scores)

    assert scored.confidence().tolist() == [0.25, 0.75]
    assert np.isnan(Annotations(row_offsets([1]), *[np.zeros(1, np.int32)] * 2, ["x"]).confidence())
