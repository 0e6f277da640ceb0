"""The schedules of docs/etl.md: a DAG, a cron line, a Databricks task, a whole configuration."""

import ast
import importlib.metadata
import json
import re

import yaml

from jobs._etl.config import Job, checked
from tests.docs.blocks import ROOT, blocks

PAGE = ROOT / "docs" / "etl.md"
BLOCKS = list(blocks(PAGE))


def codes(kind):
    return [block.code for block in BLOCKS if block.kind == kind]


def test_every_configuration_of_the_page_is_one_and_shows_every_key():
    least, whole = (yaml.safe_load(code) for code in codes("yaml"))
    found = [checked(raw, "etl.yaml", {}) for raw in (least, whole)]
    assert [c.sink.format for c in found] == ["parquet", "parquet"]
    shown = set(whole) - {"source", "sink"}
    assert shown == set(Job.model_fields) - {"checkpoint", "files_per_batch"}
    default = Job()
    for key in shown - {"model", "precision", "partitions"}:
        assert getattr(found[1].job, key) == getattr(default, key), key


def test_the_dag_submits_the_job_with_one_file():
    (dag,) = [code for code in codes("python") if "airflow" in code]
    calls = [n for n in ast.walk(ast.parse(dag)) if isinstance(n, ast.Call)]
    (submit,) = [c for c in calls if getattr(c.func, "id", "") == "SparkSubmitOperator"]
    given = {k.arg: ast.literal_eval(k.value) for k in submit.keywords}
    assert given["application"].endswith("jobs/etl.py")
    assert len(given["application_args"]) == 1
    assert (ROOT / "jobs" / "etl.py").exists()


def test_the_databricks_task_names_a_command_of_the_wheel():
    (task,) = [json.loads(code)["python_wheel_task"] for code in codes("json")]
    names = {e.name for e in importlib.metadata.entry_points(group="console_scripts")}
    assert task["package_name"] == "notemill"
    assert task["entry_point"] in names
    assert task["parameters"][0] == "etl"


def test_the_cron_line_is_one():
    (line,) = [code for code in codes("") if "notemill" in code]
    fields = line.split(maxsplit=5)
    assert all(re.fullmatch(r"[\d*,/-]+", field) for field in fields[:5])
    assert "notemill etl" in fields[5]
