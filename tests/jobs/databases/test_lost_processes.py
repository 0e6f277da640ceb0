"""The ETL on a real cluster of which a process is killed by -9 in the middle: the job goes on, and
its tables are, row for row, those of a job that nobody disturbed.

The three jobs are started in the three ways that there are: by `python -m jobs.etl`, by
`notemill etl`, by `spark-submit jobs/etl.py`.
"""

import os
import signal
import sys
from pathlib import Path

import pyspark
import pytest

from annotators import daemon
from tests.java import VARIABLES
from tests.jobs.databases.kills import Place, completed, consistent, reached
from tests.jobs.standalone import environment, executors, one_worker_more, python_workers

pytestmark = pytest.mark.cluster

NOTES, SLICE = 6, 4


def every_core_first(cores):
    """So that every executor has a part in the job before one of them is lost."""
    return {"spark.cores.max": str(cores), "spark.scheduler.minRegisteredResourcesRatio": "1.0"}


@pytest.fixture(scope="module")
def new_place(sample_notes, token_model):
    texts = [note["text"][:300] for note in sample_notes[:NOTES]]

    def make(folder, kind, server=None, schema=None, **more):
        return Place(folder, texts, token_model, kind, server, schema, SLICE, **more)

    return make


@pytest.fixture(scope="module")
def undisturbed(spark, new_place, tmp_path_factory):
    """The rows of all tables in a folder, Parquet or Delta, after one run in this process."""
    place = new_place(tmp_path_factory.mktemp("undisturbed"), "parquet")
    completed(place)
    found = place.rows()
    assert len(found["notes"]) == NOTES
    assert len(found["entities"]) > 10
    return found


def ended_well(job, place):
    assert job.wait(300) == 0, place.said()[-3000:]
    assert f"{NOTES + 1} notes: {NOTES + 1} new" in place.said()
    assert consistent(place)
    assert not place.staged()


def takes_part(worker):
    """Whether a worker's executor has annotated some of the notes."""
    return bool(python_workers(worker.pid))


def kill_executors(worker):
    for pid in executors(worker):
        os.kill(pid, signal.SIGKILL)


def kill_with_executors(worker):
    os.killpg(worker.pid, signal.SIGKILL)


def disturbed(place, worker, kill, cluster, site, *module):
    """Kill something of a worker while rows are on their way; the rows of the job that goes on."""
    command = [sys.executable, "-m", *module, "etl.yaml", "--master", cluster.url]
    job = place.start(*command, **environment(site))
    assert reached(job, lambda: place.staged() and takes_part(worker)), place.said()[-3000:]
    kill(worker)
    ended_well(job, place)
    return place.rows()


def test_a_lost_executor_loses_no_note(cluster, site, new_place, undisturbed, tmp_path):
    place = new_place(tmp_path, "delta", spark=every_core_first(2))
    worker = cluster.workers[0]
    assert disturbed(place, worker, kill_executors, cluster, site, "jobs.etl") == undisturbed


def test_a_lost_worker_loses_no_note(cluster, site, new_place, undisturbed, tmp_path):
    place = new_place(tmp_path, "parquet", partitions=3, spark=every_core_first(3))
    with one_worker_more(cluster, site) as third:
        found = disturbed(place, third, kill_with_executors, cluster, site, "jobs.cli", "etl")
    assert found == undisturbed


def spark_submit(site, url):
    """The job's file by spark-submit."""
    submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    settings = {"spark.executor.extraJavaOptions": os.environ[VARIABLES[0]], **daemon.settings()}
    confs = [word for k, v in settings.items() for word in ("--conf", f"{k}={v}")]
    return [submit, "--master", url, *confs, site / "jobs" / "etl.py", "etl.yaml"]


@pytest.fixture(scope="module")
def undisturbed_database(spark, server, new_place, tmp_path_factory):
    place = new_place(tmp_path_factory.mktemp("undisturbed"), "postgresql", server, "undisturbed")
    completed(place)
    return place.rows()


@pytest.mark.parametrize("where", ["cluster", "this machine"])
def test_a_python_worker_killed_while_it_copies_adds_nothing_twice(
    where, cluster, site, server, schema, new_place, undisturbed_database, tmp_path
):
    """Its task is held in the middle of its transaction by a lock on the table that it fills."""
    place = new_place(tmp_path, "postgresql", server, schema)
    if where == "cluster":
        environ = {**environment(site), "PYSPARK_PYTHON": sys.executable}
        job = place.start(*spark_submit(site, cluster.url), **environ)
    else:
        job = place.start()
    assert reached(job, place.staged), place.said()[-3000:]
    with place.copying_held():
        assert reached(job, lambda: place.waiting() == 1), place.said()[-3000:]
        drivers = [job, *cluster.workers]
        for pid in {pid for driver in drivers for pid in python_workers(driver.pid)}:
            os.kill(pid, signal.SIGKILL)
        # The task is tried again while the server has not seen that its first session is dead.
        assert reached(job, lambda: place.waiting() == 2), place.said()[-3000:]
        assert place.notes() == 0
    ended_well(job, place)
    assert place.rows() == undisturbed_database
