"""The versions that Notemill is promised on, each in an environment of its own.

    python -m tests.matrix                  # all that this machine has Pythons for
    python -m tests.matrix --only 3.5.0     # those whose name contains this
    python -m tests.matrix --list

Makes .venv-matrix/NAME with the wheel's requirements and those of a cell, and runs a part of the
tests there: stages, saved pipelines, annotate. What each gave is written to docs/support.md, in a
row of the table, with the date. Exit code: 0 where all that could be run is green.
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
TESTS = [
    "tests/stages/test_toy_stage.py",
    "tests/stages/test_saved_format.py",
    "tests/stages/test_saved_across_sparks.py::test_a_kept_pipeline_gives_what_it_gave",
    "tests/jobs/test_annotate.py::test_every_format_gives_the_same_entities",
    "tests/jobs/test_annotate.py::test_it_says_counts_and_where_the_output_lies",
]
NEEDED = ["pytest>=8,<10", "hypothesis>=6.100,<7", "onnx>=1.16,<2", "setuptools<82"]
OLDEST = ["numpy==1.26.*", "pandas==2.0.*", "pyarrow==14.*", "onnxruntime==1.18.*", "onnx==1.16.*"]


@dataclass(frozen=True)
class Cell:
    """An environment: its pyspark, its Python (major.minor), what else is pinned."""

    pyspark: str
    python: str = HERE
    pins: tuple[str, ...] = ()
    note: str = "newest of all else"

    @property
    def name(self) -> str:
        return f"{self.pyspark}-py{self.python}"


CELLS = [
    Cell("3.5.0", pins=tuple(OLDEST), note="oldest numpy, pandas, pyarrow, onnxruntime"),
    *(Cell(spark) for spark in ("3.5.*", "4.0.*", "4.1.*", "4.2.*", "4.3.*")),
    *(Cell("4.3.*", python) for python in ("3.10", "3.11", "3.12") if python != HERE),
    Cell("3.5.*", "3.12") if HERE != "3.12" else Cell("3.5.*", "3.10"),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="cells whose name contains this")
    parser.add_argument("--list", action="store_true", help="print the cells")
    asked = parser.parse_args()
    cells = [cell for cell in CELLS if not asked.only or asked.only in cell.name]
    if asked.list:
        print("\n".join(cell.name for cell in cells))
        return 0
    results = [run(cell) for cell in cells]
    return int(any(result == "failed" for result in results))


def run(cell: Cell) -> str:
    """Make the cell's environment, run the tests in it, write its row."""
    interpreter = shutil.which(f"python{cell.python}") if cell.python != HERE else sys.executable
    if interpreter is None:
        write_row(cell, f"not run: no python{cell.python} on the machine", "")
        return "not run"
    python = FOLDER / cell.name / "bin" / "python"
    if not python.exists():
        subprocess.run([interpreter, "-m", "venv", python.parent.parent], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    wanted = [f"pyspark=={cell.pyspark}", *cell.pins, *NEEDED]
    subprocess.run([*pip, "-e", str(ROOT), *wanted], check=True)
    started = time.monotonic()
    ran = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(ran.stdout[-3_000:], ran.stderr[-1_000:], flush=True)
    counted = re.search(r"(\d+ (?:passed|failed|error).*) in ", ran.stdout)
    told = counted[1] if counted else "no result"
    seconds = time.monotonic() - started
    write_row(cell, f"{told} in {seconds:.0f} s", versions(python))
    return "failed" if ran.returncode else "green"


def environment() -> dict[str, str]:
    """This process' own, without what it says of its Spark and its Python."""
    theirs = ("SPARK_", "PYSPARK_", "PYTHON", "VIRTUAL_ENV")
    return {k: v for k, v in os.environ.items() if not k.startswith(theirs)}


def versions(python: Path) -> str:
    """What is installed in an environment, as the table shows it."""
    names = ("pyspark", "numpy", "pandas", "pyarrow", "onnxruntime")
    script = (
        "import importlib.metadata as m, platform\n"
        f"print(platform.python_version(), *(m.version(n) for n in {names}))"
    )
    told = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True)
    return " | ".join(told.stdout.split())


def write_row(cell: Cell, result: str, found: str) -> None:
    """Put the cell's row into the table, in the place of its last."""
    today = dt.datetime.now(tz=dt.timezone.utc).date().isoformat()
    columns = found or f"{cell.python} | {cell.pyspark} | | | |"
    columns = " | ".join(columns.split(" | ")) if found else columns
    row = f"| {cell.name} | {columns} | {cell.note} | {result} | {today} |"
    lines = PAGE.read_text("utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(f"| {cell.name} |")]
    end = max(i for i, line in enumerate(kept) if line.startswith("|")) + 1
    PAGE.write_text("\n".join([*kept[:end], row, *kept[end:]]) + "\n", "utf-8")
    print(row, flush=True)


if __name__ == "__main__":
    sys.exit(main())
