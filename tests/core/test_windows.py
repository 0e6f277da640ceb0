"""Windows cover everything, and every piece has one home with as much context as there is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotators.core.windows import cover, home_window

LENGTHS = st.lists(st.integers(0, 60), min_size=1, max_size=6)
SIZES = st.integers(1, 20).flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size)))


def offsets_of(lengths: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


@given(LENGTHS, SIZES)
def test_windows_cover_every_piece_and_never_overrun(lengths, size_and_stride):
    size, stride = size_and_stride
    offsets = offsets_of(lengths)
    windows = cover(offsets, size, stride)

    seen = {p for lo, hi in zip(windows.start, windows.stop, strict=True) for p in range(lo, hi)}

    assert seen == set(range(offsets[-1]))
    assert (windows.stop - windows.start <= size).all()
    assert (windows.start >= offsets[windows.sequence]).all()
    assert (windows.stop <= offsets[windows.sequence + 1]).all()
    assert sorted(set(windows.sequence.tolist())) == list(range(len(lengths)))


@given(LENGTHS, SIZES)
def test_a_piece_lives_where_it_is_most_central(lengths, size_and_stride):
    size, stride = size_and_stride
    offsets = offsets_of(lengths)
    windows = cover(offsets, size, stride)
    sequence = np.repeat(np.arange(len(lengths)), lengths)
    piece = np.arange(offsets[-1])

    home = home_window(windows, sequence, piece)

    for p, w in zip(piece, home, strict=True):
        margins = np.minimum(p - windows.start, windows.stop - 1 - p)
        margins[windows.sequence != sequence[p]] = -1
        assert margins[w] == margins.max() >= 0


def test_what_fits_is_one_window():
    assert cover(np.array([0, 5, 15]), 10, 7).start.tolist() == [0, 5]


def test_the_last_window_is_full():
    windows = cover(np.array([0, 25]), 10, 8)

    assert list(zip(windows.start.tolist(), windows.stop.tolist(), strict=True)) == [
        (0, 10),
        (8, 18),
        (15, 25),
    ]


@pytest.mark.parametrize("stride", [0, 11])
def test_a_stride_that_would_leave_gaps_is_refused(stride):
    with pytest.raises(ValueError, match=r"stride must lie in 1\.\.10"):
        cover(np.array([0, 30]), 10, stride)
