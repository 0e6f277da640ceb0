"""The verbs of the command line, each imported when it is asked for.

So a verb starts without what only others need, and where a package cannot be imported `notemill
doctor` works, and says why.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from jobs._run.exit_codes import UNEXPECTED
from jobs._run.told import DOCTOR, cannot_import

VERBS = {
    "doctor": "jobs.doctor:doctor",
    "annotate": "jobs.annotate:annotate",
    "etl": "jobs.etl:etl",
    "demo": "jobs.demo:demo",
    "models": "jobs.models:models",
    "evaluate": "jobs.evaluate:evaluate",
    "report": "jobs.report:report",
    "compare": "jobs.compare:compare",
    "accelerate": "jobs.accelerate:accelerate",
    "adapt": "jobs.adapt:main",
    "train": "jobs.train:main",
    "export": "jobs.export:main",
}
"""Module and function of each verb, in the order of the help."""

_OWN_DEBUG = "doctor"
"""It has the option itself, since it runs where nothing else can be imported."""


class Verbs(TyperGroup):
    """The verbs; one that cannot be imported tells what is missing."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (typer's)
        """The names of all verbs."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 (typer's)
        """The verb of that name; None where there is none or it cannot be imported."""
        if cmd_name in VERBS and cmd_name not in self.commands and lacking(cmd_name) is None:
            self.commands[cmd_name] = _command(cmd_name)
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The verb that is asked for. Ends the process where it cannot be imported."""
        if args[0] not in VERBS:
            for name in VERBS:  # typer suggests one of those that it knows
                self.get_command(ctx, name)
        elif self.get_command(ctx, args[0]) is None:
            typer.echo(f"notemill: {lacking(args[0])} {DOCTOR}", err=True)
            raise typer.Exit(UNEXPECTED)
        return super().resolve_command(ctx, args)


def commands() -> dict[str, Any]:
    """Every verb as a command. Raises what importing it raises."""
    return {name: _command(name) for name in VERBS}


def lacking(*names: str) -> str | None:
    """What cannot be imported, of these verbs or of all: a line on the first that fails."""
    return next(filter(None, map(_lacking, names or VERBS)), None)


def _lacking(name: str) -> str | None:
    try:
        _job(name)
    except Exception as failure:  # noqa: BLE001 (a broken package may raise anything)
        return cannot_import(failure)
    return None


def _job(name: str) -> Any:
    """The function that a verb runs."""
    module, _, function = VERBS[name].partition(":")
    job = getattr(import_module(module), function)
    if name == _OWN_DEBUG:
        return job
    from jobs._run.command import verb  # noqa: PLC0415 (needs pyspark, and doctor must not)

    return verb(job)


def _command(name: str) -> Any:
    """A verb as a command, as typer makes it of an app with one."""
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name)(_job(name))
    return typer.main.get_command(alone)
