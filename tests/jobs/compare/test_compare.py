"""notemill compare: how entities are matched, counted with intervals, and shown side by side."""

import json

import pytest
from typer.testing import CliRunner

from annotators.core.views.notes import Entity, Note
from jobs._compare.figures import figures
from jobs._compare.matching import paired
from jobs._formats.conll import conll_lines
from jobs._formats.files import write_as
from jobs._formats.jsonl import json_lines
from jobs._report.run import Run
from jobs._run.exit_codes import InputError
from jobs.cli import app

TEXT = "No chest pain, takes <b> aspirin </b> and metformin for diabetes."


def note(note_id, *entities, text=TEXT):
    return Note(note_id, text, [Entity(b, e, label, text[b:e]) for b, e, label in entities])


CHEST, PAIN, ASPIRIN = (3, 13, "Disease"), (9, 13, "Disease"), (25, 32, "Chemical")
METFORMIN, DIABETES = (42, 51, "Chemical"), (56, 64, "Disease")
GOLD = [note("1", CHEST, ASPIRIN, METFORMIN), note("2", DIABETES), note("3")]
MADE = [note("1", PAIN, (25, 32, "Gene"), DIABETES), note("2", DIABETES), note("4")]


def run(notes, name="run"):
    return Run(name, notes, {})


def found(first, second):
    return [
        (kind, a and (a.begin, a.end), b and (b.begin, b.end))
        for pair in paired(run(first), run(second))
        for kind, a, b in pair.found
    ]


def test_entities_are_matched_by_span_and_label_then_by_one_of_them():
    assert found(GOLD, MADE) == [
        ("label", (25, 32), (25, 32)), ("span", (3, 13), (9, 13)), ("lost", (42, 51), None),
        ("new", None, (56, 64)), ("same", (56, 64), (56, 64)),
    ]  # fmt: skip


def test_an_entity_that_is_there_twice_is_matched_once():
    assert found([note("1", PAIN)], [note("1", PAIN, PAIN)]) == [
        ("same", (9, 13), (9, 13)), ("new", None, (9, 13)),
    ]  # fmt: skip


def test_figures_count_agreement_by_label():
    told = figures(paired(run(GOLD), run(MADE)))

    assert told["kinds"] == {"same": 1, "label": 1, "span": 1, "lost": 1, "new": 1}
    assert (told["notes"], told["notes_that_differ"]) == (2, 1)
    assert told["labels"]["Disease"] | {"interval": 0} == {
        "same": 1, "first": 2, "second": 3, "precision": 0.3333, "recall": 0.5, "f1": 0.4,
        "interval": 0,
    }  # fmt: skip
    assert told["labels"]["Gene"]["recall"] is None
    low, high = told["labels"]["Disease"]["interval"]
    assert low == 0
    assert high == 1


def test_the_interval_covers_the_figure_and_narrows_with_more_notes():
    def width(times):
        ours = [note(f"{n}", DIABETES, ASPIRIN) for n in range(times)]
        theirs = [
            note(f"{n}", *([DIABETES] if n % 2 else [DIABETES, ASPIRIN])) for n in range(times)
        ]
        told = figures(paired(run(ours), run(theirs)))["all"]
        low, high = told["interval"]
        assert low <= told["f1"] <= high
        return high - low

    assert 0 < width(200) < width(20)


def test_texts_may_differ_in_white_space_only():
    spaced = note("1", (4, 15, "Disease"), text="No  chest\n pain, ok")

    assert found([note("1", CHEST, text="No chest pain, ok")], [spaced]) == [
        ("same", (3, 13), (3, 13)),
    ]  # fmt: skip
    with pytest.raises(InputError, match="note 1 has two texts: they differ from character 15"):
        found([note("1", text="No chest pain, ok")], [note("1", text="No chest pain, no")])
    with pytest.raises(InputError, match="two texts"):
        found([note("1", text="No")], [note("1", text="No chest")])


def test_runs_without_a_shared_note_are_refused():
    with pytest.raises(InputError, match="share no note: 3 and 1 notes"):
        paired(run(GOLD), run([note("9")]))


def compare(*arguments):
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


@pytest.fixture
def gold(tmp_path):
    """GOLD in three formats, and MADE as JSON lines."""
    files = [tmp_path / name for name in ("gold.jsonl", "gold.tsv", "made.jsonl")]
    lines = (json_lines(GOLD), conll_lines(GOLD), json_lines(MADE))
    for file, content in zip(files, lines, strict=True):
        file.write_text("".join(content), encoding="utf-8")
    write_as(run(GOLD), "brat", tmp_path / "brat")
    return [files[0], files[1], tmp_path / "brat"], files[2]


def test_gold_of_each_format_gives_the_same_figures(gold, tmp_path):
    golds, made = gold
    told = [compare(g, made, "-o", tmp_path / "d.html", "--json") for g in golds]

    assert [done.exit_code for done in told] == [0, 0, 0]
    one, two, three = (json.loads(done.stdout) for done in told)
    assert one == two == three
    assert one["notes_only_in_first"] == one["notes_only_in_second"] == 1


def test_the_page_shows_notes_that_differ_and_escapes_them(gold, tmp_path):
    (first, *_), made = gold
    done = compare(first, made, "-o", tmp_path / "d.html")

    assert done.exit_code == 0
    assert (
        "1 entities the same, 1 with another label, 1 with another span, 1 lost, 1 new"
        in done.output
    )
    html = (tmp_path / "d.html").read_text("utf-8")
    assert "<b> aspirin" not in html
    assert "&lt;b&gt; <mark" in html
    assert html.count('<details class="pair"') == 1
    assert 'data-l="Gene · other label"' in html
    assert "script-src &#39;none&#39;" in html


def test_the_same_run_twice_differs_nowhere(gold, tmp_path):
    (first, *_), _ = gold
    done = compare(first, first, "-o", tmp_path / "d.html")

    assert "F1 1.000 (1.000 to 1.000)" in done.stdout
    assert "None: both runs have the same entities." in (tmp_path / "d.html").read_text("utf-8")


def test_what_cannot_be_compared_is_told_in_a_line(gold, tmp_path):
    _, made = gold
    done = compare(tmp_path / "none", made)

    assert done.exit_code == 3
    assert len(done.stderr.splitlines()) == 1
