"""Every check and every test: `python3 tests/run.py [PYTEST ARGUMENT ...]`.

Makes the environment as jobs/demo.py does, with what tests and training need, then runs the linter,
the type checker and pytest. The exit code is that of the first of them that fails.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from jobs.demo import environment  # noqa: E402 (needs the line above)

CHECKS = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["pytest"])


def main() -> int:
    python = environment("[test,train]")
    for check in CHECKS:
        command = [python, "-m", *check, *(sys.argv[1:] if check == ["pytest"] else [])]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
