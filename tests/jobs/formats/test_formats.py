"""BRAT, IOB2, JSON lines and FHIR: out and in again, and what is said of files that do not fit."""

import json

import pytest
from typer.testing import CliRunner

from annotators.core.views.notes import Entity, Note
from jobs._formats.brat import brat_files, read_brat
from jobs._formats.conll import conll_lines, read_conll
from jobs._formats.fhir import DERIVATION, fhir_lines
from jobs._formats.files import write_as
from jobs._formats.jsonl import json_lines, read_jsonl
from jobs._report.run import Run
from jobs._run.exit_codes import InputError
from jobs._training.data import read_iob2
from jobs.cli import app

TEXT = "No chest\npain. \U0001f912 Takes aspirin 81 mg."


def entity(begin, end, label, score=None, *facts):
    return Entity(begin, end, label, TEXT[begin:end], score, None, facts)


NOTES = [
    Note("a/1", TEXT, [entity(3, 13, "Disease", 0.5, ("assertion", "absent")),
                       entity(23, 30, "Chemical")]),
    Note(".b 2", "Well.", []),
]  # fmt: skip


def bare(notes):
    return [(n.id, n.text, [(e.begin, e.end, e.label, e.facts) for e in n.entities]) for n in notes]


def written(tmp_path, text, name):
    (tmp_path / name).write_bytes(text.encode())
    return tmp_path / name


def test_brat_goes_out_and_comes_back(tmp_path):
    write_as(Run("run", NOTES, {}), "brat", tmp_path / "brat")

    assert sorted(bare(read_brat(tmp_path / "brat"))) == sorted(bare(NOTES))
    assert (tmp_path / "brat/a%2F1.ann").read_text("utf-8").splitlines() == [
        "T1\tDisease 3 13\tchest pain", "A1\tassertion T1 absent", "T2\tChemical 23 30\taspirin",
    ]  # fmt: skip
    conf = dict(brat_files(NOTES))["annotation.conf"]
    assert "[entities]\nChemical\nDisease\n" in conf
    assert "assertion\tArg:<ENTITY>, Value:absent\n" in conf


def test_brat_entities_of_several_pieces_go_from_first_to_last(tmp_path):
    written(tmp_path, "left and right knee", "n.txt")
    written(tmp_path, "T1\tPart 0 4;15 19\tleft knee\n#1\tNote T1\tsure\n", "n.ann")

    assert bare(read_brat(tmp_path))[0][2] == [(0, 19, "Part", ())]


def test_json_lines_go_out_and_come_back(tmp_path):
    file = written(tmp_path, "".join(json_lines(NOTES)), "gold.jsonl")

    assert read_jsonl(file) == NOTES


def test_iob2_goes_out_and_comes_back_for_training(tmp_path):
    file = written(tmp_path, "".join(conll_lines(NOTES)), "gold.tsv")

    assert [(n.id, [(e.text, e.label) for e in n.entities]) for n in read_conll(file)] == [
        ("a/1", [("chest pain", "Disease"), ("aspirin", "Chemical")]), (".b 2", []),
    ]  # fmt: skip
    first = read_iob2(file, {}).examples[0]
    assert first.tokens == ("No", "chest", "pain", ".")
    assert first.tags == ("O", "B-Disease", "I-Disease", "O")


def test_of_entities_that_overlap_iob2_has_the_longest():
    note = Note("n", "chest pain today", [Entity(0, 5, "Part", ""), Entity(0, 10, "Disease", ""),
                                          Entity(11, 16, "Time", "")])  # fmt: skip

    assert "".join(conll_lines([note])).split("\n")[2:5] == [
        "chest\tB-Disease", "pain\tI-Disease", "today\tB-Time",
    ]  # fmt: skip


def test_iob2_of_a_note_with_tokens_of_blanks_comes_back_for_training(tmp_path):
    """A no-break space is a token of clinical_ner's."""
    note = Note("n", "No \u00a0 fever\n\u00a0\nhas \u00a0 pain", [Entity(18, 24, "Sign", "")])
    file = written(tmp_path, "".join(conll_lines([note])), "gold.tsv")

    assert [(e.tokens, e.tags) for e in read_iob2(file, {}).examples] == [
        (("No", "fever"), ("O", "O")), (("has", "pain"), ("O", "B-Sign")),
    ]  # fmt: skip


def test_iob2_without_ids_is_one_note(tmp_path):
    (note,) = read_conll(written(tmp_path, "Has\tO\nasthma\tB-X\n\nmild\tI-X\n", "gold.tsv"))

    assert note.text == "Has asthma\nmild"
    assert [(e.begin, e.end) for e in note.entities] == [(4, 10), (11, 15)]


def test_fhir_says_where_in_the_note_and_what_is_refuted():
    document, condition, observation, other = map(json.loads, fhir_lines(NOTES))

    assert (document["resourceType"], other["resourceType"]) == ("DocumentReference",) * 2
    assert condition["resourceType"] == "Condition"
    assert condition["verificationStatus"]["coding"][0]["code"] == "refuted"
    assert observation["valueBoolean"] is True
    (place,) = condition["extension"]
    parts = {part["url"]: part for part in place["extension"]}
    assert place["url"] == DERIVATION
    assert (parts["offset"]["valueInteger"], parts["length"]["valueInteger"]) == (3, 10)
    reference = parts["reference"]["valueReference"]["reference"]
    assert reference == f"DocumentReference/{document['id']}"
    assert [*fhir_lines(NOTES)] == [*fhir_lines(NOTES)]


@pytest.mark.parametrize(("line", "said"), [
    ("T1\tDisease 3 99\tx", "n.ann: line 1: characters 3 to 99 do not lie in the text"),
    ("T1\tDisease 0 2\tYe", "n.ann: line 1: the text at 0 to 2 is not"),
    ("T1 Disease 0 2", "n.ann: line 1: expected `T1 TAB Label"),
    ("A1\tNegation T7", "n.ann: line 1: attribute of T7"),
])  # fmt: skip
def test_brat_that_does_not_fit_is_told_by_file_and_line(tmp_path, line, said):
    written(tmp_path, "No pain", "n.txt")
    written(tmp_path, line + "\n", "n.ann")

    with pytest.raises(InputError, match=said):
        read_brat(tmp_path)


@pytest.mark.parametrize(("line", "said"), [
    ("[1]", "gold.jsonl: line 2: expected"),
    ('{"note_id":1,"text":"ab","entities":[{"begin":0,"end":2,"label":"X"}]}', "do not lie"),
    ('{"note_id":1,"text":"ab","entities":[{"begin":0,"end":1,"label":"X","text":"b"}]}', "own"),
    ('{"note_id":1,"text":"ab","entities":[{"begin":0}]}', "line 2: entity 1: expected"),
])  # fmt: skip
def test_json_lines_that_do_not_fit_are_told_by_file_and_line(tmp_path, line, said):
    with pytest.raises(InputError, match=said):
        read_jsonl(written(tmp_path, f"\n{line}\n", "gold.jsonl"))


def test_the_command_writes_each_format_and_reads_it(tmp_path):
    source = written(tmp_path, "".join(json_lines(NOTES)), "in.jsonl")

    def report(*arguments):
        return CliRunner().invoke(app, ["report", *map(str, arguments)])

    for kind, name in (("brat", "b"), ("conll", "c.tsv"), ("jsonl", "j.jsonl"), ("fhir", "f.json")):
        done = report(source, "--export", kind, "-o", tmp_path / name)
        assert done.exit_code == 0, done.output
        assert "2 notes, 2 entities" in done.stdout
        if kind != "fhir":
            done = report(tmp_path / name, "-o", tmp_path / "r.html")
            assert "2 notes, 2 entities" in done.stdout
    assert report(source, "--export", "brat", "-o", tmp_path / "b").exit_code == 3
    assert report(source, "--export", "csv", "-o", tmp_path / "x").exit_code == 2
    assert report(source, "--export", "jsonl").exit_code == 2
    assert report(tmp_path / "f.json").exit_code == 3
