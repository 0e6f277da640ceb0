"""Progress: one line on a terminal, a line every half minute in a log."""

import os
import select

from jobs._run.progress import EVERY, Progress


def test_a_log_has_a_line_now_and_then():
    reads, writes = os.pipe()
    now = [0.0]
    progress = Progress(writes, lambda: now[0])
    for done in range(7):
        now[0] = done * EVERY / 2
        progress.tell(done, 8)
    progress.end()
    os.close(writes)
    with os.fdopen(reads) as log:
        assert log.read().splitlines() == [f"{n} of 8 parts done" for n in (2, 4, 6)]


def test_a_terminal_has_one_line_that_is_cleared_at_the_end():
    ours, theirs = os.openpty()
    progress = Progress(theirs)
    progress.tell(1, 2)
    progress.tell(2, 2)
    assert progress.told
    progress.end()
    said = b""
    while select.select([ours], [], [], 0.2)[0]:
        said += os.read(ours, 1_000)
    os.close(theirs)
    os.close(ours)

    assert [part.strip() for part in said.split(b"\r")] == [
        b"",
        b"1 of 2 parts done",
        b"2 of 2 parts done",
        b"",
        b"",
    ]
    assert b"\n" not in said
