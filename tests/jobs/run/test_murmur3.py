"""Spark's hash, computed without Spark."""

import numpy as np
from pyspark.sql import functions as F

from jobs._run.murmur3 import hashes_of_longs
from jobs._run.spread import _keys


def test_known_values():
    """What Spark 4.3 gives."""
    assert hashes_of_longs(np.array([0, 1, -1, 2**63 - 1])).tolist() == [
        -1670924195, -1712319331, -939490007, -1604625029,
    ]  # fmt: skip


def test_it_is_what_spark_computes(spark):
    values = [0, 1, -1, 7, 2**31, -(2**31), 2**63 - 1, -(2**63), *range(100, 5_000, 97)]
    frame = spark.createDataFrame([(v,) for v in values], "value long")
    found = [row[0] for row in frame.select(F.hash("value")).collect()]

    assert hashes_of_longs(np.array(values)).tolist() == found


def test_each_partition_has_a_key_of_its_own():
    for partitions in (1, 2, 7, 400):
        keys = np.array(_keys(partitions))

        assert (hashes_of_longs(keys) % partitions).tolist() == list(range(partitions))
