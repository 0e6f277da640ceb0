"""notemill evaluate against seqeval and scikit-learn, computed by hand on the same predictions."""

import json
import random
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.testing import CliRunner

SENTENCES = Path(__file__).parent.parent / "data" / "sentences"
PACKAGED = Path(__file__).parents[2] / "annotators" / "pretrained"
DETECTOR = "sentence_detector_dl_healthcare"
needs_train = pytest.mark.skipif(
    not (find_spec("seqeval") and find_spec("sklearn")), reason="needs the extra [train]"
)
WORDS = ["patient", "takes", "aspirin", "denies", "pain", "and", "mg", "7", "the", "x-ray", "ache"]
TAGS = ["O", "O", "B-Disease", "B-Chemical"]


def run(*arguments):
    from jobs.cli import app

    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def metrics(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def sentences():
    """Random words with random tags; the last sentence is longer than a window."""
    draw = random.Random(3)
    made = []
    for length in [*(draw.randint(1, 12) for _ in range(40)), 600]:
        words = [draw.choice(WORDS) for _ in range(length)]
        tags = []
        for _ in words:
            follows = bool(tags) and tags[-1] != "O" and draw.random() < 0.4
            tags.append(f"I-{tags[-1][2:]}" if follows else draw.choice(TAGS))
        made.append((words, tags))
    return made


def write_iob2(path, sentences):
    blocks = ["".join(f"{w}\t{t}\n" for w, t in zip(*pair, strict=True)) for pair in sentences]
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


def predicted_tags(model, words):
    """The labels of one sentence of words, by the stage's kernel on nothing but that sentence."""
    import numpy as np

    from annotators import BertForTokenClassification
    from annotators.core.annotations import Annotations

    ends = np.cumsum([len(word) + 1 for word in words]).astype(np.int32) - np.int32(1)
    begins = ends - np.array([len(word) for word in words], np.int32)
    zeros = np.zeros(len(words), np.int32)
    tokens = Annotations(np.array([0, len(words)]), begins, ends, list(words), {"sentence": zeros})
    sentence = Annotations(
        np.array([0, 1]), zeros[:1], ends[-1:], [" ".join(words)], {"sentence": zeros[:1]}
    )
    stage = BertForTokenClassification.loadSavedModel(str(model)).setMaxSentenceLength(512)
    kernel = stage._kernel()
    return kernel(sentence, tokens).result


@needs_train
def test_token_metrics_are_those_of_seqeval(spark, token_model, sentences, tmp_path):
    from seqeval.metrics import classification_report

    expected = [tags for _, tags in sentences]
    found = [predicted_tags(token_model, words) for words, _ in sentences]
    by_hand = classification_report(expected, found, output_dict=True, zero_division=0)
    file = write_iob2(tmp_path / "test.tsv", sentences)
    told = metrics(run(token_model, file, "--report", tmp_path / "report.json"))
    assert told["sentences"] == len(sentences)
    assert 0 < told["micro avg"]["f1-score"] < 1
    for kind in ("Disease", "Chemical", "micro avg", "macro avg"):
        for name, value in by_hand[kind].items():
            assert told[kind][name] == pytest.approx(value, abs=5e-5), (kind, name)
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == told


def with_ends(tags):
    """The tags of IOB2 as those of BIOES."""
    return [
        tag if tag == "O" else {"B": "BS", "I": "IE"}[tag[0]][after != f"I-{tag[2:]}"] + tag[1:]
        for tag, after in zip(tags, [*tags[1:], "O"], strict=True)
    ]


@needs_train
def test_other_forms_of_the_same_labels_give_the_same_metrics(
    spark, token_model, sentences, tmp_path
):
    told = metrics(run(token_model, write_iob2(tmp_path / "iob2.tsv", sentences)))
    blocks = [
        "".join(f"{w} NN B-NP {t}\n" for w, t in zip(words, with_ends(tags), strict=True))
        for words, tags in sentences
    ]
    (tmp_path / "conll.txt").write_text(
        "-DOCSTART- -X- -X- O\n\n" + "\n".join(blocks), encoding="utf-8"
    )
    assert metrics(run(token_model, tmp_path / "conll.txt")) == told


@needs_train
def test_a_brat_folder_is_scored(spark, token_model, tmp_path):
    (tmp_path / "brat").mkdir()
    (tmp_path / "brat" / "a.txt").write_text("patient takes aspirin", encoding="utf-8")
    lines = "T1\tChemical 14 21\taspirin\nT2\tDisease 0 21\tpatient takes aspirin\n"
    (tmp_path / "brat" / "a.ann").write_text(lines, encoding="utf-8")
    (tmp_path / "same.tsv").write_text(
        "patient\tB-Disease\ntakes\tI-Disease\naspirin\tI-Disease\n", encoding="utf-8"
    )
    found = run(token_model, tmp_path / "brat")
    assert metrics(found) == metrics(run(token_model, tmp_path / "same.tsv"))
    assert "1 entities were left out under longer ones that they overlap: a.ann:1" in found.stderr
    (tmp_path / "brat" / "a.ann").write_text(lines.replace("Dis", "Fis"), encoding="utf-8")
    refused = run(token_model, tmp_path / "brat")
    assert refused.exit_code == 3
    assert "'Fisease' (a.ann:2)" in refused.output


def test_labels_of_bilou_are_scored_as_those_of_bioes():
    from jobs._evaluation.scoring import _known_to_seqeval

    labels = ["O", "B-A", "I-A", "L-A", "U-A"]
    assert _known_to_seqeval(["U-A", "B-A", "I-A", "L-A", "O"], labels) == [
        "S-A", "B-A", "I-A", "E-A", "O",
    ]  # fmt: skip
    assert _known_to_seqeval(["B-U", "U-A"], ["O", "B-A"]) == ["B-U", "U-A"]


@needs_train
def test_text_metrics_are_those_of_scikit_learn(spark, sequence_model, tmp_path):
    from pyspark.ml import PipelineModel
    from sklearn.metrics import f1_score

    from annotators import (
        BertForSequenceClassification,
        DocumentAssembler,
        LightPipeline,
        Tokenizer,
    )

    draw = random.Random(5)
    texts = [" ".join(draw.choices(WORDS, k=draw.randint(1, 9))) for _ in range(40)]
    labels = [draw.choice(["negative", "positive"]) for _ in texts]
    file = tmp_path / "test.jsonl"
    rows = [json.dumps({"body": t, "mood": m}) for t, m in zip(texts, labels, strict=True)]
    file.write_text("\n".join(rows) + "\n\n", encoding="utf-8")
    told = metrics(run(sequence_model, file, "--text-field", "body", "--label-field", "mood"))

    classifier = BertForSequenceClassification.loadSavedModel(str(sequence_model))
    stages = [
        DocumentAssembler(inputCol="text", outputCol="document"),
        Tokenizer(inputCols=["document"], outputCol="token"),
        classifier.setInputCols(["document", "token"]).setOutputCol("class"),
    ]
    light = LightPipeline(PipelineModel(stages))
    found = [row["class"][0] for row in light.annotate(texts)]
    right = sum(a == b for a, b in zip(found, labels, strict=True))
    assert told["accuracy"] == right / len(texts)
    assert 0 < right < len(texts)
    assert told["macro avg"]["f1-score"] == pytest.approx(
        f1_score(labels, found, average="macro"), abs=5e-5
    )
    for i, gold in enumerate(told["labels"]):
        for j, guess in enumerate(told["labels"]):
            pairs = zip(labels, found, strict=True)
            assert told["confusion"][i][j] == sum(pair == (gold, guess) for pair in pairs)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("takes\tO\naspirin xyzzy B-Chemical\n", "line 2"),
        ("takes\tO\n\nxyzzy\tB-Chemical\textra\n", "line 3"),
        ("takes\tO\nxyzzy\tChemical\n", "line 2"),
        ("", "no sentence"),
    ],
)
def test_a_broken_iob2_file_is_told_by_line(spark, token_model, tmp_path, content, line):
    file = tmp_path / "test.tsv"
    file.write_text(content, encoding="utf-8")
    result = run(token_model, file)
    assert result.exit_code == 3, result.output
    assert line in result.output
    assert "xyzzy" not in result.output


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('{"text": "a", "label": "positive"}\n{"text": "xyzzy\n', "line 2"),
        ('{"text": "a", "label": "positive"}\n\n["xyzzy"]\n', "line 3"),
        ('{"text": "xyzzy"}\n', "line 1"),
        (
            '{"text": "a", "label": "positive"}\n{"text": "xyzzy", "label": "neutral"}\n',
            "'neutral' (line 2)",
        ),
        ('{"text": " ", "label": "positive"}\n', "line 1"),
        ("\n", "line 1"),
    ],
)
def test_a_broken_json_lines_file_is_told_by_line(spark, sequence_model, tmp_path, content, line):
    file = tmp_path / "test.jsonl"
    file.write_text(content, encoding="utf-8")
    result = run(sequence_model, file)
    assert result.exit_code == 3, result.output
    assert line in result.output
    assert "xyzzy" not in result.output


def test_a_file_that_is_missing_or_no_text_is_refused(spark, token_model, sequence_model, tmp_path):
    (tmp_path / "latin").write_bytes("na\u00efve\tO\n".encode("latin-1"))
    (tmp_path / "latin.jsonl").write_bytes('{"text": "na\u00efve"}'.encode("latin-1"))
    for name in ("latin", "missing", "latin.jsonl", "missing.jsonl"):
        model = sequence_model if name.endswith("jsonl") else token_model
        result = run(model, tmp_path / name)
        assert result.exit_code == 3, (result.output, result.exception)
        assert name in result.output


@needs_train
def test_a_line_separator_within_a_text_ends_no_line(spark, sequence_model, tmp_path):
    file = tmp_path / "test.jsonl"
    file.write_text('{"text": "pain\u2028ache", "label": "positive"}\n', encoding="utf-8")
    assert metrics(run(sequence_model, file))["texts"] == 1


def test_a_model_that_does_not_exist_is_refused(spark, tmp_path):
    result = run("no_such_model", tmp_path / "test.tsv")
    assert result.exit_code == 4
    assert "no_such_model" in result.output


@needs_train
def test_types_of_a_file_are_renamed_or_dropped(spark, token_model, sentences, tmp_path):
    other = [
        (words, [tag.replace("Disease", "Finding").replace("Chemical", "Drug") for tag in tags])
        for words, tags in sentences
    ]
    file = write_iob2(tmp_path / "test.tsv", other)
    refused = run(token_model, file)
    assert refused.exit_code == 3
    assert "'Drug' (line " in refused.output
    assert "'Finding' (line " in refused.output
    told = metrics(run(token_model, file, "--map", "Finding=Disease", "--map", "Drug=Chemical"))
    assert told == metrics(run(token_model, write_iob2(tmp_path / "plain.tsv", sentences)))
    dropped = metrics(run(token_model, file, "--map", "Finding=Disease", "--map", "Drug="))
    assert dropped["Disease"]["support"] == told["Disease"]["support"]
    assert dropped["Chemical"]["support"] == 0


@needs_train
def test_texts_are_renamed_and_left_out_by_label(spark, sequence_model, tmp_path):
    texts = {5: "the patient takes aspirin", 4: "pain", 3: "and", 2: "denies pain", 1: "ache"}
    file = tmp_path / "test.jsonl"
    rows = [json.dumps({"text": text, "stars": stars}) for stars, text in texts.items()]
    file.write_text("\n".join(rows), encoding="utf-8")
    stars = [
        "--map",
        "1=negative",
        "--map",
        "2=negative",
        "--map",
        "4=positive",
        "--map",
        "5=positive",
    ]
    for three in ("3=", "3=negative/positive"):  # as in training, a mixture cannot be scored
        told = metrics(run(sequence_model, file, "--label-field", "stars", *stars, "--map", three))
        assert told["texts"] == 4
        assert [told[label]["support"] for label in ("negative", "positive")] == [2, 2]
    assert "'3' (line 3)" in run(sequence_model, file, "--label-field", "stars", *stars).output


@pytest.mark.parametrize(
    "name", ["aci_bench_devel", "mts_dialog_devel", "written_devel", "written_test"]
)
def test_the_card_of_the_sentence_detector_tells_what_comes_out(spark, name):
    from annotators._runtime.model_folder import find_model

    expected = dict(find_model(DETECTOR).metrics)[name]
    told = metrics(run(DETECTOR, SENTENCES / f"{name}.jsonl"))
    for key in ("precision", "recall", "f1", "support"):
        assert told[key] == pytest.approx(expected[key], abs=5e-5), key


def test_a_span_is_right_only_with_both_ends(spark, tmp_path):
    rows = [
        {"text": "Pain in the arm. No fever.", "sentences": [[0, 16], [17, 26]]},
        {"text": "Pain in the arm. No fever.", "sentences": [[0, 26]]},
        {"text": "", "sentences": []},
        {"text": "Pain in the arm. No fever.", "sentences": [[0, 16], [18, 26]]},
    ]
    file = tmp_path / "marked.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    told = metrics(run(DETECTOR, file))
    assert told["texts"] == 4
    assert (told["precision"], told["recall"], told["support"]) == (0.5, 0.6, 5)
    assert told["f1"] == pytest.approx(6 / 11, abs=5e-5)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('{"text": "xyzzy"}\n', "line 1"),
        (
            '{"text": "xyzzy", "sentences": [[0, 5]]}\n{"text": "xyzzy", "sentences": [[0, 6]]}\n',
            "line 2: span 1",
        ),
        ('{"text": "xyzzy", "sentences": [[0, 3], [2, 5]]}\n', "line 1: span 2"),
        ('{"text": "xyzzy", "sentences": [[0, 3, 5]]}\n', "line 1: span 1"),
        ('{"text": "xyzzy", "sentences": [[1, 1]]}\n', "line 1: span 1"),
        ('\n{"text": "xyzzy', "line 2"),
        ("xyzzy\tO\n", "sentence-boundary"),
        ("\n", "no marked text"),
    ],
)
def test_a_broken_file_of_sentences_is_told_by_line(spark, tmp_path, content, line):
    file = tmp_path / "marked.jsonl"
    file.write_text(content, encoding="utf-8")
    result = run(DETECTOR, file)
    assert result.exit_code == 3, result.output
    assert line in result.output
    assert "xyzzy" not in result.output


def test_what_does_not_go_together_is_refused(spark, token_model, tmp_path):
    file = tmp_path / "marked.jsonl"
    file.write_text('{"text": "Pain.", "sentences": [[0, 5]]}\n', encoding="utf-8")
    renaming = run(DETECTOR, file, "--map", "a=b")
    assert renaming.exit_code == 3
    assert "no labels to rename" in renaming.output
    folder = tmp_path / "odd"
    shutil.copytree(PACKAGED / DETECTOR, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps({**manifest, "task": "question-answering"}))
    unknown = run(folder, file)
    assert unknown.exit_code in (3, 4)
    assert "question-answering" in unknown.output
    assert run(DETECTOR, file, "--map", "a").exit_code == 2
    lacking = run(DETECTOR, file, "--precision", "int8")
    assert lacking.exit_code == 4
    assert "int8" in lacking.output
    assert run(token_model, file, "--precision", "int4").exit_code in (2, 3)
