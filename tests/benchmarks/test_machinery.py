"""The benchmark on a few notes: every way of running gives the same entities. No speed is asked."""

import json

import pytest

from benchmarks.contenders import notemill
from benchmarks.prepare import prepare
from benchmarks.processes import run_contender
from benchmarks.reporting.figures import entity_f1
from benchmarks.reporting.report import write_report
from jobs.demo import SAMPLE
from tests import java

NOTES = 3
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return prepare(SAMPLE, tmp_path_factory.mktemp("benchmark"), few=NOTES, limit=NOTES)


@pytest.fixture(scope="module")
def timings(prepared, spark):
    """One contender's ways of running and the ceiling: the first way and the ceiling each in a process
    of its own, as the benchmark runs them all, the other ways in this one.
    """
    base = {"texts": prepared.texts, "slots": 2, "warm": NOTES}
    ways = {
        "notemill_int8_fused_new": {"model": prepared.int8, "fused": True},
        "notemill_int8_staged_new": {"model": prepared.int8, "fused": False, "distinct": True},
        "as_is_remembered": {"model": prepared.int8, "fused": True, "distinct": True,
                             "remembered": 500},
        "notemill_fp32_fused_new": {"model": prepared.fp32, "fused": True},
    }  # fmt: skip
    first, *others = ways
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_SUBMIT_ARGS", java.submit_args())
        made = {first: run_contender("notemill", {**base, **ways[first]})}
    partitions = spark.conf.get("spark.sql.shuffle.partitions")
    for key in others:
        unwatched = {"jvm": 0, "workers": 0, "worker": 0}
        made[key] = {**notemill.run({**base, **ways[key]}), "peak_mb": unwatched}
    spark.catalog.clearCache()
    spark.conf.set("spark.sql.shuffle.partitions", partitions)
    windows = {"windows": prepared.windows, "few_windows": prepared.few_windows}
    made["ceiling_int8"] = run_contender(
        "ceiling", {**windows, "notes": NOTES, "model": prepared.int8, "slots": 2, "budgets": [512]}
    )
    for key, timing in made.items():
        timing |= {"title": key, "where": "here", "group": "peers"}
    made["as_is_remembered"]["group"] = "repeats"
    return made


def test_every_way_finds_the_same_entities(timings):
    wanted = timings["notemill_int8_fused_new"]["chunks"]

    assert len(wanted) > 10
    assert {label for *_, label in wanted} == {"Chemical", "Disease"}
    for key in ("notemill_int8_staged_new", "as_is_remembered"):
        assert timings[key]["chunks"] == wanted


def test_int8_and_its_twin_agree(prepared, timings):
    found = entity_f1(*(timings[f"notemill_{p}_fused_new"]["chunks"] for p in ("int8", "fp32")))

    assert found > 0.9
    assert prepared.about["int8_against_fp32"]["equal_labels"] > 0.98


def test_memory_of_processes_was_watched(timings):
    for key in ("notemill_int8_fused_new", "ceiling_int8"):
        jvm, worker = timings[key]["peak_mb"]["jvm"], timings[key]["peak_mb"]["worker"]
        assert worker > 50
        assert (jvm > 50) == (key != "ceiling_int8")


def test_the_report_tells_what_was_run_and_no_note(prepared, timings, tmp_path):
    about = {**prepared.about, "date": "2026-01-01", "cpu": "a CPU", "flags": ["avx2"],
             "slots": 2, "python": "3.11", "few": NOTES, "quick": True}  # fmt: skip
    write_report({"about": about, "timings": timings}, tmp_path)
    told = (tmp_path / "REPORT.md").read_text(encoding="utf-8")

    assert "its figures mean nothing" in told
    assert "| share of the ceiling, int8 | 0.9 |" in told
    for key in timings:
        assert key in told
    texts = [json.loads(line)["text"] for line in SAMPLE.read_text("utf-8").splitlines()]
    assert not any(text[:40] in told for text in texts)


def test_a_contender_that_fails_says_why(prepared):
    windows = {"windows": prepared.windows, "few_windows": prepared.few_windows}
    spec = {**windows, "notes": NOTES, "model": "no_such_model", "slots": 2, "budgets": [512]}

    with pytest.raises(RuntimeError, match=r"(?s)ceiling failed.*no_such_model"):
        run_contender("ceiling", spec)
