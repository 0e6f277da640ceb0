"""The versions that Notemill is promised on, each in an environment of its own.

    python -m tests.matrix                  # all that this machine has Pythons and Javas for
    python -m tests.matrix --only 3.5.0     # those whose name contains this
    python -m tests.matrix --list           # names, and the interpreter and Java of each
    python -m tests.matrix --make           # the environments alone; --made: take them as they are

Makes .venv-matrix/NAME with the wheel's requirements and those of a cell, and runs a part of the
tests there: stages, saved pipelines, annotate, in some cells Spark Connect. What each gave is
written to docs/support.md, in a row of the table, with the date; what pytest said lies in
.venv-matrix/NAME.log. Exit code: 0 where all that could be run is green.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv-matrix"
PAGE = ROOT / "docs" / "support.md"
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
JAVA = 17
JVMS = Path("/usr/lib/jvm")
ANNOTATE = "tests/jobs/test_annotate.py"
TESTS = [
    "tests/stages/test_toy_stage.py",
    "tests/stages/test_daemon.py",
    "tests/stages/test_saved_across_sparks.py::test_a_kept_pipeline_gives_what_it_gave",
    f"{ANNOTATE}::test_it_says_counts_and_where_the_output_lies",
    *(f"{ANNOTATE}::test_every_format_gives_the_same_entities[notes.{kind}-write_{kind}]"
      for kind in ("csv", "parquet")),
]  # fmt: skip
"""A minute or two of a quiet machine: every stage, saved and loaded, fused and not; the command."""
CONNECT = "tests/jobs/run/test_connect.py"
NEEDED = ["pytest>=8,<10", "hypothesis>=6.100,<7", "onnx>=1.16,<2", "setuptools<82"]
OLDEST = (
    "numpy==1.26.*", "pandas==2.0.*", "pyarrow==14.*", "onnxruntime==1.18.*", "onnx==1.16.*",
    "jinja2==3.1.*", "packaging==23.*", "pydantic==2.7.*", "tokenizers==0.20.*", "typer==0.15.4",
)  # fmt: skip
HEAD = "| cell | Python | Java | pyspark | numpy | pandas | pyarrow | onnxruntime | else |"


@dataclass(frozen=True)
class Cell:
    """An environment: its pyspark, its Python (major.minor), its Java, what else is pinned.

    connect: whether the tests of Spark Connect run in it, too.
    """

    pyspark: str
    python: str
    java: int = JAVA
    pins: tuple[str, ...] = ()
    note: str = "newest of all else"
    connect: bool = False

    @property
    def environment(self) -> str:
        """The name of its environment, which cells of several Javas share."""
        return f"{self.pyspark}-py{self.python}"

    @property
    def name(self) -> str:
        return self.environment + (f"-java{self.java}" if self.java != JAVA else "")


CELLS = [
    Cell("3.5.0", "3.10", pins=OLDEST, note="oldest of all else"),
    *(Cell("3.5.*", python) for python in ("3.11", "3.12")),
    Cell("4.0.*", "3.11", connect=True),
    *(Cell("4.1.*", python) for python in ("3.10", "3.13")),
    Cell("4.1.*", "3.13", java=21),
    Cell("4.2.*", "3.12", connect=True),
    *(Cell("4.3.*", python) for python in ("3.11", "3.12")),
    Cell("4.3.*", "3.13", connect=True),
    *(Cell("4.3.*", "3.11", java=java) for java in (21, 25)),
]
"""pyspark 4.3 takes no Python 3.10; on 3.13 Spark runs from 4.0 on, by its own word."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="cells whose name contains this")
    parser.add_argument("--list", action="store_true", help="print the cells")
    parser.add_argument("--make", action="store_true", help="make the environments, run nothing")
    parser.add_argument("--made", action="store_true", help="take the environments as they are")
    asked = parser.parse_args()
    cells = [cell for cell in CELLS if asked.only in (None, cell.name)]
    cells = cells or [cell for cell in CELLS if asked.only in cell.name]
    if asked.list:
        for cell in cells:
            print(f"{cell.name:<22} {interpreter(cell.python)} {java_home(cell.java)}")
        return 0
    if asked.make:
        for cell in cells:
            print(made(cell), flush=True)
        return 0
    results = [run(cell, python_of(cell) if asked.made else made(cell)) for cell in cells]
    return int(any(result == "failed" for result in results))


def run(cell: Cell, python: Path | None) -> str:
    """Run the tests in the cell's environment, write its row."""
    java = java_home(cell.java)
    if python is None or java is None:
        lacking = f"Python {cell.python}" if python is None else f"Java {cell.java}"
        write_row(cell, f"not run: no {lacking} on the machine", "")
        return "not run"
    tests = [*TESTS, *([CONNECT] if cell.connect else [])]
    started = time.monotonic()
    ran = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=8", *tests],
        cwd=ROOT, env={**environment(), "JAVA_HOME": java}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.monotonic() - started
    (FOLDER / f"{cell.name}.log").write_text(ran.stdout + ran.stderr, "utf-8")
    counted = re.search(r"(\d+ (?:passed|failed|error).*) in ", ran.stdout)
    told = counted[1] if counted else "no result"
    write_row(cell, f"{told} in {seconds:.0f} s", versions(python, cell.java))
    return "failed" if ran.returncode else "green"


def python_of(cell: Cell) -> Path:
    return FOLDER / cell.environment / "bin" / "python"


def made(cell: Cell) -> Path | None:
    """The Python of the cell's environment, brought up to date; None where it cannot be made."""
    found = interpreter(cell.python)
    if found is None:
        return None
    python = python_of(cell)
    if not python.exists():
        subprocess.run([found, "-m", "venv", python.parent.parent], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--use-pep517"]
    project = f"{ROOT}[connect]" if cell.connect else str(ROOT)
    subprocess.run(
        [*pip, "-e", project, f"pyspark=={cell.pyspark}", *cell.pins, *NEEDED], check=True
    )
    return python


def interpreter(version: str) -> str | None:
    """A Python of this minor version: this one, one of the PATH, or one that pyenv has."""
    if version == HERE:
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [shutil.which(f"python{version}"), *map(str, pyenv.glob(f"{version}.*/bin/python"))]
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    return next((p for p in found if p and _said([p, "-c", ask]) == version), None)


def java_home(version: int) -> str | None:
    """The home of a Java of this version that Spark can start: JAVA_HOME, or one of JVMS.

    Spark asks for a module that a Java cut down to some of them lacks.
    """
    homes = [os.environ.get("JAVA_HOME", ""), *sorted(map(str, JVMS.glob("*")))]
    for home in filter(None, homes):
        told = _said([f"{home}/bin/java", "--add-modules=jdk.incubator.vector", "-version"])
        if re.search(rf'version "{version}[."]', told):
            return home
    return None


def _said(command: list[str]) -> str:
    """What a command says, on either stream; nothing where there is none or it fails."""
    try:
        done = subprocess.run(
            command, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def environment() -> dict[str, str]:
    """This process' own, without what it says of its Spark and its Python."""
    theirs = ("SPARK_", "PYSPARK_", "PYTHON", "VIRTUAL_ENV", "NOTEMILL_")
    return {k: v for k, v in os.environ.items() if not k.startswith(theirs)}


def versions(python: Path, java: int) -> str:
    """What is installed in an environment, as the table shows it."""
    names = ("pyspark", "numpy", "pandas", "pyarrow", "onnxruntime")
    script = (
        "import importlib.metadata as m, platform\n"
        f"print(platform.python_version(), {java}, *(m.version(n) for n in {names}))"
    )
    told = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True)
    return " | ".join(told.stdout.split())


def write_row(cell: Cell, result: str, found: str) -> None:
    """Put the cell's row into the table, which has the order of the cells."""
    today = dt.datetime.now(tz=dt.timezone.utc).date().isoformat()
    columns = found or f"{cell.python} | {cell.java} | {cell.pyspark} | | | |"
    connect = ", with Spark Connect" if cell.connect else ""
    row = f"| {cell.name} | {columns} | {cell.note}{connect} | {result} | {today} |"
    lines = PAGE.read_text("utf-8").splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith(HEAD)) + 2
    last = next((i for i in range(first, len(lines)) if not lines[i].startswith("|")), len(lines))
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in lines[first:last]}
    rows[cell.name] = row
    table = [rows[each.name] for each in CELLS if each.name in rows]
    PAGE.write_text("\n".join([*lines[:first], *table, *lines[last:]]) + "\n", "utf-8")
    print(row, flush=True)


if __name__ == "__main__":
    sys.exit(main())
