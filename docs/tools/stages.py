"""The page of the stages, from the code: `python -m docs.tools.stages` writes docs/stages.md."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from pyspark.ml.param import Param, Params

import annotators
from docs.tools.examples import EXAMPLES, PRELUDE

PAGE = Path(__file__).resolve().parents[1] / "stages.md"
SHARED = ("inputCols", "outputCol", "errorCol", "lazyAnnotator")
HEAD = f"""\
# Stages

<!-- Made by `python -m docs.tools.stages` from the code; tests/docs/test_made_pages.py keeps it current. -->

Names, setters, getters and defaults are Spark NLP's; `DIFFERENCES.md` lists what differs. Each param has a setter
(`setInputCols`), a getter (`getInputCols`) and a keyword of the constructor. All stages have these:

| param | what it is |
|---|---|
| `inputCols` | annotation columns to read, in any order: found by their annotator type |
| `outputCol` | annotation column to write |
| `errorCol` | string column that names stage and exception class of a row that failed; unset, a row that fails ends the job |
| `lazyAnnotator` | Spark NLP's flag, kept |

An annotation is a struct of `annotatorType`, `begin`, `end` (inclusive, in characters), `result`, `metadata` and
`embeddings`. The examples below are run in order, after this:

```python
{PRELUDE}```
"""


def page() -> str:
    """The page's text."""
    return HEAD + "".join(f"\n{_section(name)}" for name in EXAMPLES)


def _section(name: str) -> str:
    thing = getattr(annotators, name)
    module = inspect.getdoc(inspect.getmodule(thing)) or ""
    said = module.split("\n\n")[0].partition(": ")[2].rstrip(".")
    told = [f"## {name}\n", f"{said[:1].upper()}{said[1:]}.\n"]
    told += _reads_and_writes(module)
    told.append(f"{_prose(inspect.getdoc(thing) or '')}\n")
    told += _params(thing)
    code, printed = EXAMPLES[name]
    told.append(f"```python\n{code}```\n\n```text\n{printed}\n```\n")
    return "\n".join(told)


def _reads_and_writes(module: str) -> list[str]:
    found = re.search(r"^in:  (.*?)\nout: (.*?)(?:\n\n|\Z)", module, re.DOTALL | re.MULTILINE)
    if found is None:
        return []
    reads, writes = (" ".join(part.split()) for part in found.groups())
    return [f"- reads: {reads}\n- writes: {writes}\n"]


def _prose(doc: str) -> str:
    """A docstring's paragraphs, each in a line."""
    return "\n\n".join(" ".join(part.split()) for part in doc.split("\n\n"))


def _params(thing: Any) -> list[str]:
    if not inspect.isclass(thing) or not issubclass(thing, Params):
        return _methods(thing) if inspect.isclass(thing) else []
    stage = thing()
    own = [param for param in stage.params if param.name not in SHARED]
    if not own:
        return []
    rows = (f"| `{p.name}` | {_default(stage, p)} | {_cell(p.doc)} |" for p in own)
    return ["\n".join(["| param | default | what it is |", "|---|---|---|", *rows]) + "\n"]


def _methods(thing: type) -> list[str]:
    rows = (
        f"| `{name}` | {_cell((inspect.getdoc(method) or '').split(chr(10))[0])} |"
        for name, method in vars(thing).items()
        if inspect.isfunction(method) and not name.startswith("_")
    )
    return ["\n".join(["| method | what it does |", "|---|---|", *rows]) + "\n"]


def _default(stage: Params, param: Param[Any]) -> str:
    if not stage.hasDefault(param):
        return ""
    value = stage.getOrDefault(param)
    return f"`{_cell(_shown(value))}`" if value not in ("", [], {}) else "empty"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
