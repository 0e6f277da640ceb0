"""The configurations that the pages on etl show can be read as they stand."""

import re
from pathlib import Path

import pytest

from jobs._etl.config import read_config

ROOT = Path(__file__).parents[3]
SHOWN = [
    block
    for page in sorted((ROOT / "docs").glob("etl*.md"))
    for block in re.findall(
        r"^```yaml\n(source:.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
]


@pytest.mark.parametrize("block", SHOWN)
def test_a_configuration_of_the_pages_is_one(block, tmp_path):
    file = tmp_path / "etl.yaml"
    file.write_text(block, encoding="utf-8")
    names = re.findall(r"\$\{(\w+)\}", block)
    read_config(str(file), (), dict.fromkeys(names, "x"))


def test_there_are_some():
    assert len(SHOWN) >= 4
