"""Tagged files without their tags: texts to adapt to, sentences for teachers."""

import json

import pytest
import typer
from typer.testing import CliRunner

from jobs.recipes import unlabelled

COMMAND = typer.Typer()
COMMAND.command()(unlabelled.main)


def run(*arguments):
    return CliRunner().invoke(COMMAND, list(map(str, arguments)))


@pytest.fixture
def tagged(tmp_path):
    """200 sentences of three words, each with an entity."""
    path = tmp_path / "train.tsv"
    path.write_text("".join(f"no\tO\ngout\tB-Disease\n{n}\tO\n\n" for n in range(200)))
    return path


def test_texts_hold_every_word_in_order_and_no_tag(tagged, tmp_path):
    done = run(tmp_path / "out.jsonl", tagged)

    assert done.exit_code == 0, done.output
    texts = [json.loads(line)["text"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert " ".join(texts).split() == [w for n in range(200) for w in ("no", "gout", str(n))]
    assert {len(text.split()) for text in texts[:-1]} == {unlabelled.WORDS + 1}


def test_sentences_lose_their_tags(tagged, tmp_path):
    done = run(tmp_path / "out.tsv", tagged, "--every", "3")

    assert done.exit_code == 0, done.output
    written = (tmp_path / "out.tsv").read_text()
    assert written.split("\n\n")[:2] == ["no\tO\ngout\tO\n0\tO", "no\tO\ngout\tO\n3\tO"]
    assert written.count("\n\n") == 67


def test_another_ending_is_refused(tagged, tmp_path):
    done = run(tmp_path / "out.txt", tagged)

    assert done.exit_code == 2
    assert ".jsonl or .tsv" in done.output
