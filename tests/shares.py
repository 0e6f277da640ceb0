"""How a run in several processes (pytest -n) shares out the tests: by file, the longest first.

A process runs the tests of a file one after the other, as ever. The first two make a Spark session
of their own when a test needs one. A third makes none, and takes only what needs none: it fills the
time in which the others wait. Files that need what takes long to make are one share, so that it is
made once.
"""

from __future__ import annotations

from collections.abc import Iterable

TOGETHER = {
    "wheel": (
        "tests/jobs/run/test_cluster.py",
        "tests/jobs/databases/test_compose_etl.py",
        "tests/jobs/databases/test_lost_processes.py",
        "tests/test_packaging.py",
        "tests/typed/test_typed_api.py",
    ),
    "early exit": ("tests/runtime/test_early_exit.py", "tests/stages/test_early_exit_stage.py"),
    "hugging face": ("tests/hugging_face/",),
    "core": ("tests/core/",),
}
"""Files and folders of a share of several."""

LONGEST = (
    "wheel",
    "tests/jobs/training/test_train_export.py",
    "tests/jobs/run/test_connect.py",
    "tests/jobs/etl/test_faults.py",
    "tests/jobs/databases/test_killed.py",
    "tests/benchmarks/test_machinery.py",
    "tests/jobs/etl/test_bad_input.py",
    "tests/jobs/etl/test_clock.py",
    "tests/docs/test_blocks.py",
    "tests/jobs/test_annotate.py",
    "tests/jobs/databases/test_restarted.py",
    "tests/jobs/etl/test_stream.py",
    "tests/jobs/etl/test_large_notes.py",
    "tests/jobs/sinks/test_outputs.py",
)
"""Shares that take half a minute or more of CPU: begun first, none is left over at the end."""

WITHOUT_SESSION = (
    "tests/jobs/run/test_shipping.py",
    "tests/test_canary.py",
    "hugging face",
    "tests/jobs/start/test_archive.py",
    "tests/docs/test_notebooks.py",
    "tests/jobs/test_hub.py",
    "tests/jobs/test_doctor.py",
    "tests/jobs/recipes/test_clinical_recipe.py",
    "core",
    "tests/jobs/report/test_in_chromium.py",
    "tests/jobs/training/test_adapt.py",
    "tests/export/test_first_position.py",
    "tests/stages/test_bert.py",
    "tests/jobs/run/test_quiet.py",
    "tests/stages/test_offsets.py",
    "tests/test_layers.py",
    "tests/jobs/start/test_short_run.py",
    "tests/jobs/test_accelerate.py",
    "tests/docs/test_site.py",
)
"""Shares without a test that needs the session, the longest first. Others begin them last."""

_THIRD = "gw2"
_SHARE_OF = {place: share for share, places in TOGETHER.items() for place in places}


def share_of(nodeid: str) -> str:
    """The share of a test: its file, or the name of several files' share."""
    file = nodeid.partition("::")[0]
    found = (share for place, share in _SHARE_OF.items() if file.startswith(place))
    return next(found, file)


def turn(nodeid: str) -> int:
    """When a test's share is begun: LONGEST in their order, then all others, then WITHOUT_SESSION."""
    share = share_of(nodeid)
    if share in WITHOUT_SESSION:
        return len(LONGEST) + 1 + WITHOUT_SESSION.index(share)
    return LONGEST.index(share) if share in LONGEST else len(LONGEST)


def next_for(process: str, shares: Iterable[str]) -> str | None:
    """The share that a process (gw0, gw1, …) begins next, of those left; None if there is none."""
    left = (share for share in shares if process != _THIRD or share in WITHOUT_SESSION)
    return next(left, None)
