"""Notes of a real PostgreSQL: OMOP's `note` as it is, ids of many types, ranges, refusals."""

import pytest
from pydantic import ValidationError
from pyspark.sql.types import DecimalType, IntegerType, StringType

from annotators.core.errors import InputColumnError
from jobs._run.exit_codes import InputError
from jobs.sources.jdbc import Jdbc
from tests.jobs.databases.server import PASSWORD, USER

NOTE = """create table {}.note (
  note_id integer not null, person_id integer not null, note_date date not null,
  note_datetime timestamp, note_type_concept_id integer not null,
  note_class_concept_id integer not null, note_title varchar(250), note_text text not null,
  encoding_concept_id integer not null, language_concept_id integer not null,
  provider_id integer, visit_occurrence_id integer, visit_detail_id integer,
  note_source_value varchar(50), note_event_id bigint, note_event_field_concept_id integer)"""
"""OMOP CDM 5.4."""


def source(server, **keys):
    known = {"url": f"jdbc:{server.url}", "user": USER, "password": PASSWORD}
    return Jdbc(format="jdbc", **{**known, **keys})


@pytest.fixture
def note(server, schema):
    """A schema with 25,000 notes in OMOP's table, some of them odd."""
    server.sql(f"create schema {schema}")
    server.sql(NOTE.format(schema))
    server.sql(
        f"insert into {schema}.note select i, 1, current_date, null, 0, 0, null,"
        " 'note ' || i, 32678, 0 from generate_series(1, 25000) i"
    )
    server.sql(f"update {schema}.note set note_text = %s where note_id = 7", 'a\n\\.\n"é😀",\t')
    server.sql(f"update {schema}.note set note_text = '' where note_id = 8")
    return f"{schema}.note"


def test_the_omop_table_is_read_as_it_is_in_ranges(spark, server, note):
    frame = source(server, table=note).read(spark)
    assert frame.schema["note_id"].dataType == IntegerType()
    rows = frame.select("*", __partition()).collect()
    assert sorted(row[0] for row in rows) == list(range(1, 25001))
    texts = {row[0]: row[1] for row in rows}
    assert (texts[6], texts[7], texts[8]) == ("note 6", 'a\n\\.\n"é😀",\t', "")
    assert {row[2] for row in rows} == {None}
    sizes = [sum(row[3] == part for row in rows) for part in {row[3] for row in rows}]
    assert len(sizes) == 3
    assert max(sizes) - min(sizes) <= 1


def __partition():
    from pyspark.sql import functions as F

    return F.spark_partition_id()


@pytest.mark.parametrize(
    ("ids", "kind"),
    [("uuid", StringType()), ("numeric(12,1)", DecimalType(12, 1)), ("text", StringType())],
)
def test_a_query_with_ids_of_any_type_nulls_and_repeats(spark, server, ids, kind):
    made = {
        "uuid": "md5(i::text)::uuid", "numeric(12,1)": "i / 2.0", "text": "'x''\\' || i",
    }[ids]  # fmt: skip
    query = (
        f"select (case when i % 50 = 0 then null else {made} end)::{ids} as key, 'n' || i as body"
        " from (select generate_series(1, 300) i union all select 1) s -- all of them"
    )
    found = source(server, query=query, id="KEY", text="body", partitions=4).read(spark)
    assert found.schema["note_id"].dataType == kind
    rows = found.collect()
    assert len(rows) == 301
    assert sum(row[0] is None for row in rows) == 6
    assert len({row[1] for row in rows}) == 300


def test_a_database_without_an_encoding_gives_errors_by_row(spark, server):
    server.sql("create database raw encoding 'SQL_ASCII' template template0 locale 'C'")
    url = server.url.rsplit("/", 1)[0] + "/raw"
    query = r"select 1 as note_id, E'caf\xe9' as note_text union all select 2, 'plain'"
    found = {
        row[0]: (row[1], row[2])
        for row in source(server, url=url, query=query).read(spark).collect()
    }
    assert found == {1: (None, "annotate: UndecodableText"), 2: ("plain", None)}


def test_what_cannot_be_read_is_told_in_one_line(spark, server, note):
    cases = {
        "there is no column 'body'. Columns that exist: encoding_concept_id,": {
            "table": note, "text": "body"},
        "column 'person_id' is integer; text must be a text": {"table": note, "text": "person_id"},
        'relation "nowhere" does not exist': {"table": "nowhere"},
        "syntax error": {"query": "selec 1"},
        "password authentication failed": {"table": note, "password": "wrong"},
        "Connection refused": {"table": note, "url": "postgresql://127.0.0.1:1/x"},
    }  # fmt: skip
    for said, keys in cases.items():
        with pytest.raises((InputError, InputColumnError)) as told:
            source(server, **keys).read(spark)
        assert said in str(told.value)
        assert "\n" not in str(told.value)
        assert PASSWORD not in str(told.value)
    with pytest.raises(ValidationError, match="must have `table` or `query`"):
        source(server)
    with pytest.raises(ValidationError, match="must be postgresql://"):
        source(server, table=note, url="jdbc:oracle:thin:@x")


def test_no_password_in_the_plan(spark, server, note, capfd):
    source(server, table=note).read(spark).explain(extended=True)
    said = capfd.readouterr()
    assert PASSWORD not in said.out + said.err
    assert PASSWORD not in repr(source(server, table=note))
    assert PASSWORD not in source(server, table=note).shown()
