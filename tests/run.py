"""Every check and every test: `python3 tests/run.py [--quick] [PYTEST ARGUMENT ...]`.

Makes the environment as jobs/demo.py does, with what tests and training need, then runs the linter,
the type checker and pytest; without arguments also the tests against the real Spark NLP, which need
an environment of their own (its Spark is 3.5) and Maven. The exit code is that of the first of them
that fails.

--quick: for those who change a line. No PyTorch is installed, and of the tests that are marked
`slow` only those marked `smoke` run.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.environments import spark_nlp_python  # noqa: E402 (needs the line above)
from jobs.demo import environment  # noqa: E402

CHECKS = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["pytest"])
QUICK = ["-m", "not slow or smoke", "--ignore", "tests/interop"]
BESIDE_SPARK_NLP = [
    "tests/interop",
    "tests/stages/test_saved_format.py",
    "tests/stages/test_saved_across_sparks.py",
]
"""What runs beside Spark NLP: the tests of both, and pipelines saved under the other Spark."""


def main() -> int:
    quick = "--quick" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--quick"]
    python = environment("[test]" if quick else "[test,train]")
    chosen = [*QUICK, *arguments] if quick else arguments
    for check in CHECKS:
        command = [python, "-m", *check, *(chosen if check == ["pytest"] else [])]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if code:
            return code
    return 0 if chosen else interop()


def interop() -> int:
    """Run the tests against the real Spark NLP, or say why not: in CI that is a failure."""
    missing = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
    if missing:
        print(f"Skipped the tests against the real Spark NLP: no {', no '.join(missing)} here.")
        return 1 if os.environ.get("CI") == "true" else 0
    return subprocess.run(
        [spark_nlp_python(), "-m", "pytest", *BESIDE_SPARK_NLP],
        cwd=ROOT,
        env={**os.environ, "NOTEMILL_INTEROP": "required"},
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
