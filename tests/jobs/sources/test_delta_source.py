"""Notes of Delta tables: versions, partitions, columns that came later, what is refused."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

from annotators.core.errors import InputColumnError
from jobs._run.exit_codes import InputError
from jobs.sources.delta import Delta


@pytest.fixture
def table(tmp_path):
    """A table of three commits: two notes, one note less, a column and a note more."""
    from deltalake import DeltaTable, write_deltalake

    place = str(tmp_path / "nötes, old")
    first = pa.table({"key": [1, 2], "body": ["no fever", None], "ward": ["a b", "c"]})
    write_deltalake(place, first, partition_by=["ward"])
    DeltaTable(place).delete("key = 2")
    later = pa.table({"key": [3], "body": ["é"], "ward": ["c"], "more": [1]})
    write_deltalake(place, later, mode="append", schema_mode="merge")
    return place


def read(spark, place, **keys):
    frame = Delta(format="delta", path=place, id="key", **{"text": "body", **keys}).read(spark)
    assert frame.columns == ["note_id", "text", "error"]
    return sorted(tuple(row) for row in frame.collect())


def test_the_latest_or_an_earlier_version_is_read(spark, table):
    assert read(spark, table) == [(1, "no fever", None), (3, "é", None)]
    assert read(spark, table, version=0) == [(1, "no fever", None), (2, None, None)]


def test_what_cannot_be_read_is_told_in_one_line(spark, table, tmp_path):
    cases = [
        (InputError, "there is no Delta table at", {"path": str(tmp_path)}),
        (InputError, "version 9: ", {"version": 9}),
        (InputError, "'ward' of the Delta table .* names of its folders only", {"text": "ward"}),
        (InputColumnError, "no column 'none'. Columns that exist: body, key", {"text": "none"}),
        (InputError, "column 'more' is bigint; text must be", {"text": "more"}),
    ]
    for kind, said, keys in cases:
        with pytest.raises(kind, match=said) as told:
            read(
                spark,
                **{"place": table, **{k.replace("path", "place"): v for k, v in keys.items()}},
            )
        assert "\n" not in str(told.value)


def test_features_that_change_how_rows_are_read_are_refused(spark, table):
    log = f"{table}/_delta_log/{3:020}.json"
    protocol = {"minReaderVersion": 3, "minWriterVersion": 7,
                "readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]}  # fmt: skip
    Path(log).write_text(json.dumps({"protocol": protocol}) + "\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"uses deletionVectors: .*4\.4\.0 under 4\.2; there is none"
    ):
        read(spark, table)
