"""The installed wheel on clusters of real processes, started from a folder outside the project."""

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.jobs.standalone import call

NOTES = 5

pytestmark = pytest.mark.cluster


@pytest.fixture
def elsewhere(tmp_path, sample_notes, token_model):
    """A working folder outside the project, with notes and a model in it."""
    lines = [
        json.dumps({"note_id": note["note_id"], "text": note["text"][:500]}) + "\n"
        for note in sample_notes[:NOTES]
    ]
    (tmp_path / "notes.jsonl").write_text("".join(lines), encoding="utf-8")
    (tmp_path / "model").symlink_to(token_model)
    return tmp_path


@pytest.fixture(scope="module")
def expected(spark, sample_notes, token_model, tmp_path_factory):
    """The entities of the same notes, found in this process."""
    from jobs.annotate import annotate

    folder = tmp_path_factory.mktemp("expected")
    rows = [{"note_id": n["note_id"], "text": n["text"][:500]} for n in sample_notes[:NOTES]]
    pd.DataFrame(rows).to_parquet(folder / "notes.parquet")
    annotate(str(folder / "notes.parquet"), str(folder / "out"), model=str(token_model))
    return entities_of(folder / "out")


def entities_of(output):
    table = pd.read_parquet(output / "entities")
    return table.sort_values(["note_id", "begin"]).reset_index(drop=True)


PROBE = """
import runpy
import sys

import pandas as pd
from pyspark.sql import SparkSession

sys.argv = ["notemill", "annotate", *"notes.jsonl out --model model --master".split(), sys.argv[1]]
try:
    runpy.run_module("jobs.cli", run_name="__main__", alter_sys=True)
except SystemExit as end:
    assert not end.code, end.code


def home(frames):
    import annotators

    for _ in frames:
        yield pd.DataFrame({"file": [annotators.__file__]})


spark = SparkSession.getActiveSession()
found = spark.range(0, 8, 1, 8).mapInPandas(home, "file string").toPandas()
found.to_parquet("homes.parquet")
spark.stop()
"""


def test_the_processes_of_docker_compose_run_the_wheel(cluster, site, elsewhere, expected):
    """A master, two workers and a job, with the commands of docker-compose.yml; then the executors
    are asked where their annotators came from.
    """
    (elsewhere / "probe.py").write_text(PROBE, encoding="utf-8")
    done = call([sys.executable, "probe.py", cluster.url], site, elsewhere)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Registered app notemill annotate" in cluster.log.read_text(encoding="utf-8")
    assert f"{NOTES} notes, {len(expected)} entities, 0 errors" in done.stdout
    pd.testing.assert_frame_equal(entities_of(elsewhere / "out"), expected)
    homes = pd.read_parquet(elsewhere / "homes.parquet")
    assert set(homes["file"]) == {str(site / "annotators" / "__init__.py")}


def spark_submit(site, folder, source):
    """Run the job's file by spark-submit, told which Python it is to use."""
    import pyspark

    submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    script = site / "jobs" / "annotate.py"
    command = [submit, "--master", "local[1]", script, source, "out", "--model", "model"]
    return call(command, site, folder, PYSPARK_PYTHON=sys.executable)


def test_spark_submit_runs_the_job(site, elsewhere, expected):
    done = spark_submit(site, elsewhere, "notes.jsonl")
    assert done.returncode == 0, done.stderr[-3000:]
    pd.testing.assert_frame_equal(entities_of(elsewhere / "out"), expected)


def test_spark_submit_hands_on_the_exit_code(site, elsewhere):
    done = spark_submit(site, elsewhere, "nothing.jsonl")
    # The message goes through spark-submit's own threads, which may end before they hand it on.
    assert done.returncode == 3, done.stderr[-3000:]
