"""How a run in several processes (pytest -n) shares out the tests: by file, the longest first.

A process makes a Spark session of its own, and runs the tests of a file one after the other, as
ever. Files that need what takes long to make are one share, so that it is made once. What needs no
session may run beside both, in a process that is free when the tests of Spark NLP are done.
"""

from __future__ import annotations

TOGETHER = {
    "wheel": (
        "tests/jobs/run/test_cluster.py",
        "tests/jobs/databases/test_compose_etl.py",
        "tests/jobs/databases/test_lost_processes.py",
        "tests/test_packaging.py",
        "tests/typed/test_typed_api.py",
    ),
    "early exit": ("tests/runtime/test_early_exit.py", "tests/stages/test_early_exit_stage.py"),
}
"""Files of a share of several."""

LONGEST = (
    "wheel",
    "tests/jobs/training/test_train_export.py",
    "tests/jobs/run/test_connect.py",
    "tests/jobs/run/test_shipping.py",
    "tests/test_canary.py",
    "tests/jobs/etl/test_faults.py",
    "tests/jobs/databases/test_killed.py",
    "tests/benchmarks/test_machinery.py",
    "tests/jobs/etl/test_bad_input.py",
    "tests/jobs/test_doctor.py",
    "tests/jobs/etl/test_clock.py",
    "tests/docs/test_blocks.py",
    "tests/jobs/test_annotate.py",
    "tests/jobs/databases/test_restarted.py",
    "tests/jobs/etl/test_stream.py",
    "tests/jobs/etl/test_large_notes.py",
    "tests/jobs/sinks/test_outputs.py",
)
"""Shares that take half a minute or more of CPU: begun first, none is left over at the end."""

ASIDE = (
    "tests/hugging_face",
    "tests/export",
    "tests/jobs/recipes",
    "tests/jobs/training/test_adapt.py",
    "tests/jobs/test_accelerate.py",
    "tests/jobs/test_hub.py",
    "tests/docs/test_notebooks.py",
    "tests/jobs/start/test_archive.py",
)
"""Folders and files without a test that needs the session, most of what needs PyTorch among them."""

_SHARE_OF = {place: share for share, places in TOGETHER.items() for place in places}


def share_of(nodeid: str) -> str:
    """The share of a test: its file, or the name of several files' share."""
    file = nodeid.partition("::")[0]
    return _SHARE_OF.get(file, file)


def turn(nodeid: str) -> int:
    """When a test's share is begun: those of LONGEST in their order, then all others."""
    share = share_of(nodeid)
    return LONGEST.index(share) if share in LONGEST else len(LONGEST)
