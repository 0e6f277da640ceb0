"""Progress by notes: what the lines of a log and the bar of a terminal say."""

from jobs._etl.plan import Slice
from jobs._etl.progress import Progress, _bar
from tests.jobs.databases.rows import run_row


def test_what_is_committed_is_done_and_a_slice_in_work_adds_to_it(spark):
    progress = Progress(spark, 1_000)
    run = run_row(1, "running", notes_new=90, notes_annotated=30, notes_error=10)
    progress(run, Slice(0, 1, 60, 60, 1), 6)
    told = progress._figures(progress._at)
    assert (told["notes_done"], told["notes_total"], told["notes_committed"]) == (40, 90, 40)
    assert told["error_rate"] == 0.25
    progress._of_server = {7: (3, 6), 8: (1, 5)}
    assert progress._figures(progress._at)["notes_done"] == 70


def test_the_bar_says_what_the_lines_do():
    told = {"notes_done": 40, "notes_total": 90, "notes_per_second": 7.25, "eta_seconds": 7,
            "error_rate": 0.25}  # fmt: skip
    assert _bar(told) == "40 of 90 notes, 7.2 a second, 7 s left, 25.0% errors"
    told.update(eta_seconds=None, error_rate=0.0)
    assert _bar(told) == "40 of 90 notes, 7.2 a second"
