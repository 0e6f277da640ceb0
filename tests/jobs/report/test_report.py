"""notemill report: what it reads, counts, packs and writes, and what it says of bad input."""

import base64
import gzip
import itertools
import json
import random
import re

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from annotators.core.views.rebuilding import rebuilt
from jobs._report.pages import packed
from jobs._report.reading import read_run
from jobs._report.texts import fits
from jobs.cli import app

NOTES = {"n1": "No fever. <script>alert('x')</script> aspirin", "n2": "Asthma.", "n3": ""}
ENTITIES = [
    ("n1", 3, 8, "Disease", 0.91, "absent", "Plan"),
    ("n1", 38, 45, "Chemical", 0.5, "present", None),
    ("n2", 0, 6, "Disease", 0.99, "present", "Plan"),
]
FACTS = ("assertion", "section")


def report(*arguments):
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


def unpacked(html, name):
    """The values of an embedded script."""
    text = re.search(rf'<script type="text/plain" id="{name}">([^<]*)</script>', html)[1]
    return json.loads(gzip.decompress(base64.b64decode(text)))


def test_a_run_is_one_file_with_its_figures_and_its_notes(make_run, tmp_path):
    folder = make_run(NOTES, ENTITIES, extra=FACTS, errors={"n3": "Tokenizer: ValueError"})
    file = tmp_path / "report.html"
    done = report(folder, "-o", file, "--json")

    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)
    assert (figures["notes"], figures["entities"], figures["notes_with_errors"]) == (3, 3, 1)
    assert figures["labels"] == {"Disease": 2, "Chemical": 1}
    assert figures["by_fact"]["assertion"]["Disease"] == {"absent": 1, "present": 1}
    assert figures["errors"] == {"Tokenizer: ValueError": 1}
    assert [b["count"] for b in figures["scores"]] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 2]
    html = file.read_text("utf-8")
    first, second, third = unpacked(html, "p0")
    assert "nm-no" in first
    assert 'data-l="Disease · absent"' in first
    assert "&lt;script&gt;" in first
    assert ">Asthma</mark>." in second
    assert 'data-l="Disease"' in second
    assert third == '<div class="nm-text" dir="auto"></div>'
    assert "alert" not in html
    assert [row[0] for row in unpacked(html, "index")["notes"]] == ["n1", "n2", "n3"]
    assert file.stat().st_mode & 0o077 == 0


def test_columns_of_other_stages_may_be_missing(make_run):
    run = read_run(str(make_run(NOTES, [e[:5] for e in ENTITIES])))

    assert [e.negated for e in run.notes[0].entities] == [False, False]
    assert run.notes[0].text == NOTES["n1"]


@pytest.mark.parametrize(("name", "value", "negated"), [
    ("negation", "true", True), ("negation", "false", False), ("assertion", "absent", True),
    ("assertion", "possible", False), ("negated", "negated", True),
])  # fmt: skip
def test_negation_is_known_by_column_or_value(make_run, name, value, negated):
    run = read_run(str(make_run({"a": "abc"}, [("a", 0, 3, "X", 1.0, value)], extra=(name,))))

    assert run.notes[0].entities[0].negated is negated


def test_sentence_labels_are_shown_and_counted(make_run, tmp_path):
    folder = make_run({"a": "It <b>spread</b>."}, [], labels={"a": ["1"]})
    done = report(folder, "-o", tmp_path / "r.html", "--json")

    assert json.loads(done.stdout)["sentence_labels"] == {"class": {"1": 1}}
    (note,) = unpacked((tmp_path / "r.html").read_text("utf-8"), "p0")
    assert "<td>class</td><td>1</td><td>0.750</td>" in note
    assert "It &lt;b&gt;spread&lt;/b&gt;." in note


def test_texts_are_put_together_so_that_offsets_hold():
    text = rebuilt([(2, 4, "abc"), (6, 6, "d"), (10, 12, "efg"), (14, 16, "- h"), (3, 5, "xyz")])

    assert text == "\n\nabc d\n\n efg\n- h"
    assert (text[2:5], text[6], text[10:13]) == ("abc", "d", "efg")
    assert fits(text, "  abc\td\n\n\nefg\n- h\n")
    assert not fits(text, "  abc\td\n\n\nefg\n- i\n")


def test_of_more_notes_than_fit_evenly_spaced_ones_are_shown(make_run, tmp_path):
    letters = random.Random(3)
    notes = {
        f"n{n:04}": "".join(letters.choices("abcdefghijklmnopqrstuvwxyz ", k=2_000))
        for n in range(1_500)
    }
    done = report(make_run(notes, []), "-o", tmp_path / "r.html", "--max-mb", "1")

    assert done.exit_code == 0
    assert (tmp_path / "r.html").stat().st_size < 1_000_000
    shown = int(re.search(r"\((\d+) of them shown", done.stdout)[1])
    html = (tmp_path / "r.html").read_text("utf-8")
    listed = [int(row[0][1:]) for row in unpacked(html, "index")["notes"]]
    assert 300 < len(listed) == shown
    assert max(b - a for a, b in itertools.pairwise(listed)) <= 1_500 / shown + 1
    assert f"{shown:,} of 1,500 notes are shown" in html


def test_one_note_that_does_not_fit_is_shown_all_the_same(make_run):
    run = read_run(str(make_run({"big": "x" * 1_000_000}, [])))

    assert packed(run.notes, {}, 10).shown == 1


def test_a_run_without_entities_is_shown(make_run, tmp_path):
    done = report(make_run({"a": "Well."}, []), "-o", tmp_path / "r.html")

    assert done.exit_code == 0
    assert "1 notes, 0 entities" in done.stdout


def said(done):
    """The one line of a failed command."""
    assert done.exit_code == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith("notemill: ")
    return line


def test_what_is_no_run_is_told_in_a_line(make_run, tmp_path):
    assert "there is no folder" in said(report(tmp_path / "none"))
    assert "no folder notes/" in said(report(tmp_path))
    assert "is not on this machine" in said(report("s3://bucket/out"))
    folder = make_run(NOTES, [])
    (folder / "notes/_SUCCESS").unlink()
    assert "has no _SUCCESS" in said(report(folder))
    (folder / "notes/_SUCCESS").touch()
    (folder / "notes/part-00000.parquet").write_bytes(b"PAR1 no")
    assert "cannot be read as Parquet" in said(report(folder))
    (folder / "notes/part-00000.parquet").unlink()
    assert "holds no Parquet files" in said(report(folder))


def test_tables_of_other_tools_and_other_runs_are_told(make_run, tmp_path):
    import pyarrow.parquet as pq

    folder = make_run(NOTES, ENTITIES, extra=FACTS)
    table = pa.table({"note_id": ["n9"], "begin": [0], "end": [1], "text": ["x"], "label": ["L"]})
    pq.write_table(table, folder / "entities/part-00000.parquet")
    assert "of different runs" in said(report(folder))
    pq.write_table(table.drop_columns(["label"]), folder / "entities/part-00000.parquet")
    assert "lacks label" in said(report(folder))
    pq.write_table(pa.table({"a": [1]}), folder / "notes/part-00000.parquet")
    assert "has the columns a" in said(report(folder))


def test_a_place_that_cannot_be_written_is_told(make_run, tmp_path):
    folder = make_run(NOTES, [])

    assert "cannot write" in said(report(folder, "-o", tmp_path / "none" / "r.html"))
    assert "would be replaced" in said(report(folder, "-o", folder))
    assert [f.name for f in tmp_path.iterdir()] == ["out"]
