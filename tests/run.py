"""Every check and every test: `python3 tests/run.py [--quick] [PYTEST ARGUMENT ...]`.

Makes the environment as jobs/demo.py does, with what tests and training need, then runs the linter,
the type checker and pytest; without arguments also the tests against the real Spark NLP, which need
an environment of their own (its Spark is 3.5) and Maven. The exit code is that of the first of them
that fails.

Without arguments both environments are made at once, the checks run meanwhile, and then the tests
of both run at once: pytest in two processes (tests/shares.py), Spark NLP's in a third, and after
them there what needs no Spark session; the output of the third comes at the end.

--quick: for those who change a line. No PyTorch is installed, and of the tests that are marked
`slow` only those marked `smoke` run.
"""

import os
import shutil
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.environments import spark_nlp_jars, spark_nlp_python, uv_install  # noqa: E402 (the line above)
from jobs.demo import environment  # noqa: E402
from tests.shares import ASIDE  # noqa: E402

os.environ.setdefault("OMP_NUM_THREADS", "1")
"""PyTorch's threads wait for each other by turning, on cores that other processes would use."""
CHECKS = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"])
QUICK = ["-m", "not slow or smoke", "--ignore", "tests/interop"]
IN_TWO_PROCESSES = ["-n", "2"]
SLOWEST = "--durations=40"
"""What a whole run says of its time, for those who want it shorter."""
ACROSS_SPARKS = "tests/stages/test_saved_across_sparks.py"
BOTH_WAYS = f"{ACROSS_SPARKS}::test_each_spark_loads_what_the_other_has_just_saved"
"""One run of it goes both ways. It is the one beside Spark NLP, where nothing may be skipped."""
BESIDE_SPARK_NLP = ["tests/interop", "tests/stages/test_saved_format.py", ACROSS_SPARKS]
"""What runs beside Spark NLP: the tests of both, and pipelines saved under the other Spark."""


class Said(NamedTuple):
    """How something ended that ran beside something else: its exit code and its output."""

    code: int
    text: str

    def told(self, title: str) -> int:
        print(f"\n=== {title}: exit code {self.code}\n{self.text}", flush=True)
        return self.code


def main() -> int:
    quick = "--quick" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--quick"]
    with ThreadPoolExecutor() as threads:
        if not quick and not arguments:
            return everything(threads)
        python = environment("[test]" if quick else "[test,train]", uv_install)
        checks = threads.submit(checked, python)
        chosen = [*IN_TWO_PROCESSES, *QUICK] if quick else []
        code = pytest(python, *chosen, *arguments)
        return checks.result().told("linter and types") or code


def everything(threads: ThreadPoolExecutor) -> int:
    """Both environments, the checks, the tests of both."""
    missing = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
    theirs = None if missing else threads.submit(spark_nlp)
    light = environment("[test]", uv_install)
    checks = threads.submit(checked, light)
    archive = threads.submit(run, light, "tests.java")
    python = environment("[test,train]", uv_install)
    if code := checks.result().told("linter and types"):
        return code
    beside = threads.submit(third, theirs, python)
    if archive.result().code:  # the tests run without it, and take longer
        archive.result().told("archive of Spark's classes")
    ignored = [f"--ignore={place}" for place in ASIDE]
    code = pytest(python, *IN_TWO_PROCESSES, SLOWEST, "--deselect", BOTH_WAYS, *ignored)
    codes = [code, *(said.told(title) for title, said in beside.result().items())]
    if missing:
        print(f"Skipped the tests against the real Spark NLP: no {', no '.join(missing)} here.")
        codes.append(int(os.environ.get("CI") == "true"))
    return next(filter(None, codes), 0)


def third(theirs: Future[str] | None, python: str | Path) -> dict[str, Said]:
    """The tests beside Spark NLP, then those without a session; by title."""
    first = {"tests beside the real Spark NLP": interop(theirs.result())} if theirs else {}
    return {**first, "tests without a session": run(python, "pytest", SLOWEST, *ASIDE)}


def checked(python: str | Path) -> Said:
    """The linter and the type checker, up to the first that fails."""
    text = ""
    for check in CHECKS:
        code, said = run(python, *check)
        text += said
        if code:
            return Said(code, text)
    return Said(0, text)


def pytest(python: str | Path, *arguments: str) -> int:
    """Run pytest, its output as it comes."""
    command = [python, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def spark_nlp() -> str:
    """The Python of Spark NLP's environment, its JARs fetched."""
    python = spark_nlp_python()
    spark_nlp_jars()
    return python


def interop(python: str) -> Said:
    """The tests against the real Spark NLP; one that cannot run fails."""
    return run(python, "pytest", SLOWEST, *BESIDE_SPARK_NLP, NOTEMILL_INTEROP="required")


def run(python: str | Path, *module: str, **variables: str) -> Said:
    """Run a module, its output kept."""
    done = subprocess.run(
        [python, "-m", *module], cwd=ROOT, env={**os.environ, **variables}, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
    )  # fmt: skip
    return Said(done.returncode, done.stdout)


if __name__ == "__main__":
    sys.exit(main())
