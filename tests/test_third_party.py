"""The notices name every packaged model with the licence of its manifest, and every data file."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTICES = (ROOT / "annotators" / "THIRD_PARTY.md").read_text("utf-8")
MANIFESTS = sorted((ROOT / "annotators" / "pretrained").glob("*/manifest.json"))


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda file: file.parent.name)
def test_each_model_has_its_terms(manifest):
    facts = json.loads(manifest.read_text("utf-8"))
    (row,) = [line for line in NOTICES.splitlines() if line.startswith(f"| `{facts['name']}` |")]

    assert row.endswith(f" | {facts['licence']} |")


def test_each_data_file_of_the_wheel_has_its_source():
    listed = subprocess.run(
        ["git", "ls-files", "annotators/data", "jobs/sample"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("this is no git checkout")
    data = [name for name in listed.stdout.split() if not name.endswith(".md")]

    assert len(data) >= 3
    assert [name for name in data if f"`{name}`" not in NOTICES] == []
