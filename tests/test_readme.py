"""What the README shows works, and what the page of models says is what their cards say."""

import re
from pathlib import Path

import pytest

from annotators._runtime.model_folder import known_models
from jobs.models import markdown_rows

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODELS = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]


def test_the_example_finds_a_drug_and_a_disease(spark, capsys):
    exec(compile(EXAMPLE, "README.md", "exec"), {})

    assert "[Metformin, type 2 diabetes, chest pain]" in capsys.readouterr().out


def test_the_example_is_short():
    assert len([line for line in EXAMPLE.splitlines() if line.strip()]) <= 15


@pytest.mark.parametrize("row", markdown_rows(known_models()))
def test_the_model_table_says_what_the_cards_say(row):
    assert row in README
    assert row in MODELS
