"""The second environment, which tests/run.py makes as well: Spark NLP 5.5.3 needs Spark 3.5."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.processes import ROOT

VARIABLE = "NOTEMILL_BENCHMARK_SPARK_NLP"
FOLDER = ROOT / ".venv-interop"


def spark_nlp_python() -> str:
    """The Python of that environment: as the variable names it, else made here (a minute or two).

    It also runs Notemill, so that both can be timed on one Spark.
    """
    named = os.environ.get(VARIABLE)
    python = Path(named) if named else FOLDER / "bin" / "python"
    if not python.is_file():
        subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
        wanted = [f"{ROOT}[interop,test]", "pyspark==3.5.9"]
        subprocess.run([str(python), "-m", "pip", "install", "-q", "-e", *wanted], check=True)
    return str(python)


def spark_nlp_jars() -> list[str]:
    """Spark NLP's JARs, fetched once by Maven as tests/interop/pom.xml lists them."""
    folder = Path.home() / ".cache" / "spark-nlp-5.5.3"
    if not (folder / ".complete").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
        pom = str(ROOT / "tests" / "interop" / "pom.xml")
        options = [f"-DoutputDirectory={folder}", "-DincludeScope=runtime"]
        subprocess.run(["mvn", "-q", "-f", pom, goal, *options], check=True)
        (folder / ".complete").touch()
    return [str(jar) for jar in sorted(folder.glob("*.jar"))]
