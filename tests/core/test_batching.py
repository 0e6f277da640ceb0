"""Every sequence is in one batch, batches keep to their budget, and likes are found."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from annotators.core.batching import by_length, distinct, ranges


@given(st.lists(st.integers(1, 40), max_size=50), st.integers(1, 100))
def test_batches_hold_each_sequence_once_within_the_budget(lengths, budget):
    batches = list(by_length(np.array(lengths, np.int64), budget))

    assert sorted(i for batch in batches for i in batch.tolist()) == list(range(len(lengths)))
    for batch in batches:
        widest = max(lengths[i] for i in batch)
        assert len(batch) == 1 or len(batch) * widest <= budget


@given(st.lists(st.binary(max_size=2), max_size=30))
def test_each_sequence_is_its_like(sequences):
    firsts, inverse = distinct(sequences)

    assert len({sequences[i] for i in firsts}) == len(firsts) == len(set(sequences))
    assert [sequences[firsts[i]] for i in inverse] == sequences


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=20))
def test_ranges_follow_each_other(spans):
    starts = np.array([start for start, _ in spans], np.int64)
    stops = np.array([start + length for start, length in spans], np.int64)

    wanted = [i for start, stop in zip(starts, stops, strict=True) for i in range(start, stop)]
    assert ranges(starts, stops).tolist() == wanted
