"""MACCROBAT's spans to IOB2 by the pipeline's own sentences and tokens."""

import json
from collections import Counter

import pytest

from jobs._training.data import read_iob2
from jobs.recipes.clinical import dataset

TEXT = "A 28-year-old man had severe chest and back pain.\nHe took aspirin 100 mg daily."


def span(words, label, *parts):
    begin = TEXT.index(words)
    return [begin, begin + len(words), label, *parts]


def tags(*entities):
    counts = Counter()
    sentences = list(dataset.tagged(TEXT, entities, counts))
    return [pair for sentence in sentences for pair in sentence if pair[1] != "O"], counts


def test_kept_types_by_their_new_names():
    found, counts = tags(
        span("28-year-old", "Age"), span("100 mg", "Dosage"), span("daily", "Frequency"),
        span("had", "Coreference"),
    )  # fmt: skip

    assert found == [
        ("28-year-old", "B-Age"), ("100", "B-Dosage"), ("mg", "I-Dosage"), ("daily", "B-Dosage"),
    ]  # fmt: skip
    assert +counts == {"entities of kept types": 3, "entities written": 3}


def test_the_longest_of_nested_entities_stays():
    inner, outer = span("chest", "Biological_structure"), span("severe chest", "Sign_symptom")

    found, counts = tags(inner, outer)

    assert found == [("severe", "B-Sign_symptom"), ("chest", "I-Sign_symptom")]
    assert counts["nested or overlapping, left out"] == 1


def test_the_same_span_twice_is_the_first_kept_type():
    found, _ = tags(span("aspirin", "Therapeutic_procedure"), span("aspirin", "Medication"))

    assert found == [("aspirin", "B-Medication")]


def test_the_longest_part_of_a_discontinuous_entity_stays():
    begin = TEXT.index("chest")
    parts = [[begin, begin + 5], [begin + 10, begin + 19]]
    found, counts = tags(span("chest and back pain", "Sign_symptom", parts))

    assert found == [("back", "B-Sign_symptom"), ("pain", "I-Sign_symptom")]
    assert counts["discontinuous, longest part kept"] == 1


def test_a_text_with_a_token_of_blanks_is_read_again(tmp_path):
    """ACI-BENCH has a line that is one no-break space."""
    texts = tmp_path / "texts.jsonl"
    texts.write_text(json.dumps({"text": "No fever.\n\n\u00a0\n\nNo cough."}), "utf-8")
    dataset.write([texts], tmp_path / "plain.tsv", labelled=False)

    assert [e.tokens for e in read_iob2(tmp_path / "plain.tsv", {}).examples] == [
        ("No", "fever", "."), ("No", "cough", "."),
    ]  # fmt: skip


def test_an_entity_over_two_sentences_is_one_in_each():
    found, counts = tags(span("pain.\nHe", "Sign_symptom"))

    assert found == [
        ("pain", "B-Sign_symptom"), (".", "I-Sign_symptom"), ("He", "B-Sign_symptom"),
    ]  # fmt: skip
    assert counts["entities cut by a sentence's end"] == 1


def test_an_entity_of_less_than_half_a_token_is_told():
    found, counts = tags(span("year", "Duration"))

    assert found == []
    assert counts["without a token, left out"] == 1


def test_files_are_written_and_what_went_is_told(tmp_path, capsys):
    row = {"id": "1", "text": TEXT, "entities": [span("man", "Sex"), span("aspirin", "Medication")]}
    for part in dataset.PARTS:
        (tmp_path / f"{part}.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")

    notes = tmp_path / "notes.jsonl"
    notes.write_text(json.dumps({"text": "Chest pain."}) + "\n", encoding="utf-8")

    dataset.main(tmp_path, tmp_path / "out", [notes])

    plain = (tmp_path / "out" / "plain.tsv").read_text(encoding="utf-8")
    assert plain == "Chest\tO\npain\tO\n.\tO\n\n"
    lines = (tmp_path / "out" / "devel.tsv").read_text(encoding="utf-8").split("\n")
    assert "man\tB-Sex" in lines
    assert lines.count("") == 3  # two sentences, each with a blank line, and the file's end
    assert "train: 1 reports, 2 entities of kept types" in capsys.readouterr().out


def test_a_file_that_is_no_corpus_is_refused_in_one_line(tmp_path):
    (tmp_path / "train.jsonl").write_text('{"text": "x"}\n', encoding="utf-8")

    with pytest.raises(SystemExit, match=r"train\.jsonl: line 1: .*entities"):
        dataset.main(tmp_path, tmp_path / "out")
