"""The four commands of a user's own model: train, export, evaluate, annotate; and refusals."""

import json
import os
import random
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.java import VARIABLES
from tests.jobs.small_bert import DRUGS, FRAMES, ILLNESSES, QUICK, TRAINING, ran, run, write_texts

pytestmark = TRAINING


def sentences(count, seed):
    draw = random.Random(seed)
    made = []
    for _ in range(count):
        drug, illness = draw.choice(DRUGS), draw.choice(ILLNESSES)
        rows = []
        for part in draw.choice(FRAMES).split():
            kind = {"{drug}": "Chemical", "{illness}": "Disease"}.get(part)
            words = {"{drug}": drug, "{illness}": illness}.get(part, part).split()
            rows += [(w, f"{'I' if i else 'B'}-{kind}" if kind else "O") for i, w in
                     enumerate(words)]  # fmt: skip
        made.append(rows)
    return made


def write_iob2(path, made):
    path.write_text(
        "\n".join("".join(f"{w}\t{t}\n" for w, t in rows) for rows in made), encoding="utf-8"
    )
    return path


@pytest.fixture(scope="module")
def trained(base, tmp_path_factory):
    """A token classifier trained on 30 sentences, and the file that tests it."""
    folder = tmp_path_factory.mktemp("trained")
    files = {
        name: write_iob2(folder / f"{name}.tsv", sentences(count, seed))
        for name, count, seed in (("train", 30, 1), ("devel", 8, 2), ("test", 12, 3))
    }
    said = ran(
        "train", base, folder / "run", "--train", files["train"], "--devel", files["devel"],
        "--test", files["test"], "--licence", "CC0-1.0", *QUICK,
    )  # fmt: skip
    assert "wrote" in said
    return folder / "run" / "hf", files["test"]


def test_training_learns_and_writes_a_card(trained):
    hf, _ = trained
    metrics = json.loads((hf / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["labels"] == ["O", "B-Chemical", "I-Chemical", "B-Disease", "I-Disease"]
    assert metrics["rows"] == {"train": 30, "partial": 0, "devel": 8, "test": 12}
    assert metrics["test"]["f1"] > 0.9
    card = (hf / "README.md").read_text(encoding="utf-8")
    for part in ("CC0-1.0", "train.tsv", "test.tsv", "13"):
        assert part in card


def test_training_in_bfloat16_learns_as_well(base, trained, tmp_path):
    hf, test = trained
    train = test.with_name("train.tsv")
    ran("train", base, tmp_path / "run", "--train", train, "--test", test, *QUICK, "--bf16")
    half, whole = (
        json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
        for folder in (tmp_path / "run" / "hf", hf)
    )

    assert (half["settings"]["bf16"], whole["settings"]["bf16"]) == (True, False)
    assert half["test"]["f1"] > 0.9


def test_the_bias_of_o_moves_to_where_devel_is_best(base, trained, tmp_path):
    """Trained on sentences of which two in three lost their tags, a tagger marks too little."""
    folder = trained[1].parent
    train = write_iob2(
        tmp_path / "train.tsv",
        [
            rows if number % 3 == 0 else [(word, "O") for word, _ in rows]
            for number, rows in enumerate(sentences(60, 1))
        ],
    )
    ran(
        "train", base, tmp_path / "run", "--train", train, "--devel", folder / "devel.tsv",
        "--test", folder / "test.tsv", *QUICK, "--balance",
    )  # fmt: skip
    metrics = json.loads((tmp_path / "run/hf/metrics.json").read_text(encoding="utf-8"))

    assert metrics["balance"]["shift"] < 0
    assert metrics["balance"]["f1"] > metrics["devel"]["f1"] + 0.2
    assert metrics["test"]["f1"] > metrics["devel"]["f1"] + 0.2
    card = (tmp_path / "run/hf/README.md").read_text(encoding="utf-8")
    assert f"The logit of O was then moved by {metrics['balance']['shift']}" in card


def test_balance_needs_devel_files(base, trained, tmp_path):
    result = run("train", base, tmp_path / "run", "--train", trained[1], "--balance")

    assert result.exit_code == 2
    assert "--devel" in result.output


def test_a_student_learns_from_a_teacher_what_no_label_tells(base, trained, tmp_path):
    """Labels of two sentences, thirty more without any: alone it learns little."""
    hf, test = trained
    labelled = write_iob2(tmp_path / "few.tsv", sentences(2, 7))
    bare = [[(word, "O") for word, _ in rows] for rows in sentences(30, 8)]
    given = ["--train", labelled, "--test", test, *QUICK]
    alone, taught = tmp_path / "alone", tmp_path / "taught"
    ran("train", base, alone, *given)
    more = ["--partial", write_iob2(tmp_path / "bare.tsv", bare)]
    ran("train", base, taught, *given, *more, "--teacher", hf, "--teacher-share", 0.8, "--bf16")
    f1 = {
        folder.name: json.loads((folder / "hf" / "metrics.json").read_text(encoding="utf-8"))
        for folder in (alone, taught)
    }
    assert f1["taught"]["rows"]["partial"] == 30
    assert f1["taught"]["settings"]["teachers"] == ["run"]
    assert f1["taught"]["test"]["f1"] > f1["alone"]["test"]["f1"] + 0.2
    assert f1["taught"]["test"]["f1"] > 0.8


def test_a_teacher_with_other_labels_is_refused(base, trained, tmp_path):
    hf, _ = trained
    rows = [[(word, tag.replace("Disease", "Illness")) for word, tag in r] for r in sentences(4, 9)]
    file = write_iob2(tmp_path / "other.tsv", rows)
    result = run("train", base, tmp_path / "run", "--train", file, "--teacher", hf)
    assert result.exit_code == 3
    assert "labels O, B-Chemical, I-Chemical, B-Disease, I-Disease found" in result.output


@pytest.fixture(scope="module")
def exported(trained, tmp_path_factory):
    """The trained model as model folders of both precisions, and what export said."""
    hf, test = trained
    folder = tmp_path_factory.mktemp("exported")
    said = {
        precision: ran("export", hf, folder / precision, "--precision", precision, "--parity", test)
        for precision in ("fp32", "int8")
    }
    return folder, said


def test_export_reports_parity(exported):
    folder, said = exported
    for precision in ("fp32", "int8"):
        parity = json.loads((folder / precision / "parity.json").read_text(encoding="utf-8"))
        assert parity["parity"]["fp32"]["largest_logit_difference"] < 1e-4
        assert parity["parity"]["fp32"]["label_agreement"] == 1
        assert precision in said[precision]
    assert parity["parity"]["int8"]["metrics"]["f1"] > 0.9


def test_each_of_several_parity_files_has_its_figure(trained, tmp_path):
    hf, test = trained
    more = write_iob2(tmp_path / "more.tsv", sentences(6, 4))
    said = ran("export", hf, tmp_path / "model", "--parity", test, "--parity", more)
    names = {f"{test.parent.name}/test", f"{tmp_path.name}/more"}
    manifest = json.loads((tmp_path / "model" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["metrics"].keys() == {f"{name}_f1" for name in names}
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    for name in names:
        assert f"### int8, {name}.tsv" in card
        assert f"{name}.tsv int8: " in said


def test_exported_folders_are_whole(exported):
    from annotators._runtime.model_folder import read_model, verify

    for precision in ("fp32", "int8"):
        model = read_model(exported[0] / precision, precision)
        verify(model)
        assert model.task == "token-classification"
        assert model.precision == precision
        assert model.lowercase is True
        assert model.max_length == 128
        assert model.licence == "CC0-1.0"
        assert (model.path / "assets" / "labels.txt").read_text(encoding="utf-8").split() == list(
            model.labels
        )


def test_mapped_weights_give_the_same_and_are_verified(spark, trained, exported, tmp_path):
    hf, test = trained
    folder = tmp_path / "mapped"
    ran("export", hf, folder, "--precision", "fp32", "--mapped-weights")
    (weights,) = folder.glob("weights-*.bin")
    whole = exported[0] / "fp32"
    assert (folder / "model.onnx").stat().st_size < (whole / "model.onnx").stat().st_size
    mapped, plain = (ran("evaluate", model, test) for model in (folder, whole))
    assert mapped.replace(str(folder), "") == plain.replace(str(whole), "")

    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    result = run("evaluate", folder, test)
    assert result.exit_code == 4
    assert f"{weights.name} has SHA-256" in result.output


def test_evaluate_agrees_with_the_training_report(spark, trained, exported):
    hf, test = trained
    said = ran("evaluate", exported[0] / "fp32", test)
    told = json.loads(said[said.index("{") :])
    known = json.loads((hf / "metrics.json").read_text(encoding="utf-8"))["test"]
    assert told["micro avg"]["f1-score"] == pytest.approx(known["f1"], abs=1e-4)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_exported_folder_annotates_notes(spark, exported, tmp_path, precision):
    texts = {
        "a": "Patient takes Aspirin for renal failure . ",
        "b": "No gout , stop METFORMIN today",
    }
    rows = [json.dumps({"note_id": key, "text": text}) + "\n" for key, text in texts.items()]
    (tmp_path / "notes.jsonl").write_text("".join(rows), encoding="utf-8")
    model = exported[0] / precision
    ran("annotate", tmp_path / "notes.jsonl", tmp_path / "out", "--model", model)
    found = pd.read_parquet(tmp_path / "out" / "entities").sort_values(["note_id", "begin"])
    assert list(found[["note_id", "text", "label"]].itertuples(index=False, name=None)) == [
        ("a", "Aspirin", "Chemical"),
        ("a", "renal failure", "Disease"),
        ("b", "gout", "Disease"),
        ("b", "METFORMIN", "Chemical"),
    ]


def test_the_readmes_four_commands(base, tmp_path):
    """As they stand there; only the first gets settings that let a tiny BERT learn from little."""
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```bash\n(notemill train .*?)```", readme, re.DOTALL)[1]
    commands = [shlex.split(line) for line in block.splitlines()]
    assert [command[:2] for command in commands] == [
        ["notemill", verb] for verb in ("train", "export", "evaluate", "annotate")
    ]
    (tmp_path / "BERT_FOLDER").symlink_to(base, target_is_directory=True)
    for name, count, seed in (("train", 30, 1), ("devel", 8, 2), ("test", 12, 3)):
        write_iob2(tmp_path / f"{name}.tsv", sentences(count, seed))
    note = {"note_id": "a", "text": "Patient takes Aspirin for renal failure ."}
    (tmp_path / "notes.jsonl").write_text(json.dumps(note) + "\n", encoding="utf-8")

    commands[0] += map(str, QUICK)
    said = [by_hand(command[1:], tmp_path) for command in commands]

    assert json.loads(said[2][said[2].index("{") :])["micro avg"]["f1-score"] > 0.9
    assert set(pd.read_parquet(tmp_path / "out/entities")["label"]) == {"Chemical", "Disease"}


def test_a_model_of_the_users_own_trainer_is_imported(spark, base, tmp_path):
    """The notebook's way: every wordpiece of a word has its label, the Trainer fits, both save."""
    import torch
    from pyspark.ml import Pipeline
    from torch.utils.data import Dataset
    from transformers import (
        AutoModelForTokenClassification,
        AutoTokenizer,
        Trainer,
        TrainingArguments,
    )

    import annotators

    torch.set_num_threads(1)
    id2label = dict(enumerate(["O", "B-Chemical", "B-Disease", "I-Disease", "I-Chemical"]))
    label2id = {label: i for i, label in id2label.items()}
    tokenizer = AutoTokenizer.from_pretrained(base)

    class Rows(Dataset):
        made = sentences(30, 1)

        def __len__(self):
            return len(self.made)

        def __getitem__(self, index):
            words, tags = zip(*self.made[index], strict=True)
            encoded = tokenizer(
                list(words), is_split_into_words=True, truncation=True, padding="max_length",
                max_length=32,
            )  # fmt: skip
            of_words = [label2id[tag] for tag in tags]
            labels = [-100 if w is None else of_words[w] for w in encoded.word_ids()]
            return {**encoded, "labels": labels}

    model = AutoModelForTokenClassification.from_pretrained(
        base, num_labels=5, id2label=id2label, label2id=label2id
    )
    arguments = TrainingArguments(
        output_dir=str(tmp_path / "ner-model"), learning_rate=5e-3, per_device_train_batch_size=4,
        num_train_epochs=12, weight_decay=0.01, use_cpu=True, report_to=[], save_strategy="no",
        dataloader_pin_memory=False,
    )  # fmt: skip
    Trainer(model=model, args=arguments, train_dataset=Rows(), processing_class=tokenizer).train()
    model.save_pretrained(tmp_path / "ner-healthcare-part1")
    tokenizer.save_pretrained(tmp_path / "ner-healthcare-part1")

    test = write_iob2(tmp_path / "test.tsv", sentences(12, 3))
    ran("export", tmp_path / "ner-healthcare-part1", tmp_path / "model", "--parity", test)
    stages = [
        annotators.DocumentAssembler().setInputCol("text").setOutputCol("document"),
        annotators.Tokenizer().setInputCols(["document"]).setOutputCol("token"),
        annotators.BertForTokenClassification.loadSavedModel(str(tmp_path / "model"), spark)
        .setInputCols(["document", "token"])
        .setOutputCol("ner"),
        annotators.NerConverter().setInputCols(["document", "token", "ner"]).setOutputCol("chunk"),
    ]
    notes = spark.createDataFrame([["Patient takes metformin for renal failure ."]], ["text"])
    found = Pipeline(stages=stages).fit(notes).transform(notes).selectExpr("explode(chunk) as c")
    rows = found.selectExpr("c.result", "c.metadata['entity']").collect()
    assert [tuple(row) for row in rows] == [("metformin", "Chemical"), ("renal failure", "Disease")]


def by_hand(arguments, folder):
    """What `notemill` prints when called in a folder, in a process of its own."""
    command = [sys.executable, "-m", "jobs.cli", *arguments]
    variables = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    if arguments[0] == "annotate":  # in whose shell nobody tells Java anything
        variables = {k: v for k, v in variables.items() if k not in VARIABLES}
    made = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_a_sequence_model_by_the_same_commands(spark, base, tmp_path):
    files = {
        name: write_texts(tmp_path / f"{name}.jsonl", count, seed)
        for name, count, seed in (("train", 30, 1), ("devel", 8, 2), ("test", 12, 3))
    }
    ran(
        "train", base, tmp_path / "run", "--task", "sequence-classification",
        "--train", files["train"], "--devel", files["devel"], *QUICK,
    )  # fmt: skip
    out = tmp_path / "model"
    ran("export", tmp_path / "run" / "hf", out, "--parity", files["test"])
    said = ran("evaluate", out, files["test"])
    told = json.loads(said[said.index("{") :])
    assert told["labels"] == ["bad", "good"]
    assert told["texts"] == 12
    assert told["accuracy"] > 0.9


@pytest.fixture(scope="module")
def brittle(base, tmp_path_factory):
    """A model that int8 cannot hold: of each row one weight is huge, beside which the others round
    to nothing, and what it is multiplied with is 0, so that fp32 does not see it.
    """
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForTokenClassification

    folder = tmp_path_factory.mktemp("brittle")
    tokenizer = AutoTokenizer.from_pretrained(base)
    labels = ["O", "B-Chemical", "I-Chemical", "B-Disease", "I-Disease"]
    config = BertConfig.from_pretrained(
        base, initializer_range=0.5, id2label=dict(enumerate(labels)), num_labels=len(labels)
    )
    torch.manual_seed(2)
    model = BertForTokenClassification(config).eval()
    layers = model.bert.encoder.layer
    norms = [model.bert.embeddings.LayerNorm]
    norms += [norm for one in layers for norm in (one.attention.output.LayerNorm,
                                                  one.output.LayerNorm)]  # fmt: skip
    with torch.no_grad():
        for norm in norms:
            norm.weight[0] = norm.bias[0] = 0
        for one in layers:
            attention = one.attention.self
            for dense in (attention.query, attention.key, attention.value, one.intermediate.dense):
                dense.weight[:, 0] = 1000
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_a_model_whose_parity_fails_is_not_written(brittle, tmp_path):
    out, test = tmp_path / "model", write_iob2(tmp_path / "test.tsv", sentences(12, 3))
    result = run("export", brittle, out, "--precision", "int8", "--parity", test)
    assert result.exit_code == 6, (result.output, result.exception)
    assert "parity fails, nothing written: parity: int8 agrees to" in result.output
    assert not out.exists()
    out.mkdir()
    (out / "mine").touch()
    assert run("export", brittle, out, "--parity", test, "--overwrite").exit_code == 6
    assert [f.name for f in out.iterdir()] == ["mine"]
    assert run("export", brittle, out / "fp32", "--precision", "fp32").exit_code == 0


def test_an_output_that_exists_is_refused(trained, tmp_path):
    result = run("export", trained[0], tmp_path)
    assert result.exit_code == 3
    assert "--overwrite" in result.output


def test_a_folder_that_is_no_model_is_refused(base, tmp_path):
    assert run("export", tmp_path, tmp_path / "out").exit_code == 3
    result = run("export", base, tmp_path / "out")
    assert result.exit_code == 3, (result.output, result.exception)
    assert "notemill train" in result.output
    assert not Path(tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [("takes\tO\nxyzzy\n", "line 2"), ("", "no sentence"), ("xyzzy\tB\n", "line 1")],
)
def test_a_broken_training_file_is_told_by_line(base, tmp_path, content, said):
    (tmp_path / "train.tsv").write_text(content, encoding="utf-8")
    result = run("train", base, tmp_path / "run", "--train", tmp_path / "train.tsv")
    assert result.exit_code == 3, (result.output, result.exception)
    assert said in result.output
    assert "xyzzy" not in result.output


def test_repaired_tags_and_long_rows_are_told_by_line(base, tmp_path):
    """A text longer than the model's 128 wordpieces is covered by windows, nothing is cut."""
    rows = [*sentences(2, 1), [("gout", "I-Disease")], [("xyzzy", "O")] * 60]
    train = write_iob2(tmp_path / "train.tsv", rows)
    said = ran("train", base, tmp_path / "run", "--train", train, "--epochs", 1, "--threads", 1)
    lines = train.read_text(encoding="utf-8").split("\n")
    repaired, long = lines.index("gout\tI-Disease") + 1, lines.index("xyzzy\tO") + 1
    assert f"1 I- tags without their B- were read as B-: train.tsv:{repaired}\n" in said
    assert (
        f"1 rows are longer than 128 wordpieces, several windows cover each: train.tsv:{long}\n"
        in said
    )
    assert "xyzzy" not in said


def test_a_label_that_training_never_sees_is_refused(base, tmp_path):
    train = write_iob2(tmp_path / "train.tsv", sentences(4, 1))
    devel = write_iob2(tmp_path / "devel.tsv", [[("xyzzy", "B-Gene")]])
    result = run("train", base, tmp_path / "run", "--train", train, "--devel", devel)
    assert result.exit_code == 3, (result.output, result.exception)
    assert "B-Gene" in result.output
    assert "xyzzy" not in result.output
