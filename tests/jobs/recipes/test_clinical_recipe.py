"""The clinical model's recipe as it stands, over a small BERT and a made corpus, end to end."""

import json
import random

import pytest
import typer
from typer.testing import CliRunner

from annotators._runtime.model_folder import read_model, verify
from jobs.recipes import all as everything
from tests.jobs.small_bert import DRUGS, FRAMES, ILLNESSES, TRAINING

pytestmark = TRAINING

RECIPE = everything.PACKAGED.with_name("cpu.json")
NAME = "bert_token_classifier_ner_clinical"
STUDENT = "clinical-student"
QUICKER = {"--epochs": "6", "--learning-rate": "5e-3", "--batch-size": "4", "--dropout": "0",
           "--word-mask": "0", "--layer-decay": "1", "--average": "0"}  # fmt: skip
MADE_OF_MORE = [("--teacher", "{mpnet-clinical}"), ("--teacher", "{mpnet-clinical-2}"),
                ("--partial", "{half-of-bc5cdr}")]  # fmt: skip
"""What of the student's command other corpora and bases make."""
COMMAND = typer.Typer()
COMMAND.command()(everything.main)


def report(number, draw):
    text, entities = "", []
    for _ in range(6):
        values = {"{drug}": draw.choice(DRUGS), "{illness}": draw.choice(ILLNESSES)}
        for part in draw.choice(FRAMES).split():
            word = values.get(part, part)
            kind = {"{drug}": "Medication", "{illness}": "Disease_disorder"}.get(part)
            if kind:
                entities.append([len(text), len(text) + len(word), kind])
            text += word + " "
        text = text.rstrip() + "\n\n"
    return {"id": str(number), "text": text, "entities": entities}


@pytest.fixture
def corpora(tmp_path):
    draw = random.Random(4)
    folder = tmp_path / "corpora"
    for name, count in (("train", 10), ("devel", 3), ("test", 3)):
        write(folder / "maccrobat" / f"{name}.jsonl", [report(i, draw) for i in range(count)])
    for notes in ("aci-bench/notes.jsonl", "mts-dialog/sections.jsonl"):
        write(folder / notes, [{"text": report(0, draw)["text"]}])
    return folder


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def without(words, option, value):
    """The words of a command without an option that has this value."""
    place = words.index(value) - 1
    assert words[place] == option
    return words[:place] + words[place + 2 :]


def scaled_down(path, base):
    """The recipe's model on a small base as it is, with quicker settings, without teachers and
    without what is made of other corpora.
    """
    recipe = json.loads(RECIPE.read_text("utf-8"))
    data = recipe["steps"]["clinical-data"]["run"]
    data[:] = without(data, "--plain", "{halves}/even.jsonl")
    recipe["bases"] = {"small": "a small BERT"}
    recipe["models"] = {NAME: recipe["models"][NAME]}
    words = [w.replace("{bc5cdr-student}", "{base:small}") for w in recipe["steps"][STUDENT]["run"]]
    for option, value in MADE_OF_MORE:
        words = without(words, option, value)
    for option, value in QUICKER.items():
        words[words.index(option) + 1] = value
    recipe["steps"][STUDENT]["run"] = words
    path.write_text(json.dumps(recipe), encoding="utf-8")
    return ["--recipe", path, "--base", f"small={base}"]


def test_one_command_makes_a_model_folder_with_card_and_temperature(base, corpora, tmp_path, capfd):
    options = scaled_down(tmp_path / "recipe.json", base)
    arguments = [tmp_path / "out", "--corpora", corpora, *options]

    done = CliRunner().invoke(COMMAND, list(map(str, arguments)))

    assert done.exit_code == 0, (done.output, capfd.readouterr().err[-2000:])
    folder = tmp_path / "out" / "models" / NAME
    model = read_model(folder, NAME)
    verify(model)
    assert model.precision == "int8"
    assert set(model.labels) >= {"O", "B-Medication", "B-Disease_disorder"}
    assert dict(model.metrics)["test_f1"] > 0.8
    assert (
        model.temperature
        == json.loads((folder / "manifest.json").read_text("utf-8"))["temperature"]
    )
    card = (folder / "README.md").read_text("utf-8")
    for part in (
        "MACCROBAT2020",
        "CC BY 4.0",
        "## Calibration",
        "### Parity",
        "python -m jobs.train",
    ):
        assert part in card
