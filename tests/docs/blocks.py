"""Code blocks of the pages: how they are found, and how they are run.

A comment before a block, `<!-- not run: WHY -->`, says why it is not run. Blocks of Python share one namespace a page;
a text block right behind one holds what it prints. Bash blocks hold `notemill` commands, run in this process.
"""

import contextlib
import io
import re
import shlex
from pathlib import Path
from typing import NamedTuple

from typer.testing import CliRunner

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / ".github").glob("*.md")),
]
RUN = ("python", "bash")
SHOWN = ("text", "mermaid", "json", "yaml", "ini", "sql", "xml", "")
_BLOCK = re.compile(
    r"(?:<!-- (?P<mark>[^\n]*?) -->\n)?^```(?P<kind>\w*)[^\n]*\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


class Block(NamedTuple):
    """A block of a page: its kind, its code, the mark before it, its line."""

    kind: str
    code: str
    mark: str
    line: int

    @property
    def reason(self):
        """Why it is not run, "" where it is."""
        return self.mark.partition("not run: ")[2] if self.mark.startswith("not run") else ""


def blocks(page):
    text = page.read_text("utf-8")
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("code"))
        yield Block(found["kind"], found["code"], found["mark"] or "", line)


def commands(code):
    """The commands of a bash block, each as its words; a backslash joins lines, # begins a comment."""
    for line in code.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words:
            yield words


def run_page(page, namespace, more=lambda words: words):
    """Run the page's blocks, in order, in the working folder; more: adds to a command's words."""
    found = list(blocks(page))
    for at, block in enumerate(found):
        if block.reason or block.kind not in RUN:
            continue
        where = f"{page.name}:{block.line}"
        if block.kind == "bash":
            for words in commands(block.code):
                command(where, more(words))
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block.code, where, "exec"), namespace)
        after = found[at + 1] if at + 1 < len(found) else None
        if after is not None and after.kind == "text":
            assert printed.getvalue().strip() == after.code.strip(), where


def command(where, words):
    from jobs.cli import app

    assert words[0] == "notemill", f"{where}: mark a block that is not run: <!-- not run: WHY -->"
    done = CliRunner().invoke(app, words[1:])
    assert done.exit_code == 0, (where, words, done.output, done.exception)
