"""What docker-compose.yml runs with `--profile etl`, as processes: master, two workers, a real
PostgreSQL with OMOP's tables, and the job."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.jobs.databases.server import PASSWORD
from tests.jobs.run.test_cluster import call, free_ports, process, site, wait_for

ROOT = Path(__file__).resolve().parents[3]
DATABASE = "omop"
pytestmark = pytest.mark.cluster
__all__ = ["site"]


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


def test_notes_of_omop_become_note_nlp_on_a_cluster(site, omop, server, tmp_path, token_model):
    port, page = free_ports(2)
    url = f"spark://127.0.0.1:{port}"
    cluster = [sys.executable, "-m", "jobs.cluster"]
    lead = [*cluster, "master", "--host", "127.0.0.1", "--port", port, "--ui-port", page]
    serve = [*cluster, "worker", url, "--cores", "1", "--memory", "2g", "--host", "127.0.0.1"]
    job = [sys.executable, "-m", "jobs.cli", "etl", ROOT / "docker" / "etl.yaml", "--master", url,
           "--set", f"model={token_model}"]  # fmt: skip
    secrets = {"NOTEMILL_DATABASE": omop, "NOTEMILL_PASSWORD": PASSWORD}
    log = tmp_path / "master.log"
    with (
        process(lead, site, tmp_path, log) as master,
        process(serve, site, tmp_path, tmp_path / "worker1.log") as first,
        process(serve, site, tmp_path, tmp_path / "worker2.log") as second,
    ):
        wait_for(log, "Registering worker", 2, [master, first, second])
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
    left = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert [f for f in left if PASSWORD.encode() in f.read_bytes()] == []
