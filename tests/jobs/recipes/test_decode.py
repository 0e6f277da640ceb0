"""A folder whose labels are to be decoded as IOB2 allows: its manifest, its figures, its card."""

import json
import shutil

import pytest
import typer
from typer.testing import CliRunner

from annotators._runtime.model_folder import MANIFEST, PACKAGED
from jobs.recipes import decode

NAME = "bert_token_classifier_ner_general"
COMMAND = typer.Typer()
COMMAND.command()(decode.main)


@pytest.fixture
def folder(tmp_path):
    made = shutil.copytree(PACKAGED / NAME, tmp_path / "model")
    manifest = json.loads((made / MANIFEST).read_text("utf-8"))
    manifest |= {"metrics": {"wikigold/test_f1": 0.1, "test_f1": 0.2, "dataset": "mine"}}
    manifest.pop("decoding", None)
    (made / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    return made


def run(folder, *files):
    named = [part for file in files for part in ("--test", str(file))]
    return CliRunner().invoke(COMMAND, [str(folder), *named])


def tagged(place, rows):
    place.parent.mkdir(exist_ok=True)
    place.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return place


def test_the_manifest_gets_it_with_its_figures_and_the_card_a_table_once(folder, tmp_path):
    right = [
        "Angela\tB-PER",
        "Merkel\tI-PER",
        "met\tO",
        "Sony\tB-ORG",
        "in\tO",
        "Paris\tB-LOC",
        ".\tO",
        "",
    ]
    wrong = [row.replace("PER", "LOC") for row in right]
    before = json.loads((folder / MANIFEST).read_text("utf-8"))
    files = tagged(tmp_path / "other" / "test.tsv", right), tagged(tmp_path / "devel.tsv", wrong)

    for _ in range(2):
        done = run(folder, *files)
        assert done.exit_code == 0, done.output

    after = json.loads((folder / MANIFEST).read_text("utf-8"))
    assert after.pop("decoding") == "viterbi"
    assert after["metrics"] == {"wikigold/test_f1": 0.1, "test_f1": 1.0, "dataset": "mine"}
    assert {**after, "metrics": {}} == {**before, "metrics": {}}
    card = (folder / "README.md").read_text("utf-8")
    assert card.count("## Decoding") == 1
    assert card.index("## Decoding") < card.index("## Training")
    assert "| other/test.tsv | 1.0000 | 1.0000 | 1.0000 | 1.0000 |" in card


def test_a_file_of_several_has_its_own_figure(folder, tmp_path):
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    manifest["metrics"] = {"wikigold/test_f1": 0.1, "wnut17/test_f1": 0.2}
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    done = run(folder, tagged(tmp_path / "wikigold" / "test.tsv", ["Paris\tB-LOC", ".\tO"]))

    assert done.exit_code == 0, done.output
    metrics = json.loads((folder / MANIFEST).read_text("utf-8"))["metrics"]
    assert metrics == {"wikigold/test_f1": 1.0, "wnut17/test_f1": 0.2}


@pytest.mark.parametrize(
    ("model", "label", "message"),
    [
        ("bert_sequence_classifier_sentiment", "O", "is not a token classifier"),
        (NAME, "B-DRUG", "labels that the model lacks"),
    ],
)
def test_what_cannot_be_decoded_is_refused(tmp_path, model, label, message):
    done = run(PACKAGED / model, tagged(tmp_path / "devel.tsv", [f"word\t{label}"]))

    assert done.exit_code == 3
    assert message in done.output


def test_labels_in_another_scheme_are_refused_before_anything_is_written(folder, tmp_path):
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    manifest["labels"] = [label.replace("I-PER", "E-PER") for label in manifest["labels"]]
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")

    done = run(folder, tagged(tmp_path / "devel.tsv", ["Paris\tB-LOC"]))

    assert done.exit_code == 3
    assert "has labels in IOBES, expected IOB2" in done.output
    assert json.loads((folder / MANIFEST).read_text("utf-8")) == manifest
