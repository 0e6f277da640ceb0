"""The first command of a newcomer: `python3 jobs/demo.py` in a fresh clone, or `notemill demo`.

It makes the environment (.venv, once), annotates the notes that come with the project, shows
entities that it found, and writes a report of them that a browser shows. Until the environment is
there it uses nothing but Python's own library.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "jobs" / "sample" / "notes.jsonl"
ENVIRONMENT = ROOT / ".venv"
SHOWN = 25
COLUMNS = ("note_id", "begin", "end", "text", "label", "score", "assertion", "section")
SUPPORTED = ((3, 10), (3, 14))


def demo(output: str = "out", master: str | None = None, rows: int = SHOWN) -> None:
    """Annotate the sample notes, print the first entities, write a report. OUTPUT is replaced.

    A browser shows OUTPUT/report.html. Example:

        notemill demo --output out
    """
    from jobs._run.spark import spark_session
    from jobs.annotate import annotate
    from jobs.report import report

    annotate(str(SAMPLE), output, master=master, overwrite=True)
    spark = spark_session("notemill demo", master)
    table = spark.read.parquet(f"{output}/entities").orderBy("note_id", "begin")
    table.select(*COLUMNS).show(rows, truncate=40)
    print(f"Annotated notes: {output}/notes. All entities: {output}/entities (Parquet).")
    page = Path(output).absolute() / "report.html"
    report(output, page, notes=str(SAMPLE))
    print(f"Open it in a browser: {page.as_uri()}")


def pip_install(python: Path, *asked: str) -> None:
    """Install what is asked for by pip's arguments."""
    quiet = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([python, "-m", "pip", "install", *quiet, *asked], check=True)


def environment(extras: str = "", install: Callable[..., None] = pip_install) -> Path:
    """The Python of .venv, with this project (and the extras) installed in it.

    Exits with one line where this Python is not one that the project runs on.
    """
    first, beyond = SUPPORTED
    if not first <= sys.version_info[:2] < beyond:
        found = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"notemill: Python 3.10 to 3.13 is needed, found {found}.")
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        print(f"Making the environment in {ENVIRONMENT} …", flush=True)
        venv.create(ENVIRONMENT, with_pip=True)
    install(python, "-e", f"{ROOT}{extras}")
    return python


if __name__ == "__main__":
    command = [str(environment()), "-m", "jobs.cli", "demo"]
    sys.exit(subprocess.run(command, check=False, cwd=ROOT).returncode)
