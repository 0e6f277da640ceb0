"""notemill annotate, run as a user runs it: files in, Parquet and an exit code out."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parents[2]
ENTITY_COLUMNS = [
    "note_id", "begin", "end", "text", "label", "score", "sentence", "assertion", "section",
    "negation", "certainty", "temporality", "experiencer",
]  # fmt: skip
NOTE_COLUMNS = ["note_id", "sentence", "ner_chunk", "assertion", "error"]


def run(*arguments):
    from jobs.cli import app

    return CliRunner().invoke(app, ["annotate", *map(str, arguments)])


def write_json_lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_csv(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["note_id", "text"], quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_parquet(path, rows):
    pd.DataFrame(rows).to_parquet(path)
    return path


def write_bare_csv(path, rows):
    """Quotes only where they must be, rows parted by LF."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["note_id", "text"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_texts(path, rows):
    path.mkdir()
    for row in rows:
        (path / f"{row['note_id']}.txt").write_bytes(row["text"].encode())
    return path


def notes_of(output):
    table = pd.read_parquet(output / "notes")
    return table.sort_values("note_id", na_position="first").reset_index(drop=True)


def entities_of(output):
    table = pd.read_parquet(output / "entities")
    return table.sort_values(["note_id", "begin"]).reset_index(drop=True)


def assert_spans_are_exact(entities, texts):
    assert len(entities)
    for entity in entities.itertuples():
        assert texts[entity.note_id][entity.begin : entity.end + 1] == entity.text


@pytest.fixture(scope="module")
def rows(sample_notes):
    """A few notes: parts of real ones, and what formats differ in (quotes, commas, line ends)."""
    parts = [{"note_id": note["note_id"], "text": note["text"][:700]} for note in sample_notes[:4]]
    return [
        *parts,
        {
            "note_id": "visit 1, old",
            "text": 'He said "no pain", then\nleft.\n\nPlan: aspirin, 5 mg',
        },
        {"note_id": "Ärztin 100%", "text": "Größe: 1.80 m\tGewicht: 70 kg\r\nKein Fieber.\r\n"},
        {"note_id": "a+b %20 v1.2", "text": "Line one\rline two\r\rPatient takes aspirin"},
        {"note_id": "edges", "text": "  \n two blanks before, two behind  "},
    ]


@pytest.fixture(scope="module")
def reference(spark, rows, token_model, tmp_path_factory):
    """What annotate writes for `rows` as JSON lines, with what it says."""
    folder = tmp_path_factory.mktemp("reference")
    notes = write_json_lines(folder / "notes.jsonl", rows)
    result = run(notes, folder / "out", "--model", token_model)
    assert result.exit_code == 0, result.output
    return folder / "out", result.output


def test_a_row_a_note_and_a_row_an_entity(reference, rows):
    output, _ = reference
    notes, entities = notes_of(output), entities_of(output)
    assert list(notes.columns) == NOTE_COLUMNS
    assert list(notes["note_id"]) == sorted(row["note_id"] for row in rows)
    assert notes["error"].isna().all()
    assert list(entities.columns) == ENTITY_COLUMNS
    assert len(entities) == sum(map(len, notes["ner_chunk"]))
    assert_spans_are_exact(entities, {row["note_id"]: row["text"] for row in rows})
    assert set(entities["label"]) <= {"Disease", "Chemical"}
    assert entities["score"].between(0, 1).all()
    assert list(entities["assertion"]) == [a["result"] for row in notes["assertion"] for a in row]
    assert set(entities["negation"]) == {"affirmed", "negated"}
    for axis in ("certainty", "temporality", "experiencer"):
        assert entities[axis].notna().all()


def test_an_entity_lies_in_the_sentence_that_it_names(reference):
    notes, entities = (read(reference[0]) for read in (notes_of, entities_of))
    sentences = dict(zip(notes["note_id"], notes["sentence"], strict=True))
    for entity in entities.itertuples():
        home = sentences[entity.note_id][entity.sentence]
        assert home["begin"] <= entity.begin
        assert entity.end <= home["end"]


def test_it_says_counts_and_where_the_output_lies(reference, rows):
    output, said = reference
    count = len(entities_of(output))
    assert f"{len(rows)} notes, {count} entities, 0 errors" in said
    assert f"Written to {output}." in said


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("notes.csv", write_csv),
        ("bare.csv", write_bare_csv),
        ("notes.parquet", write_parquet),
        ("texts", write_texts),
    ],
)
def test_every_format_gives_the_same_entities(
    spark, rows, token_model, tmp_path, reference, name, write
):
    result = run(write(tmp_path / name, rows), tmp_path / "out", "--model", token_model)
    assert result.exit_code == 0, result.output
    pd.testing.assert_frame_equal(entities_of(tmp_path / "out"), entities_of(reference[0]))
    assert list(notes_of(tmp_path / "out")["note_id"]) == list(notes_of(reference[0])["note_id"])


@pytest.mark.parametrize("partitions", [1, 16])
def test_partitions_do_not_change_the_entities(
    spark, rows, token_model, tmp_path, reference, partitions
):
    notes = write_json_lines(tmp_path / "notes.jsonl", rows[::-1])
    result = run(notes, tmp_path / "out", "--model", token_model, "--partitions", partitions)
    assert result.exit_code == 0, result.output
    assert ("leave 1 of 2 task slots without work" in result.stderr) == (partitions == 1)
    pd.testing.assert_frame_equal(entities_of(tmp_path / "out"), entities_of(reference[0]))


def test_columns_may_have_any_name(spark, rows, token_model, tmp_path, reference):
    renamed = [{"visit.id": row["note_id"], "document": row["text"], "x": 1} for row in rows]
    notes = write_json_lines(tmp_path / "notes.jsonl", renamed)
    columns = ["--id-col", "visit.id", "--text-col", "document"]
    result = run(notes, tmp_path / "out", "--model", token_model, *columns)
    assert result.exit_code == 0, result.output
    found = pd.read_parquet(tmp_path / "out" / "entities").rename(columns={"visit.id": "note_id"})
    found = found.sort_values(["note_id", "begin"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(found, entities_of(reference[0]))


def test_the_demo_finds_diseases_and_chemicals(spark, sample_notes, tmp_path, capsys):
    """The newcomer's first command, with the model that comes with the project."""
    from jobs.demo import demo

    if not (ROOT / "annotators" / "pretrained" / "bert_token_classifier_ner_bc5cdr").exists():
        pytest.skip("the packaged model is not there")
    demo(str(tmp_path / "out"))
    said = capsys.readouterr().out
    assert "20 notes, " in said
    assert ", 0 errors" in said
    assert f"All entities: {tmp_path / 'out'}/entities" in said
    page = tmp_path / "out" / "report.html"
    assert page.as_uri() in said.splitlines()[-1]
    assert f"entities. Written to {page}" in said
    assert page.stat().st_size > 50_000  # with the notes in it, packed
    entities = entities_of(tmp_path / "out")
    assert_spans_are_exact(entities, {note["note_id"]: note["text"] for note in sample_notes})
    found = set(zip(entities["text"].str.lower(), entities["label"], strict=True))
    assert {("hypertension", "Disease"), ("congestive heart failure", "Disease")} <= found
    assert {("metformin", "Chemical"), ("lisinopril", "Chemical")} <= found


# Bad notes

BAD_TEXTS = {
    "01 null": None,
    "02 empty": "",
    "03 blanks": " \t\r\n \n",
    "04 crlf": "No fever.\r\nPain:\tnone.\r\rTakes\u00a0aspirin 5\u00a0mg.\r\n",
    "05 emoji": "pain \U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 denies aspirin \U0001f1e6\U0001f1f9 daily",
    "06 combining": unicodedata.normalize("NFD", "Fièvre à 39 °C, naïve Ménière, Sjögren"),
    "07 controls": "a\u0000b pain\u0007 takes\u001f aspirin\u007f \u0085 mg \u2028 daily \ufeff end",
    "08 other blanks": "\u00a0\u2003\u3000",
    "08 only controls": "\u0000 \u0001\u0002 \u200b",
    "09 a megabyte": "the patient denies pain and takes aspirin 5 mg daily. " * 19_000,
    "10 a long word": "takes " + "aspirin" * 715 + " daily",
    "11 no stop": "patient takes aspirin " * 6_667,
    "12 rtl": "المريض لا يشكو من الألم و takes aspirin",
    "13 private use": "pain \uf050\uf051 aspirin \uf056x\uf057. takes mg",
}
LONE = '{"note_id": "14 surrogate", "text": "pain \\ud83d takes aspirin"}\n'
CORRUPT = '{"note_id": "15 corrupt", "text": "aspirin\n'


@pytest.fixture(scope="module")
def bad(spark, token_model, tmp_path_factory):
    """What annotate writes for bad notes among good ones."""
    folder = tmp_path_factory.mktemp("bad")
    rows = [{"note_id": key, "text": text} for key, text in BAD_TEXTS.items()]
    rows += [{"note_id": "16 twice", "text": text} for text in ("takes aspirin", "denies pain")]
    notes = write_json_lines(folder / "notes.jsonl", rows)
    with notes.open("a", encoding="utf-8") as file:
        file.write(LONE + CORRUPT)
    result = run(notes, folder / "out", "--model", token_model, "--partitions", 3)
    assert result.exit_code == 0, result.output
    return folder / "out", result.output


def test_no_bad_note_disappears(bad):
    ids = sorted(notes_of(bad[0])["note_id"].fillna("15 corrupt"))
    assert ids == sorted([*BAD_TEXTS, "14 surrogate", "15 corrupt", "16 twice", "16 twice"])


def test_only_unreadable_and_repeated_notes_have_errors(bad):
    notes = notes_of(bad[0])
    errors = notes[notes["error"].notna()]
    found = sorted(errors["error"])
    assert found == ["annotate: RepeatedNoteId"] * 2 + ["annotate: UnreadableRecord"]
    assert set(errors.loc[errors["error"] == found[0], "note_id"]) == {"16 twice"}
    assert "3 errors" in bad[1]
    assert "2 notes with error annotate: RepeatedNoteId" in bad[1]


def test_spans_of_bad_notes_are_exact(bad):
    entities = entities_of(bad[0])
    known = entities[entities["note_id"].isin(BAD_TEXTS)]
    assert_spans_are_exact(known, BAD_TEXTS)
    assert not set(known["note_id"]) & {"01 null", "02 empty", "03 blanks"}


def test_long_notes_are_annotated_to_their_end(bad):
    entities = entities_of(bad[0])
    for key in ("09 a megabyte", "11 no stop"):
        last = entities.loc[entities["note_id"] == key, "end"].max()
        assert last > len(BAD_TEXTS[key]) - 200


def test_both_notes_of_one_id_are_annotated(bad):
    notes = notes_of(bad[0])
    texts = {
        sentence["result"]
        for sentences in notes.loc[notes["note_id"] == "16 twice", "sentence"]
        for sentence in sentences
    }
    assert texts == {"takes aspirin", "denies pain"}


@pytest.fixture
def poisoned_model(token_model, tmp_path):
    """A model with one word more in its vocabulary, for which it lacks a row of a second table."""
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    folder = tmp_path / "poisoned"
    shutil.copytree(token_model, folder)
    with (folder / "assets" / "vocab.txt").open("a", encoding="utf-8") as vocabulary:
        vocabulary.write("zebra\n")
    model = onnx.load(folder / "model.onnx")
    (pieces,) = [t for t in model.graph.initializer if t.name == "pieces"]
    table = numpy_helper.to_array(pieces)
    pieces.CopyFrom(numpy_helper.from_array(np.concatenate([table, table[:1]]), "pieces"))
    model.graph.initializer.append(numpy_helper.from_array(np.zeros_like(table), "short"))
    first, *rest = list(model.graph.node)
    first.output[0] = "words"
    del model.graph.node[:]
    model.graph.node.extend(
        [
            first,
            helper.make_node("Gather", ["short", "input_ids"], ["nothing"]),
            helper.make_node("Add", ["words", "nothing"], ["embedded"]),
            *rest,
        ]
    )
    onnx.save(model, folder / "model.onnx")
    return folder


def test_a_failing_note_keeps_its_row_and_no_text_is_told(
    spark, token_model, poisoned_model, tmp_path
):
    """As a process of its own, so that all that driver, JVM and workers say is heard."""
    rows = [{"note_id": f"n{i}", "text": f"patient takes aspirin {i} xylotomy."} for i in range(9)]
    rows[4]["text"] = "the zebra denies xylotomy pain"
    notes = write_json_lines(tmp_path / "notes.jsonl", rows)
    command = [sys.executable, "-m", "jobs.cli", "annotate", str(notes), "poisoned-out"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    options = ["--master", "local[1]", "--partitions", "1", "--model", "poisoned"]
    done = subprocess.run(
        [*command, *options], cwd=tmp_path, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    table = notes_of(tmp_path / "poisoned-out").set_index("note_id")
    assert len(table) == 9
    assert re.fullmatch(r"BertForTokenClassification: \w+", table.loc["n4", "error"])
    assert table["error"].notna().sum() == 1
    assert len(table.loc["n4", "ner_chunk"]) == 0
    assert "1 notes with error BertForTokenClassification: " in done.stdout
    for told in (done.stdout, done.stderr):
        assert not re.search("xylotomy|zebra|aspirin", told)

    result = run(notes, tmp_path / "sound", "--model", token_model)
    assert result.exit_code == 0, result.output
    expected = entities_of(tmp_path / "sound")
    expected = expected[expected["note_id"] != "n4"].reset_index(drop=True)
    pd.testing.assert_frame_equal(entities_of(tmp_path / "poisoned-out"), expected)

    # By the driver, which takes so few notes where no partitions are asked for.
    here = run(notes, tmp_path / "here", "--model", poisoned_model)
    assert here.exit_code == 0, here.output
    assert "1 notes with error BertForTokenClassification: " in here.stdout
    assert not re.search("xylotomy|zebra|aspirin", here.output)
    for read in (notes_of, entities_of):
        pd.testing.assert_frame_equal(read(tmp_path / "here"), read(tmp_path / "poisoned-out"))


# What fails the job, and how it says so


def assert_refused(result, code, *said):
    assert result.exit_code == code, (result.output, result.exception)
    assert "Traceback" not in result.output
    for part in said:
        assert part in result.output


@pytest.fixture
def note(tmp_path):
    return write_json_lines(
        tmp_path / "note.jsonl", [{"note_id": "a", "text": "takes aspirin", "other": 1}]
    )


@pytest.mark.parametrize("option", ["--id-col", "--text-col"])
def test_a_missing_column_names_those_that_exist(spark, token_model, note, tmp_path, option):
    result = run(note, tmp_path / "out", "--model", token_model, option, "nowhere")
    assert_refused(result, 3, "'nowhere'", "note_id, other, text")
    assert not (tmp_path / "out").exists()


def test_an_empty_folder_is_refused(spark, token_model, tmp_path):
    (tmp_path / "empty").mkdir()
    result = run(tmp_path / "empty", tmp_path / "out", "--model", token_model)
    assert_refused(result, 3, "the folder is empty")
    for kind in ("json", "text"):
        told = run(tmp_path / "empty", tmp_path / "out", "--model", token_model, "--format", kind)
        assert_refused(told, 3, str(tmp_path / "empty"))


def test_an_input_that_does_not_exist_is_refused(spark, token_model, tmp_path):
    for name in ("nothing.jsonl", "nothing", "nothing*.csv"):
        result = run(tmp_path / name, tmp_path / "out", "--model", token_model)
        assert_refused(result, 3, name)


def test_a_file_without_notes_is_refused(spark, token_model, tmp_path):
    (tmp_path / "notes.jsonl").touch()
    (tmp_path / "notes.csv").write_text("note_id,text\n", encoding="utf-8")
    for name in ("notes.jsonl", "notes.csv"):
        result = run(tmp_path / name, tmp_path / "out", "--model", token_model)
        assert_refused(result, 3)


def test_a_file_of_another_format_is_refused(spark, token_model, tmp_path):
    for name in ("notes.parquet", "notes.dat"):
        (tmp_path / name).write_text("takes aspirin", encoding="utf-8")
        result = run(tmp_path / name, tmp_path / "out", "--model", token_model)
        assert_refused(result, 3, name)
        assert "aspirin" not in result.output


def test_a_folder_of_several_formats_is_refused(spark, token_model, tmp_path):
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for name in ("a.txt", "README.md"):
        (mixed / name).write_text("takes aspirin", encoding="utf-8")
    result = run(mixed, tmp_path / "out", "--model", token_model)
    assert_refused(result, 3, ".md, .txt", "--format")
    result = run(mixed, tmp_path / "out", "--model", token_model, "--format", "xml")
    assert_refused(result, 3, "'xml'", "json, csv, parquet, text")


def test_an_output_that_exists_is_replaced_only_on_request(spark, token_model, note, tmp_path):
    output = tmp_path / "out"
    assert run(note, output, "--model", token_model).exit_code == 0
    before = {f: f.stat().st_mtime_ns for f in output.rglob("*.parquet")}
    assert_refused(run(note, output, "--model", token_model), 3, str(output), "--overwrite")
    assert {f: f.stat().st_mtime_ns for f in output.rglob("*.parquet")} == before
    result = run(note, output, "--model", token_model, "--overwrite")
    assert result.exit_code == 0, result.output
    assert list(notes_of(output)["note_id"]) == ["a"]
    assert not before.keys() & set(output.rglob("*.parquet"))


def test_the_input_is_never_overwritten(spark, token_model, rows, tmp_path):
    notes = tmp_path / "out" / "notes"
    notes.mkdir(parents=True)
    write_parquet(notes / "part.parquet", rows)
    result = run(notes, tmp_path / "out", "--model", token_model, "--overwrite")
    assert_refused(result, 3, str(notes))
    assert len(pd.read_parquet(notes)) == len(rows)


def test_wrong_usage_is_refused(spark, token_model, note, tmp_path):
    result = run(note, tmp_path / "out", "--pipeline", "nothing")
    assert_refused(result, 2, "'nothing'", "clinical_ner")
    assert run(note, tmp_path / "out", "--model", token_model, "--partitions", 0).exit_code == 2


def test_a_model_that_is_missing_or_of_another_kind_is_refused(spark, note, tmp_path):
    for name in ("no_such_model", tmp_path / "no_such_folder"):
        assert_refused(run(note, tmp_path / "out", "--model", name), 4, str(name))
    (tmp_path / "hollow").mkdir()
    (tmp_path / "hollow" / "model.onnx").touch()
    assert_refused(run(note, tmp_path / "out", "--model", tmp_path / "hollow"), 4, "labels.txt")


def test_a_corrupt_model_is_refused(spark, token_model, note, tmp_path):
    shutil.copytree(token_model, tmp_path / "corrupt")
    weights = tmp_path / "corrupt" / "model.onnx"
    weights.write_bytes(weights.read_bytes()[:400])
    result = run(note, tmp_path / "out", "--model", tmp_path / "corrupt")
    assert_refused(result, 4, "cannot open", str(weights))


def test_a_model_that_is_not_what_its_manifest_says_is_refused(spark, token_model, note, tmp_path):
    shutil.copytree(token_model, tmp_path / "changed")
    manifest = {
        "format": 1, "task": "token-classification", "labels": ["O"], "precision": "fp32",
        "files": {"model.onnx": "0" * 64},
    }  # fmt: skip
    (tmp_path / "changed" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    result = run(note, tmp_path / "out", "--model", tmp_path / "changed")
    assert_refused(result, 4, "SHA-256", "000000000000")


def test_a_model_whose_labels_do_not_match_is_refused(spark, token_model, note, tmp_path):
    shutil.copytree(token_model, tmp_path / "mislabelled")
    labels = tmp_path / "mislabelled" / "assets" / "labels.txt"
    labels.write_text("O\nB-Disease\n", encoding="utf-8")
    result = run(note, tmp_path / "out", "--model", tmp_path / "mislabelled")
    assert_refused(result, 4, "5 scores", "2 labels")


def test_a_sequence_model_is_refused_by_an_entity_pipeline(spark, sequence_model, note, tmp_path):
    result = run(note, tmp_path / "out", "--model", sequence_model)
    assert_refused(result, 4, "labels no tokens")


# Java


def fake_java(folder, version):
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n", encoding="utf-8")
    java.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("version", "found"), [("1.8.0_412", "Java 8 was"), ("7", "Java 7 was"), (None, "no Java was")]
)
def test_a_java_that_is_missing_or_too_old_is_told(tmp_path, monkeypatch, version, found):
    import pyspark

    from jobs._run.exit_codes import JavaError
    from jobs._run.spark import check_java

    if version == "1.8.0_412" and pyspark.__version__ < "4":
        pytest.skip("this Spark runs on Java 8")
    home = fake_java(tmp_path / "jdk", version) if version else tmp_path / "nowhere"
    monkeypatch.setenv("JAVA_HOME", str(home))
    with pytest.raises(JavaError, match=found) as told:
        check_java()
    assert "\n" not in str(told.value)
    assert "apt-get install openjdk-17" in str(told.value)


@pytest.mark.parametrize("version", ["17.0.15", "21", "21.0.2", "23-ea"])
def test_a_java_that_is_new_enough_will_do(tmp_path, monkeypatch, version):
    from jobs._run.spark import check_java

    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path, version)))
    check_java()


def test_no_java_is_one_line_and_exit_code_5(note, token_model, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JAVA_HOME": str(tmp_path / "nowhere")}
    command = [sys.executable, "-m", "jobs.annotate", str(note), "out", "--model", str(token_model)]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 5
    assert done.stdout == ""
    assert done.stderr.startswith("notemill: Spark ")
    assert done.stderr.count("\n") == 1
