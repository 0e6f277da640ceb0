"""The types that a user's type checker sees: those of the wheel, by its py.typed."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def installed(built_wheel, tmp_path_factory):
    """A Python of its own that has the wheel, and this environment's other packages."""
    folder = tmp_path_factory.mktemp("typed")
    venv.create(folder / "env", with_pip=False)
    (site,) = (folder / "env" / "lib").glob("python*/site-packages")
    with zipfile.ZipFile(built_wheel) as wheel:
        code = [n for n in wheel.namelist() if n.endswith((".py", "py.typed"))]
        wheel.extractall(site, code)
    (site / "others.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "env" / "bin" / "python"


@pytest.mark.slow
def test_a_users_program_is_checked_by_mypy_strict(installed, tmp_path):
    program = tmp_path / "program.py"
    program.write_text((HERE / "program.py").read_text("utf-8"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--warn-unused-ignores",
         "--python-executable", installed, "--cache-dir", tmp_path / "cache", program],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stdout == "Success: no issues found in 1 source file\n"
