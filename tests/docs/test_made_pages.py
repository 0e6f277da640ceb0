"""Pages that are made from the code are current, and every verb's help has an example that parses."""

import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from docs.tools import commands, stages
from jobs._run.verbs import commands as verbs
from jobs.cli import app

VERBS = verbs()


def test_the_page_of_the_stages_is_current():
    assert Path(stages.PAGE).read_text("utf-8") == stages.page(), "run: python -m docs.tools.stages"


def test_every_public_stage_is_on_the_page():
    import annotators

    others = {"Annotation", "Pipeline", "PipelineModel", "TokenizerModel", "display", "start"}
    assert {*annotators.__all__} - {*stages.EXAMPLES} == others


def test_the_page_of_versions_has_a_row_for_each_cell_of_the_matrix():
    from tests.matrix import CELLS, HEAD, PAGE

    table = PAGE.read_text("utf-8").partition(HEAD)[2].partition("\n\n")[0].splitlines()[2:]
    assert [row.split(" | ")[0].removeprefix("| ") for row in table] == [c.name for c in CELLS]


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_each_verb_has_an_example_of_it(verb):
    shown = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert shown.exit_code == 0
    examples = [
        line for line in shown.stdout.splitlines() if line.strip(" │").startswith("notemill ")
    ]
    assert examples

    for example in examples:
        _, named, *arguments = shlex.split(example.strip(" │"))
        assert named == verb
        assert VERBS[verb].make_context(verb, arguments).params


def test_the_page_of_the_commands_has_every_verb_and_option():
    page = commands.page()
    for verb, command in VERBS.items():
        assert f"## notemill {verb}\n" in page
        for option in {o for p in command.params for o in p.opts if o.startswith("--")} - {
            "--help",
            "--debug",
        }:
            assert option in page
