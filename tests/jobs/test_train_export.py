"""The four commands of a user's own model: train, export, evaluate, annotate; and refusals."""

import json
import random
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("transformers", reason="needs the extra [train]")

pytestmark = [
    pytest.mark.train,
    # What the libraries of training warn of is their affair.
    pytest.mark.filterwarnings("default"),
]

DRUGS = ["aspirin", "metformin", "insulin", "codeine"]
ILLNESSES = ["asthma", "gout", "renal failure", "angina"]
FRAMES = ["patient takes {drug} for {illness} .", "no {illness} , stop {drug} today"]
FILLERS = [
    "patient",
    "takes",
    "for",
    ".",
    "no",
    ",",
    "stop",
    "today",
    "the",
    "denies",
    "fine",
    "well",
]


def run(*arguments):
    from jobs.cli import app

    return CliRunner().invoke(app, list(map(str, arguments)))


def ran(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def write_bert(folder):
    """A Hugging Face folder with a small random BERT and an uncased wordpiece tokenizer."""
    import torch
    from tokenizers.implementations import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    words = sorted({*FILLERS, *DRUGS, *(w for i in ILLNESSES for w in i.split())} - {"metformin"})
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, "met", "##formin", *letters]
    pieces += [f"##{letter}" for letter in letters]
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    names = {f"{n}_token": f"[{n.upper()}]" for n in ("pad", "unk", "cls", "sep", "mask")}
    PreTrainedTokenizerFast(
        tokenizer_object=BertWordPieceTokenizer(vocabulary, lowercase=True)._tokenizer, **names
    ).save_pretrained(folder)
    torch.manual_seed(11)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=128,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_bert(tmp_path_factory.mktemp("base"))


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


def write_texts(path, count, seed):
    draw = random.Random(seed)
    rows = []
    for _ in range(count):
        label = draw.choice(["good", "bad"])
        words = draw.choices(["well", "fine"] if label == "good" else DRUGS, k=3)
        rows.append({"text": " ".join(["the patient", *words]), "label": label})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


QUICK = ["--epochs", 12, "--learning-rate", 5e-3, "--batch-size", 4, "--dropout", 0, "--threads", 1]


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


def test_a_label_that_training_never_sees_is_refused(base, tmp_path):
    train = write_iob2(tmp_path / "train.tsv", sentences(4, 1))
    devel = write_iob2(tmp_path / "devel.tsv", [[("xyzzy", "B-Gene")]])
    result = run("train", base, tmp_path / "run", "--train", train, "--devel", devel)
    assert result.exit_code == 3, (result.output, result.exception)
    assert "B-Gene" in result.output
    assert "xyzzy" not in result.output
