"""What docker-compose.yml runs with `--profile etl`, as processes: master, two workers, a real
PostgreSQL with OMOP's tables, and the job."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.jobs.databases.server import PASSWORD
from tests.jobs.standalone import call

ROOT = Path(__file__).resolve().parents[3]
DATABASE = "omop"
pytestmark = pytest.mark.cluster


@pytest.fixture
def omop(server):
    """A database as the container makes it."""
    server.sql(f"create database {DATABASE}")
    sample = server.folder / "notes.jsonl"
    shutil.copy(ROOT / "jobs" / "sample" / "notes.jsonl", sample)
    for name in ("omop.sql", "sample.sql"):
        statements = (ROOT / "docker" / name).read_text(encoding="utf-8")
        server.sql(statements.replace("/sample/notes.jsonl", str(sample)), database=DATABASE)
    server.sql("delete from omop.note where note_id > 4", database=DATABASE)
    return server.url.rsplit("/", 1)[0] + f"/{DATABASE}"


def test_notes_of_omop_become_note_nlp_on_a_cluster(
    cluster, site, omop, server, tmp_path, token_model
):
    job = [sys.executable, "-m", "jobs.cli", "etl", ROOT / "docker" / "etl.yaml",
           "--master", cluster.url, "--set", f"model={token_model}"]  # fmt: skip
    secrets = {"NOTEMILL_DATABASE": omop, "NOTEMILL_PASSWORD": PASSWORD}
    done = call(job, site, tmp_path, **secrets)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "4 notes: 4 new, 0 changed" in done.stdout

    def count(what):
        return server.sql(f"select count(*) from {what}", database=DATABASE)[0][0]

    assert count("omop.notes where error is null") == 4
    assert count("omop.note_nlp") == count("omop.entities") > 10
    assert count("omop.note_nlp join omop.note using (note_id)"
                 ' where substr(note_text, "offset"::int + 1, length(lexical_variant))'
                 " = lexical_variant and nlp_date is not null and term_exists in ('Y', 'N')"
                 ) == count("omop.note_nlp")  # fmt: skip
    assert count("omop.runs where state = 'done'") == 1
    left = [f for place in (tmp_path, cluster.folder) for f in place.rglob("*") if f.is_file()]
    assert left
    assert [f for f in left if PASSWORD.encode() in f.read_bytes()] == []
