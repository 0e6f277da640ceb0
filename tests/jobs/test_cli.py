"""Every verb has the arguments and options that its function declares."""

import pytest
import typer

from jobs.cli import app

COMMANDS = typer.main.get_command(app).commands


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
