"""notemill accelerate: a folder that sure sentences leave early, and what it refuses."""

import json
import random
import shutil

import numpy as np
import pytest

from tests.jobs.small_bert import DRUGS, FILLERS, ILLNESSES, QUICK, TRAINING, ran, run, write_texts

pytestmark = TRAINING


def sentence(draw):
    """Words and their tags: a drug or an illness here and there."""
    rows = []
    for _ in range(draw.randint(3, 9)):
        kind = draw.choice(["Chemical", "Disease", None, None, None])
        words = {"Chemical": draw.choice(DRUGS), "Disease": draw.choice(ILLNESSES)}
        parts = words.get(kind, draw.choice(FILLERS[:3] + FILLERS[6:])).split()
        rows += [(w, f"{'I' if i else 'B'}-{kind}" if kind else "O") for i, w in enumerate(parts)]
    return rows


def unlabelled(path, count, seed):
    draw = random.Random(seed)
    texts = [" ".join(word for word, _ in sentence(draw)) for _ in range(count)]
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    return path


@pytest.fixture(scope="module")
def tagger(base, tmp_path_factory):
    """The int8 folder of a small token classifier."""
    folder = tmp_path_factory.mktemp("tagger")
    draw = random.Random(4)
    made = [sentence(draw) for _ in range(40)]
    train = folder / "train.tsv"
    train.write_text(
        "\n".join("".join(f"{w}\t{t}\n" for w, t in rows) for rows in made), encoding="utf-8"
    )
    ran("train", base, folder / "run", "--train", train, *QUICK)
    ran("export", folder / "run/hf", folder / "model", "--precision", "int8")
    return folder / "model"


@pytest.fixture(scope="module")
def accelerated(tagger, tmp_path_factory):
    """A folder with an exit part, the texts it was made of and others."""
    folder = tmp_path_factory.mktemp("accelerated")
    texts, others = (unlabelled(folder / f"{seed}.jsonl", 300, seed) for seed in (1, 2))
    said = ran(
        "accelerate", tagger, texts, "-o", folder / "model", "--fidelity", 0.98,
        "--measure", others,
    )  # fmt: skip
    return folder / "model", others, said


def part_of(folder):
    return json.loads((folder / "manifest.json").read_text("utf-8"))["exit"]


def test_the_manifest_and_the_card_say_what_was_done(accelerated, tagger):
    folder, others, said = accelerated
    part = part_of(folder)
    card = (folder / "README.md").read_text("utf-8")

    assert (part["layer"], part["layers"], part["default"]) == (1, 2, "0.98")
    assert part["trained_on"][0]["texts"] == 300
    assert {row["part"] for row in part["measured"]} == {"held out", "unseen"}
    held = [r for r in part["measured"] if r["part"] == "held out" and r["fidelity"] == "0.98"]
    assert held[0]["f1_to_whole"] >= 0.98
    assert held[0]["wordpieces_leave"] > 0
    assert "## Early exit" in card
    assert card.index("## Early exit") < card.index("## Training")
    assert f"{others.name}, unseen" in card
    assert "wrote" in said
    assert (folder / "model.onnx").read_bytes() == (tagger / "model.onnx").read_bytes()
    assert "unchanged" in ran("models", folder, "--verify")


def test_what_is_reported_is_what_a_pipeline_does(accelerated):
    """The labels of unseen texts differ from the whole model's as much as the manifest says."""
    from dataclasses import replace

    from seqeval.metrics.sequence_labeling import get_entities

    from annotators._runtime.early_exit import read_exit_part
    from annotators._runtime.inference import Inference
    from annotators._runtime.model_folder import find_model
    from jobs._acceleration.windows import read_corpus

    folder, others, _ = accelerated
    model = find_model(str(folder))
    whole = Inference(model, False, 128, 32)
    exits = replace(whole, exits=read_exit_part(model).at("0.98"))
    windows = read_corpus(others, "text", whole, unseen=True).held_out
    pieces = np.concatenate([window.ids[1:-1] for window in windows])
    offsets = np.cumsum([0, *(len(window.ids) - 2 for window in windows)])

    def entities(inference):
        made = inference.logits(pieces, inference.windows(offsets))
        return {
            (number, *entity)
            for number, (first, window) in enumerate(zip(made.first, windows, strict=True))
            for entity in get_entities(
                [model.labels[i] for i in made.values[first + window.read].argmax(axis=1)]
            )
        }

    row = next(r for r in part_of(folder)["measured"]
               if r["part"] == "unseen" and r["fidelity"] == "0.98")  # fmt: skip
    some, wanted = entities(exits), entities(whole)
    # what the part held out of training has too was left out of the measure
    assert row["found"] <= len(wanted)
    assert 2 * len(some & wanted) / (len(some) + len(wanted)) == pytest.approx(
        row["f1_to_whole"], abs=0.01
    )


def test_it_is_done_again_over_what_it_made(accelerated, tmp_path):
    folder, others, _ = accelerated
    ran("accelerate", folder, others, "-o", tmp_path / "again", "--fidelity", 0.95, "--layer", 1)

    assert part_of(tmp_path / "again")["default"] == "0.95"
    assert (tmp_path / "again/README.md").read_text("utf-8").count("## Early exit") == 1


def test_a_folder_in_spark_nlps_layout_gets_a_manifest(tagger, tmp_path):
    plain = shutil.copytree(tagger, tmp_path / "plain")
    for name in ("manifest.json", "README.md"):
        (plain / name).unlink()
    texts = unlabelled(tmp_path / "texts.jsonl", 100, 5)
    ran("accelerate", plain, texts, "-o", tmp_path / "out", "--fidelity", 0.9)
    manifest = json.loads((tmp_path / "out/manifest.json").read_text("utf-8"))

    assert (manifest["task"], manifest["precision"]) == ("token-classification", "int8")
    assert "unchanged" in ran("models", tmp_path / "out", "--verify")


def test_a_sequence_classifier_leaves_early(base, tmp_path):
    rows = write_texts(tmp_path / "rows.jsonl", 40, 1)
    kind = ["--task", "sequence-classification"]
    ran("train", base, tmp_path / "run", "--train", rows, *kind, *QUICK)
    ran("export", tmp_path / "run/hf", tmp_path / "model", "--precision", "fp32")
    texts = unlabelled(tmp_path / "texts.jsonl", 200, 6)
    ran("accelerate", tmp_path / "model", texts, "-o", tmp_path / "out", "--fidelity", 0.9)
    part = part_of(tmp_path / "out")

    assert part["measured"][0]["found"] == part["measured"][0]["windows"]
    assert part["measured"][0]["wordpieces_leave"] > 0


def test_too_few_texts_are_told_with_how_many_are_needed(tagger, tmp_path):
    texts = unlabelled(tmp_path / "few.jsonl", 20, 7)
    result = run("accelerate", tagger, texts, "-o", tmp_path / "out")

    assert result.exit_code == 3
    assert "too few texts" in result.output
    assert "expected 500: give about" in result.output
    assert not (tmp_path / "out").exists()


def test_what_is_no_plain_bert_is_told_with_what_was_found(token_model, tmp_path):
    texts = unlabelled(tmp_path / "few.jsonl", 20, 8)
    result = run("accelerate", token_model, texts, "-o", tmp_path / "out")

    assert result.exit_code == 4
    assert "is not a plain BERT encoder: found 0 LayerNormalization" in result.output


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--layer", "2"], 4, "expected 1 to 1"),
        (["--fidelity", "1.5"], 2, "above 0 and below 1"),
        (["--text-field", "note"], 3, "field 'note' expected"),
    ],
)
def test_what_cannot_be_asked_is_told(tagger, tmp_path, arguments, code, told):
    texts = unlabelled(tmp_path / "few.jsonl", 20, 9)
    result = run("accelerate", tagger, texts, "-o", tmp_path / "out", *arguments)

    assert result.exit_code == code
    assert told in result.output


def test_a_folder_that_is_there_is_kept(tagger, tmp_path):
    texts = unlabelled(tmp_path / "few.jsonl", 20, 10)
    result = run("accelerate", tagger, texts, "-o", tmp_path)

    assert result.exit_code == 3
    assert "exists: choose another folder or --overwrite" in result.output
