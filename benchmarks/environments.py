"""What the real Spark NLP 5.5.3 needs, for tests and benchmark: its Python on Spark 3.5, its JARs.

Python's own library only: tests/run.py asks before anything is installed.
"""

from __future__ import annotations

import os
import subprocess
import venv
from pathlib import Path

from benchmarks.processes import ROOT
from jobs.demo import pip_install

PYTHON_VARIABLE, JARS_VARIABLE = "NOTEMILL_BENCHMARK_SPARK_NLP", "SPARK_NLP_JARS"
FOLDER = ROOT / ".venv-interop"
SPARK = "pyspark==3.5.9"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"


def spark_nlp_python() -> str:
    """The Python of that environment: as the variable names it, else made here (a minute or two).

    It runs Notemill, too, so that both can be compared on one Spark.
    """
    named = os.environ.get(PYTHON_VARIABLE)
    if named:
        return named
    python = FOLDER / "bin" / "python"
    if not python.exists():
        print(f"Making the environment of Spark NLP in {FOLDER} …", flush=True)
        venv.create(FOLDER, with_pip=True)
    uv_install(python, "-e", f"{ROOT}[test,interop]", SPARK)
    return str(python)


def uv_install(python: Path, *asked: str) -> None:
    """Install what pip would, by uv in a fifth of the time; by pip where uv cannot.

    uv does not know pip's settings: on a machine that has a mirror of its own, it may find nothing.
    """
    try:
        pip_install(python, "uv")
        uv = [python, "-m", "uv", "pip", "install", "--quiet", "--python", python]
        subprocess.run([*uv, *asked], check=True)
    except subprocess.CalledProcessError:
        print("uv cannot install this here; pip does.", flush=True)
        pip_install(python, *asked)


def spark_nlp_jars() -> list[str]:
    """Spark NLP's JARs (290 MB), fetched by Maven where they are not there yet."""
    default = Path.home() / ".cache" / "spark-nlp-5.5.3"
    folder = Path(os.environ.get(JARS_VARIABLE, default))
    complete = folder / ".complete"
    if not complete.exists():
        folder.mkdir(parents=True, exist_ok=True)
        pom = ROOT / "tests" / "interop" / "pom.xml"
        options = [f"-DoutputDirectory={folder}", "-DincludeScope=runtime"]
        subprocess.run(["mvn", "-q", "-f", pom, _COPY, *options], check=True)
        complete.touch()
    return [str(jar) for jar in sorted(folder.glob("*.jar"))]
