"""Notes over partitions with equal work: by their characters, not by their number.

Each reading task deals stretches of neighbouring notes to the partitions, the least loaded one
next, so that neither long notes that lie together nor a few very long ones make one task the last.
Neighbours stay together because they repeat each other where an archive is in the order of its
patients: each distinct window of a batch is inferred once.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from annotators.schema import quoted
from jobs._run.murmur3 import hashes_of_longs

KEY = "_notemill_partition"
STRETCH = 100_000
"""Characters of neighbouring notes that go to a partition together, at most."""
TURNS = 16
"""Stretches that a partition gets of each batch read, at least: few notes are parted, too."""


def with_partition_key(notes: DataFrame, text_col: str, partitions: int) -> DataFrame:
    """The notes with a column by which `to_partitions` brings them to their partitions.

    It depends on the order in which a task reads its notes. So this must come right after reading:
    read again, a file gives the same order, whereas a shuffle may give another, and a note whose
    partition changed when a lost task is repeated would be lost or doubled.
    """
    keys = _keys(partitions)
    return notes.withColumn(KEY, _dealer(keys)(F.length(F.col(quoted(text_col)))))


def to_partitions(notes: DataFrame, partitions: int) -> DataFrame:
    """The notes with that column in as many partitions, without it."""
    return notes.repartition(partitions, KEY).drop(KEY)


def _keys(partitions: int) -> list[int]:
    """For each partition the least number that Spark's hash sends there."""
    found: dict[int, int] = {}
    tried = 8 * partitions
    while len(found) < partitions:
        places = hashes_of_longs(np.arange(tried)) % partitions
        found = dict(zip(*np.unique(places, return_index=True), strict=True))
        tried *= 2
    return [int(found[place]) for place in range(partitions)]


def _dealer(keys: list[int]) -> Callable[[Column], Column]:
    def dealt(lengths: Iterator[pd.Series]) -> Iterator[pd.Series]:
        loads: list[tuple[float, int]] = []
        for series in lengths:
            sizes = series.fillna(0).astype(float).tolist()
            loads = loads or _empty(len(keys), start=int(sum(sizes)))
            yield pd.Series([keys[place] for place in _places(loads, sizes)], dtype="int64")

    dealt.__annotations__ = {"lengths": Iterator[pd.Series], "return": Iterator[pd.Series]}
    made: Callable[[Column], Column] = F.pandas_udf(dealt, "long")  # type: ignore[attr-defined]
    return made


def _empty(partitions: int, start: int) -> list[tuple[float, int]]:
    """A heap of (load, place). Loads are fractions of a character, so the order begins anywhere and
    tasks do not all fill the same partitions first.
    """
    return sorted(((place - start) % partitions / partitions, place) for place in range(partitions))


def _places(loads: list[tuple[float, int]], sizes: list[float]) -> Iterator[int]:
    """The least loaded place for each stretch of notes; a note's load is its characters and one."""
    stretch = min(STRETCH, sum(sizes) / (TURNS * len(loads)))
    dealt = 0.0
    for size in sizes:
        if dealt >= stretch:
            heapq.heapreplace(loads, (loads[0][0] + dealt, loads[0][1]))
            dealt = 0.0
        yield loads[0][1]
        dealt += size + 1
    if dealt:
        heapq.heapreplace(loads, (loads[0][0] + dealt, loads[0][1]))
