"""OMOP's note_nlp of entities: all 14 columns."""

from datetime import date, datetime, timezone

import pytest
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from jobs._etl.omop import Omop, nlp_system, note_nlp_rows, snippet
from jobs.sinks.tables import ENTITIES, note_nlp, tables

AT = datetime(2026, 11, 29, 23, 30, tzinfo=timezone.utc)
SYSTEM = nlp_system("0.1.0", {"ner": "ab" * 32}, "cd" * 32)
SAID = {
    "present": ("present", None, "affirmed", "certain", "recent", "patient"),
    "absent": ("absent", "Plan;A=B", "negated", "certain", "recent", "patient"),
    "possible": ("possible", None, "affirmed", "possible", "recent", "patient"),
    "historical": ("historical", None, "affirmed", "certain", "historical", "patient"),
    "hypothetical": ("hypothetical", None, "affirmed", "certain", "hypothetical", "patient"),
    "someone_else": ("someone_else", None, "negated", "certain", "historical", "other"),
}
UNSAID = (None,) * 6


@pytest.fixture(scope="module")
def rows(spark):
    schema = tables(StringType(), asserted=True, omop=True, annotations={})[ENTITIES]
    cases = [*SAID.items(), ("unsaid", UNSAID)]
    entities = [
        (name, 5, 9 + 300, "fever" + "r" * 300, "Disease", 0.9, 0, *said, "f1")
        for name, said in cases
    ]
    frame = note_nlp_rows(spark.createDataFrame(entities, schema), Omop(SYSTEM, AT, snippets=False))
    assert frame.schema.simpleString() == note_nlp(StringType()).simpleString()
    return {row["note_id"]: row.asDict() for row in frame.collect()}


def test_each_row_is_whole_and_fits_the_columns(rows):
    row = rows["present"]
    assert 0 < row.pop("note_nlp_id") < 2**63
    assert row == {
        "note_id": "present", "section_concept_id": 0, "snippet": None, "offset": "5",
        "lexical_variant": "fever" + "r" * 245, "note_nlp_concept_id": 0,
        "note_nlp_source_concept_id": 0,
        "nlp_system": f"notemill 0.1.0; ner {'ab' * 6}; pipeline {'cd' * 6}",
        "nlp_date": date(2026, 11, 29), "nlp_datetime": AT.replace(tzinfo=None),
        "term_exists": "Y", "term_temporal": "present",
        "term_modifiers":
            "Negation=affirmed;Certainty=certain;Temporality=recent;Subject=patient;Label=Disease",
    }  # fmt: skip


def test_assertions_are_told_in_omops_terms(rows):
    found = {name: (row["term_exists"], row["term_temporal"]) for name, row in rows.items()}
    assert found == {
        "present": ("Y", "present"), "absent": ("N", "present"), "possible": ("Y", "present"),
        "historical": ("Y", "past"), "hypothetical": ("N", None), "someone_else": ("N", "past"),
        "unsaid": (None, None),
    }  # fmt: skip
    assert "Section=Plan A B;" in rows["absent"]["term_modifiers"]
    assert rows["unsaid"]["term_modifiers"] == "Label=Disease"


def test_ids_depend_on_note_place_label_and_fingerprint_only(spark):
    schema = tables(StringType(), asserted=False, omop=True, annotations={})[ENTITIES]
    base = ("n", 5, 9, "fever", "Disease", 0.9, 0, "f1")
    others = [
        ("m", *base[1:]),
        ("n", 6, *base[2:]),
        (*base[:4], "Drug", *base[5:]),
        (*base[:7], "f2"),
    ]
    frame = spark.createDataFrame([base, (*base[:5], 0.1, 3, "f1"), *others], schema)
    ids = [
        row[0]
        for row in note_nlp_rows(frame, Omop(SYSTEM, AT, snippets=False))
        .select("note_nlp_id")
        .collect()
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 5
    assert ids[0] == 3849829994200695048


def test_snippets_have_the_entity_in_the_middle(spark):
    text = "a" * 500 + "\n😀 fever\t " + "b" * 500
    begin = text.index("fever")
    cases = [(text, begin, begin + 4), ("fever", 0, 4), ("x" * 400, 0, 399), ("ab fever", 3, 7)]
    frame = spark.createDataFrame(cases, "text string, begin int, end int")
    found = [
        r[0] for r in frame.select(snippet(F.col("text"), F.col("begin"), F.col("end"))).collect()
    ]
    assert "a 😀 fever b" in found[0]
    assert abs(found[0].index("fever") - 122) <= 2
    assert found[1:] == ["fever", "x" * 250, "ab fever"]
    assert max(map(len, found)) <= 250
