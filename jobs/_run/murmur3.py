"""Spark's hash of a bigint, by which rows are brought to partitions: Murmur3, 32 bits, seed 42."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SEED = 42
_FIRST, _SECOND = np.uint32(0xCC9E2D51), np.uint32(0x1B873593)


def hashes_of_longs(values: NDArray[np.int64]) -> NDArray[np.int32]:
    """What `F.hash` gives for each of N bigints that are not null."""
    bits = np.asarray(values, np.int64).view(np.uint64)
    mixed = np.full(bits.shape, SEED, np.uint32)
    for half in (bits.astype(np.uint32), (bits >> np.uint64(32)).astype(np.uint32)):
        mixed ^= _turned(half * _FIRST, 15) * _SECOND
        mixed = _turned(mixed, 13) * np.uint32(5) + np.uint32(0xE6546B64)
    mixed ^= np.uint32(8)  # the bytes of a bigint
    mixed ^= mixed >> np.uint32(16)
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed.view(np.int32)


def _turned(values: NDArray[np.uint32], places: int) -> NDArray[np.uint32]:
    """The bits turned to the left."""
    turned: NDArray[np.uint32] = (values << np.uint32(places)) | (values >> np.uint32(32 - places))
    return turned
