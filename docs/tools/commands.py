"""The page of the commands, from their help: made when the site is built."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from jobs._run.verbs import commands

HEAD = """\
# Command line

`notemill VERB --help` shows the same. Every verb takes `--debug`, which keeps the log of Spark and Java, names it and
shows where a failure came from. `notemill --install-completion` installs completion for your shell.

| exit code | meaning |
|---|---|
| 0 | done; single notes may carry an error, see the counts |
| 1 | unexpected failure, or every note failed |
| 2 | wrong usage |
| 3 | unusable input or output, or no note could be read |
| 4 | model missing, changed or unreadable |
| 5 | no Java |
| 6 | `etl`: another run holds the sink |
| 7 | `etl`: more errors than `max_error_rate` |
"""


def page() -> str:
    """The page's text."""
    return HEAD + "".join(f"\n{_section(name, made)}" for name, made in commands().items())


def _section(name: str, command: Any) -> str:
    prose, examples = _told(inspect.cleandoc(command.help or ""))
    usage = " ".join(
        _argument(p) if p.required else f"[{_argument(p)}]"
        for p in command.params
        if p.param_type_name == "argument"
    )
    lines = "\n".join(examples)
    return (
        f"## notemill {name}\n\n{prose}\n\n"
        f"```bash\n{lines}\n```\n\n"
        f"`notemill {name} {usage} [OPTIONS]`\n\n"
        "| | default | what it is |\n|---|---|---|\n" + "\n".join(_rows(command)) + "\n"
    )


def _told(text: str) -> tuple[str, list[str]]:
    """The help without its examples, and these."""
    lines = text.splitlines()
    examples = [line.strip() for line in lines if line.strip().startswith("notemill ")]
    prose = "\n".join(line for line in lines if line.strip() not in examples)
    prose = re.sub(r"\s*Examples?:\s*$", "", prose.strip())
    return re.sub(r"\n{3,}", "\n\n", prose), examples


def _rows(command: Any) -> Iterator[str]:
    for param in command.params:
        if param.name in ("help", "debug"):
            continue
        argument = param.param_type_name == "argument"
        name = _argument(param) if argument else ", ".join(_names(param))
        default = _default(param)
        told = " ".join((param.help or "").split()).replace("|", "\\|")
        yield f"| `{name}` | {default} | {told} |"


def _argument(param: Any) -> str:
    return str(param.name).upper()


def _names(param: Any) -> list[str]:
    return [*param.opts, *param.secondary_opts]


def _default(param: Any) -> str:
    if param.required:
        return "required"
    value = param.default
    return "" if value in (None, False, "", (), []) or callable(value) else f"`{value}`"
