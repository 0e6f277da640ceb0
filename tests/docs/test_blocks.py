"""Every code block of the README and of docs/ runs, or says why it does not."""

import json
import shutil

import pytest

from tests.docs.blocks import PAGES, RUN, SHOWN, blocks, command, run_page

MOST_NOT_RUN = 15
TRAINING = {"your-own-model.md", "correct-and-train.md"}
"""Their commands train: they need the extra [train], and run in test_training_pages.py."""
RUNNING = [
    p
    for p in PAGES
    if p.name not in TRAINING and any(b.kind in RUN and not b.reason for b in blocks(p))
]


def test_blocks_are_of_known_kinds_and_few_are_not_run():
    every = [block for page in PAGES for block in blocks(page)]
    left_out = [block for block in every if block.reason]

    assert {block.kind for block in every} <= {*RUN, *SHOWN}
    assert all(len(block.reason) > 10 for block in every if block.mark.startswith("not run"))
    assert len(left_out) <= MOST_NOT_RUN, [block.reason for block in left_out]
    assert sum(block.kind in RUN for block in every) - len(left_out) >= 20


@pytest.fixture(scope="module")
def prepared(spark, sample_notes, tmp_path_factory):
    """A folder with two notes and a run over them, which each page gets a copy of."""
    folder = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        lines = [json.dumps(note) + "\n" for note in sample_notes[:2]]
        (folder / "notes.jsonl").write_text("".join(lines), encoding="utf-8")
        command("set-up", ["notemill", "annotate", "notes.jsonl", "out"])
        command("set-up", ["notemill", "report", "out", "--export", "jsonl", "-o", "gold.jsonl"])
    for name in ("before", "after"):
        shutil.copytree(folder / "out", folder / name)
    return folder


@pytest.mark.parametrize("page", RUNNING, ids=lambda page: page.name)
def test_the_blocks_of_a_page_run(page, prepared, spark, tmp_path, monkeypatch):
    folder = tmp_path / "page"
    shutil.copytree(prepared, folder)
    monkeypatch.chdir(folder)

    run_page(page, {"__name__": "__main__", "spark": spark}, _over_the_first)


def _over_the_first(words):
    """The page's own run replaces the one that is there already."""
    again = words[:2] == ["notemill", "annotate"] and "--overwrite" not in words
    return [*words, "--overwrite"] if again else words
