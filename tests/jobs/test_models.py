"""notemill models: one bad folder hides no other."""

import shutil

import pytest
from typer.testing import CliRunner

from annotators import BertForTokenClassification
from annotators.core.errors import ModelError


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("manifest.json", b"{"),
        ("manifest.json", b'{"format": 99}'),
        ("assets/labels.txt", b"Sj\xf6gren"),
        ("assets/labels.txt", b"O\nO\n"),
    ],
)
def test_a_folder_that_cannot_be_read_is_told_beside_the_others(
    token_model, monkeypatch, tmp_path, name, content
):
    from jobs.cli import app

    for folder in ("a_broken_one", "a_whole_one"):
        shutil.copytree(token_model, tmp_path / folder)
    (tmp_path / "a_broken_one" / name).write_bytes(content)
    monkeypatch.setenv("NOTEMILL_MODELS", str(tmp_path))
    result = CliRunner().invoke(app, ["models"])

    assert result.exit_code == 0
    assert "a_whole_one\n" in result.stdout
    assert "a_broken_one\n" not in result.stdout
    (told,) = [line for line in result.stderr.splitlines() if "left out" in line]
    assert "a_broken_one" in told
    assert BertForTokenClassification.pretrained("a_whole_one").getClasses()[0] == "O"
    with pytest.raises(ModelError, match="a_whole_one"):
        BertForTokenClassification.pretrained("nobody")


def test_a_script_reads_what_manifests_say():
    import json

    from jobs.cli import app

    done = CliRunner().invoke(app, ["models", "--json"])
    facts = {model["name"]: model for model in json.loads(done.stdout)}

    assert done.exit_code == 0
    assert facts["bert_token_classifier_ner_bc5cdr"]["labels"][0] == "O"
    assert facts["sentence_detector_dl_healthcare"]["size"] > 100_000
