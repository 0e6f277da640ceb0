"""Every verb has the arguments and options that its function declares."""

from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from jobs._run.verbs import commands
from jobs.cli import app

COMMANDS = commands()


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("train", ["base", "out"]),
        ("adapt", ["base", "out"]),
        ("export", ["source", "out"]),
    ],
)
def test_what_is_declared_an_option_is_none_of_the_arguments(verb, arguments):
    found = [p.name for p in COMMANDS[verb].params if p.param_type_name == "argument"]

    assert found == arguments


def test_options_have_their_own_names():
    names = {name for parameter in COMMANDS["train"].params for name in parameter.opts}

    assert {"--train", "--map", "--debug"} <= names
    assert "--rename" not in names


def test_the_version_is_the_packages():
    done = CliRunner().invoke(app, ["--version"])

    assert done.stdout == f"notemill {version('notemill')}\n"


def test_a_models_card_is_printed_by_name_and_its_files_are_verified():
    name = "sentence_detector_dl_healthcare"
    card = CliRunner().invoke(app, ["models", name])

    assert card.exit_code == 0
    assert name in card.stdout
    assert "licen" in card.stdout.lower()
    assert CliRunner().invoke(app, ["models", name, "--verify"]).stdout == f"{name}: unchanged\n"
    assert CliRunner().invoke(app, ["models", "nobody"]).exit_code == 4


def test_completion_can_be_installed():
    assert "--install-completion" in CliRunner().invoke(app, ["--help"]).stdout


def test_all_verbs_are_in_the_help_and_a_mistyped_one_gets_a_suggestion():
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200", "TERM": "dumb"}).stdout
    assert [verb for verb in COMMANDS if verb not in shown] == []

    told = CliRunner().invoke(app, ["anotate"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert told.exit_code == 2
    assert "Did you mean 'annotate'" in told.output
