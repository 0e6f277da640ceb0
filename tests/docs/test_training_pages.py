"""The pages on training run as they stand, over a small BERT: a user's own model, and the loop with BRAT."""

import json

import pytest

from tests.docs.blocks import ROOT, blocks, command, commands, run_page
from tests.jobs.small_bert import (
    DRUGS,
    ILLNESSES,
    QUICK,
    TRAINING,
    save_tokenizer_of,
    write_bert,
    write_texts,
)

pytestmark = TRAINING
CORRECTED = "<!-- here the test corrects a file, as an annotator does -->"


def notes(path, first, count):
    """Notes of few words, which a small BERT can learn."""
    rows = [
        {"note_id": f"n{n}", "text": f"Patient takes {DRUGS[n % 4]} for {ILLNESSES[n // 4 % 4]}. "
         f"No {ILLNESSES[n % 4]}, stop {DRUGS[n // 4 % 4]} today. "
         f"The patient denies {ILLNESSES[(n + 1) % 4]}. Stop {DRUGS[(n + 2) % 4]} today."}
        for n in range(first, first + count)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def quick(words):
    """The command with what lets a small BERT learn within seconds."""
    more = {"train": map(str, QUICK), "adapt": ("--block", "32")}
    return [*words, *more.get(words[1], ())]


@pytest.fixture
def folder(spark, tmp_path, monkeypatch):
    """A working folder with a BERT and notes, as the pages have them."""
    monkeypatch.chdir(tmp_path)
    write_bert(tmp_path / "BERT_FOLDER", save_tokenizer_of)
    notes(tmp_path / "notes.jsonl", 0, 16)
    notes(tmp_path / "held-out.jsonl", 16, 8)
    return tmp_path


def test_the_loop_of_correcting_and_training_runs_as_shown(folder):
    page = ROOT / "docs" / "correct-and-train.md"
    text = page.read_text("utf-8")
    corrected = text[: text.index(CORRECTED)].count("\n")
    found = [block for block in blocks(page) if block.kind == "bash"]
    for block in found:
        if block.line < corrected:
            run_block(block)
    before = correct(folder / "for-annotators")
    for block in found:
        if block.line > corrected:
            run_block(block)

    assert before > 0
    assert "Illness" in (folder / "train.tsv").read_text("utf-8")
    for name in ("corrections", "before", "after", "changed"):
        assert (folder / f"{name}.html").stat().st_size > 1_000
    manifest = json.loads((folder / "my-model" / "manifest.json").read_text("utf-8"))
    assert "B-Illness" in manifest["labels"]


def run_block(block):
    for words in commands(block.code):
        command(f"correct-and-train.md:{block.line}", quick(words))


def correct(brat):
    """What an annotator does: another name for one label, in each file. How many there were."""
    changed = 0
    for file in sorted(brat.glob("*.ann")):
        text = file.read_text("utf-8")
        changed += text.count("\tDisease ")
        file.write_text(text.replace("\tDisease ", "\tIllness "), encoding="utf-8")
    for file in sorted((brat.parent / "held-out-annotators").glob("*.ann")):
        text = file.read_text("utf-8")
        file.write_text(text.replace("\tDisease ", "\tIllness "), encoding="utf-8")
    return changed


def test_the_page_on_your_own_model_runs_as_shown(folder):
    for name in ("train", "devel", "test"):
        (folder / f"{name}.tsv").write_text(tagged(), encoding="utf-8")
    write_texts(folder / "train.jsonl", 30, 1)
    write_texts(folder / "devel.jsonl", 12, 2)

    run_page(ROOT / "docs" / "your-own-model.md", {}, quick)

    assert (folder / "my-kinds" / "manifest.json").exists()


def tagged():
    """Each drug with each illness, in IOB2."""
    made = []
    for drug in DRUGS:
        for illness in ILLNESSES:
            names = [
                f"{word}\t{'I' if i else 'B'}-Disease" for i, word in enumerate(illness.split())
            ]
            made.append(
                "\n".join(
                    ["patient\tO", "takes\tO", f"{drug}\tB-Chemical", "for\tO", *names, ".\tO"]
                )
            )
    return "\n\n".join(made) + "\n"
