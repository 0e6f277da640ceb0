"""Folders and Parquet to notes: what is there is read, what cannot be a text is refused."""

import gzip
import json
from decimal import Decimal

import pandas as pd
import pytest

from annotators.core.errors import InputColumnError
from jobs._run.exit_codes import InputError
from jobs.sources.files import mark_repeated_ids, read_notes


def read(spark, path, id_col="note_id", text_col="text", **options):
    frame = read_notes(spark, str(path), None, id_col, text_col, **options)
    assert frame.columns == [id_col, text_col, "error"]
    rows = [tuple(row) for row in frame.collect()]
    return sorted(rows, key=lambda row: str(row[0]))


def parquet(path, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(columns).to_parquet(path)
    return path


@pytest.mark.parametrize("ids", [["1", "2"], [b"1", b"2"]])
def test_bytes_in_parquet_are_text_or_an_error_of_their_row(spark, tmp_path, ids):
    path = parquet(tmp_path / "a.parquet", note_id=ids, text=["Sjögren".encode(), b"Sj\xf6gren"])
    bad = ("2", None, "annotate: UndecodableText")
    assert read(spark, path) == [("1", "Sjögren", None), bad]
    assert read(spark, path, encoding="latin-1")[1] == ("2", "Sjögren", None)


def test_texts_in_a_folder(spark, tmp_path):
    files = {"a.txt": b"Sj\xf6gren", "b.txt": b"", "c/a.txt": b"ok", "c/dä.txt.gz": b"packed"}
    for name, data in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    found = read(spark, tmp_path / "in")
    assert [row[1:] for row in found] == [
        (None, "annotate: UndecodableText"), ("", None), ("ok", None), ("packed", None),
    ]  # fmt: skip
    assert [row[0] for row in found][:3] == ["a", "b", "c/a"]


def test_files_of_a_folder_with_other_columns_and_in_sub_folders(spark, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "a.csv").write_text("note_id,text\n1,Asthma.\n", encoding="utf-8")
    (tmp_path / "x" / "b.csv").write_text("text,more,note_id\nFever.,x,2\n", encoding="utf-8")
    assert read(spark, tmp_path) == [("1", "Asthma.", None), ("2", "Fever.", None)]


def test_parquet_in_sub_folders(spark, tmp_path):
    parquet(tmp_path / "in" / "a.parquet", note_id=["1"], text=["a"])
    parquet(tmp_path / "in" / "x" / "y" / "b.parquet", note_id=["2"], text=["b"])
    assert read(spark, tmp_path / "in") == [("1", "a", None), ("2", "b", None)]


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"note_id": [2], "text": ["b"]}, r"'note_id' is text in a.parquet, an integer in b"),
        ({"note_id": ["2"], "body": ["b"]}, r"'text' is text in a.parquet, missing in b"),
        ({"note_id": ["2"], "text": [5]}, r"'text' is text in a.parquet, an integer in b"),
        (b"PAR1 no more", "b.parquet is damaged"),
        (b"", "b.parquet is empty"),
    ],
)
def test_files_of_parquet_that_are_not_alike_or_damaged(spark, tmp_path, columns, told):
    parquet(tmp_path / "in" / "a.parquet", note_id=["1"], text=["a"])
    if isinstance(columns, bytes):
        (tmp_path / "in" / "b.parquet").write_bytes(columns)
    else:
        parquet(tmp_path / "in" / "b.parquet", **columns)
    with pytest.raises(InputError, match=told) as failure:
        read(spark, tmp_path / "in")
    assert "\n" not in str(failure.value)


def test_a_column_that_is_there_twice_is_told(spark, tmp_path):
    (tmp_path / "a.csv").write_text("note_id,text,text\n1,a,b\n", encoding="utf-8")
    with pytest.raises(InputColumnError, match="2 columns 'text'"):
        read(spark, tmp_path / "a.csv")


@pytest.mark.parametrize("name", ["_b.parquet", "_x/b.parquet", "b:c.parquet"])
def test_parquet_that_spark_leaves_out_is_told(spark, tmp_path, name):
    parquet(tmp_path / "in" / "a.parquet", note_id=["1"], text=["a"])
    parquet(tmp_path / "in" / name, note_id=["2"], text=["b"])
    with pytest.raises(InputError, match="rename"):
        read(spark, tmp_path / "in")


def test_a_partition_keeps_its_id(spark, tmp_path):
    for name in ("001", "7"):
        parquet(tmp_path / "in" / f"note_id={name}" / "a.parquet", text=[f"t{name}"])
    assert read(spark, tmp_path / "in") == [("001", "t001", None), ("7", "t7", None)]


def test_partitions_of_csv_and_json_give_ids(spark, tmp_path):
    frame = spark.createDataFrame([("001", "a, b"), ("x/y", "c")], ["note_id", "text"])
    for kind, path in (("csv", tmp_path / "c"), ("json", tmp_path / "j")):
        frame.write.partitionBy("note_id").option("header", True).format(kind).save(str(path))
        assert read(spark, path) == [("001", "a, b", None), ("x/y", "c", None)]


@pytest.mark.parametrize("name", ["a[1]", "{b}", "c*"])
def test_marks_of_patterns_in_paths_of_parquet(spark, tmp_path, name):
    parquet(tmp_path / name / "a.parquet", note_id=["1"], text=["a"])
    parquet(tmp_path / "c1" / "a.parquet", note_id=["2"], text=["b"])
    assert read(spark, tmp_path / name) == [("1", "a", None)]
    assert read(spark, tmp_path / name / "a.parquet") == [("1", "a", None)]


def test_a_text_in_a_struct_and_in_capitals(spark, tmp_path):
    path = parquet(tmp_path / "a.parquet", NOTE_ID=["1"], note=[{"Text": "a"}], TEXT=["b"])
    assert read(spark, path, text_col="note.text") == [("1", "a", None)]
    assert read(spark, path) == [("1", "b", None)]


@pytest.mark.parametrize("value", [["a"], {"a": "b"}, 5, 1.5, True, Decimal("1.5")])
def test_a_text_that_is_no_string_is_refused(spark, tmp_path, value):
    with pytest.raises(InputError, match="--text-col") as told:
        read(spark, parquet(tmp_path / "a.parquet", note_id=["1"], text=[value]))
    assert "\n" not in str(told.value)
    if not isinstance(value, Decimal):
        (tmp_path / "a.json").write_text(json.dumps({"note_id": 1, "text": value}), "utf-8")
        with pytest.raises(InputError, match="--text-col"):
            read(spark, tmp_path / "a.json")


@pytest.mark.parametrize(
    ("ids", "expected"), [([1, 2], [1, 2]), ([1, 2.5], [1.0, 2.5]), ([1, "b"], ["1", "b"])]
)
def test_ids_of_json_keep_their_type(spark, tmp_path, ids, expected):
    lines = [json.dumps({"note_id": i, "text": "a"}) for i in ids]
    (tmp_path / "a.json").write_text("\n".join(lines), "utf-8")
    assert [row[0] for row in read(spark, tmp_path / "a.json")] == expected


@pytest.mark.parametrize("head", ["1,Mr. Smith has asthma", "17,Smith", "MRN 5,Smith\n"])
def test_no_content_is_told_where_a_header_is_missing(spark, tmp_path, head):
    (tmp_path / "a.csv").write_text(f"{head}\n2,x\n", encoding="utf-8")
    with pytest.raises(InputColumnError, match="--id-col") as told:
        read(spark, tmp_path / "a.csv")
    assert "Smith" not in str(told.value)
    assert "setInputCol" not in str(told.value)


def test_a_single_note_without_an_id_is_flagged(spark, tmp_path):
    (tmp_path / "a.csv").write_text("note_id,text\n,a\n2,b\n", encoding="utf-8")
    notes = read_notes(spark, str(tmp_path / "a.csv"), None, "note_id", "text")
    found = {row["text"]: row["mark"] for row in mark_repeated_ids(notes, "note_id").collect()}
    assert found == {"a": "annotate: MissingNoteId", "b": None}


@pytest.mark.parametrize("path", ["nope://host/a.json", "s3a://bucket/a.json", "hdfs:///a.json"])
def test_file_systems_that_are_not_to_be_had_are_told_in_one_line(spark, path):
    with pytest.raises(InputError, match=path) as told:
        read(spark, path)
    assert "\n" not in str(told.value)
