"""A few notes, which the driver annotates: the output is Spark's, and Spark takes what is odd."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql.types import StringType, StructField, StructType
from typer.testing import CliRunner

from jobs._annotate.asked import Asked
from jobs._annotate.few import FEW, few_notes
from jobs._annotate.ready import made_ready
from jobs.sources.listing import files_at

TEXT = "The patient takes aspirin.\n\nDenies chest pain 😀 and metformin."


def run(*arguments):
    from jobs.cli import app

    return CliRunner().invoke(app, ["annotate", *map(str, arguments)])


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def tables(output):
    """What was written, and how Spark describes it, in the order of ids and places."""
    for part, order in (("notes", ["note_id"]), ("entities", ["note_id", "begin"])):
        files = sorted((output / part).glob("*.parquet"))
        table = pa.concat_tables([pq.read_table(file) for file in files])
        yield table.sort_by([(name, "ascending") for name in order])


def json_rows(folder):
    rows = [{"note_id": i, "text": TEXT * i} for i in range(4)]
    return write(folder / "n.jsonl", [*rows, {"note_id": 9, "text": None}])


def csv_rows(folder):
    path = folder / "n.csv"
    path.write_text('text,note_id\n"takes ""aspirin"" daily",a\nNo pain.,b\n', encoding="utf-8")
    return path


def text_files(folder):
    (folder / "in").mkdir()
    (folder / "in" / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "in" / "b.txt").write_bytes(b"Sj\xf6gren takes aspirin")
    return folder / "in"


@pytest.mark.parametrize("make", [json_rows, csv_rows, text_files])
def test_the_driver_writes_what_spark_writes(spark, token_model, tmp_path, make):
    notes = make(tmp_path)
    said = []
    for name, options in (("here", []), ("spark", ["--partitions", 1])):
        result = run(notes, tmp_path / name, "--model", token_model, *options)
        assert result.exit_code == 0, result.output
        said.append(result.stdout.partition(" in ")[0] + "".join(result.stdout.splitlines()[1:]))
    assert said[0] == said[1]
    for here, of_spark in zip(tables(tmp_path / "here"), tables(tmp_path / "spark"), strict=True):
        assert here.num_rows
        assert here.schema.equals(of_spark.schema, check_metadata=True)
        assert here.equals(of_spark)


def seen_as_few(spark, model, path, **changed):
    given = {"format": None, "id_col": "note_id", "text_col": "text", "partitions": None, **changed}
    asked = Asked(input=str(path), output="out", **given)
    return few_notes(asked, files_at(spark, str(path)), made_ready("clinical_ner", model))


ROWS = [{"note_id": "a", "text": "takes aspirin"}, {"note_id": "b", "text": "no pain"}]


def test_notes_with_ids_of_their_own_are_few(spark, token_model, tmp_path):
    few = seen_as_few(spark, str(token_model), write(tmp_path / "n.jsonl", ROWS))

    assert [(r.id, r.text) for r in few.records] == [tuple(row.values()) for row in ROWS]
    assert few.id_type == "string"


@pytest.mark.parametrize(
    ("rows", "changed"),
    [
        (ROWS, {"partitions": 1}),
        ([*ROWS, {"note_id": "c", "text": "x" * FEW}], {}),
        ([*ROWS, ROWS[0]], {}),
        ([*ROWS, {"note_id": None, "text": "x"}], {}),
        ([{"note_id": 1, "text": "x"}, {"note_id": 1.0, "text": "y"}], {}),
        ([{"note_id": 1, "text": "x"}, {"note_id": True, "text": "y"}, ["z"]], {}),
    ],
    ids=["partitions", "many", "repeated", "no id", "numbers", "no record"],
)
def test_what_is_asked_for_or_odd_is_left_to_spark(spark, token_model, tmp_path, rows, changed):
    path = write(tmp_path / "n.jsonl", rows)

    assert seen_as_few(spark, str(token_model), path, **changed) is None


def test_packed_files_are_left_to_spark(spark, token_model, tmp_path):
    """However few bytes they have, there may be any number of notes in them."""
    plain = write(tmp_path / "n.jsonl", ROWS)
    (tmp_path / "n.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))

    assert seen_as_few(spark, str(token_model), tmp_path / "n.jsonl.gz") is None


def test_texts_that_arrow_does_not_take_are_left_to_spark(spark, token_model, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(rb"takes \ud83d aspirin")
    reading = {"encoding": "unicode_escape"}

    assert seen_as_few(spark, str(token_model), path, reading=reading) is None


def test_the_schema_is_that_of_the_query(spark, token_model):
    (fused,) = made_ready("clinical_ner", str(token_model)).fitted.stages
    texts = StructType([StructField("id", StringType()), StructField("text", StringType())])

    told = fused.transformSchema(texts)
    made = fused.transform(spark.createDataFrame([], texts)).schema
    assert sorted(told.names) == sorted(made.names)
    assert [made[name].jsonValue() for name in told.names] == [f.jsonValue() for f in told]
