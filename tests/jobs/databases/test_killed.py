"""The ETL into PostgreSQL and Delta, killed by -9 while rows are on their way and between commits:
the next run completes the tables, row for row. `kills.py` is the same at random moments."""

import pytest

from tests.jobs.databases.kills import Place, completed, consistent, killed_when

pytestmark = [pytest.mark.slow]


@pytest.mark.parametrize("kind", ["postgresql", "delta"])
def test_a_killed_driver_loses_nothing(
    kind, spark, server, schema, tmp_path, token_model, sample_notes
):
    texts = [note["text"][:300] for note in sample_notes[:8]]
    database = server if kind == "postgresql" else None
    place = Place(tmp_path / kind, texts, token_model, kind, database, schema)
    assert killed_when(place.start(), place.staged, group=True)
    assert consistent(place)
    assert killed_when(place.start(), place.runs, group=False)
    assert consistent(place)
    assert 0 < place.notes() < len(texts)
    assert "8 notes" in completed(place) or place.notes() == len(texts)
    assert place.notes() == len(texts)
    assert consistent(place)
    found = place.rows()
    assert len(found["rejects"]) == 1
    assert len(set(found["entities"])) == len(found["entities"]) > 10
    assert not place.staged()
