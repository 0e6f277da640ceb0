"""Notes are spread over partitions by their characters: all of them, once, and evenly."""

from itertools import pairwise

import pytest
from pyspark.sql import functions as F

from jobs._run.spread import to_partitions, with_partition_key

LONG, SHORT = 9_000, 10


@pytest.fixture
def spread(spark):
    """A function that gives each partition's ids, after texts of these sizes were spread."""

    def run(sizes, partitions, tasks=2):
        rows = [(i, None if size is None else "x" * size) for i, size in enumerate(sizes)]
        frame = spark.createDataFrame(
            spark.sparkContext.parallelize(rows, tasks), "id int, t string"
        )
        gathered = to_partitions(with_partition_key(frame, "t", partitions), partitions)
        assert gathered.columns == ["id", "t"]
        assert gathered.rdd.getNumPartitions() == partitions
        placed = gathered.select("id", F.spark_partition_id().alias("place")).collect()
        found = [[] for _ in range(partitions)]
        for row in placed:
            found[row["place"]].append(row["id"])
        return [sorted(ids) for ids in found]

    return run


@pytest.mark.parametrize("partitions", [1, 2, 7, 40])
def test_every_note_is_in_one_partition(spread, partitions):
    sizes = [None, 0, 1, LONG, *range(60)]
    found = spread(sizes, partitions)

    assert sorted(i for ids in found for i in ids) == list(range(len(sizes)))
    assert all(found)


def test_long_notes_that_lie_together_are_parted(spread):
    """All long notes are in one reading task; by number alone a partition could get most of them."""
    sizes = [LONG] * 9 + [SHORT] * 300
    found = spread(sizes, 3, tasks=1)

    loads = [sum(sizes[i] for i in ids) for ids in found]
    assert max(loads) <= 1.05 * sum(loads) / 3
    assert [sum(sizes[i] == LONG for i in ids) for ids in found] == [3, 3, 3]


def test_neighbours_stay_together(spread):
    """Notes of one patient lie side by side: nearly all of them keep their neighbour."""
    sizes = [1_000 + i % 7 for i in range(600)]
    found = spread(sizes, 3, tasks=2)

    loads = [sum(sizes[i] for i in ids) for ids in found]
    assert max(loads) <= 1.1 * sum(loads) / 3
    together = sum(b == a + 1 for ids in found for a, b in pairwise(ids))
    assert together > 0.8 * len(sizes)


def test_one_huge_note_leaves_the_others_to_other_partitions(spread):
    sizes = [100 * SHORT] + [SHORT] * 100
    found = spread(sizes, 2, tasks=1)

    assert len(next(ids for ids in found if 0 in ids)) < 10


def test_the_same_notes_come_to_the_same_partitions_again(spread):
    sizes = [size * 37 % 1_000 for size in range(200)]

    assert spread(sizes, 5) == spread(sizes, 5)
