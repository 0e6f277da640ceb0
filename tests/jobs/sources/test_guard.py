"""No output replaces its own input, by whatever name the input is reached."""

import pytest

from jobs._run.exit_codes import InputError
from jobs.sources.guard import keep_input


@pytest.fixture
def taken(tmp_path):
    """An output folder whose notes/ holds a file to be read."""
    notes = tmp_path / "out" / "notes"
    notes.mkdir(parents=True)
    (notes / "part.parquet").write_bytes(b"notes")
    return notes


def refused(path, files, output):
    with pytest.raises(InputError, match="would be replaced"):
        keep_input(str(path), map(str, files), [f"{output}/notes", f"{output}/entities"])


def test_a_link_to_the_folder(taken, tmp_path):
    (tmp_path / "link").symlink_to(taken)
    refused(tmp_path / "link", [], tmp_path / "out")


def test_a_link_to_the_output(taken, tmp_path):
    (tmp_path / "again").symlink_to(tmp_path / "out")
    refused(taken, [], tmp_path / "again")
    refused(tmp_path / "again" / "notes", [], tmp_path / "out")


def test_the_output_s_part_is_a_link_to_the_input(tmp_path):
    (tmp_path / "archive").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "entities").symlink_to(tmp_path / "archive")
    refused(tmp_path / "archive", [], tmp_path / "out")


def test_a_file_read_is_a_link_into_the_output(taken, tmp_path):
    (tmp_path / "in").mkdir()
    link = tmp_path / "in" / "a.parquet"
    link.symlink_to(taken / "part.parquet")
    refused(tmp_path / "in", [link], tmp_path / "out")


def test_dots_and_uris(taken, tmp_path):
    refused(tmp_path / "out" / "x" / ".." / "notes", [], tmp_path / "out")
    refused(f"file://{taken}", [], tmp_path / "out")
    refused(f"file:{taken}", [], tmp_path / "out")
    refused("s3://bucket/out/notes/a.parquet", [], "s3a://bucket/out")
    refused("hdfs://host/out/entities", [], "hdfs://host/out/")


def test_what_lies_elsewhere_is_let_pass(taken, tmp_path):
    other = tmp_path / "out" / "notes2"
    other.mkdir()
    targets = [f"{tmp_path}/out/notes", f"{tmp_path}/out/entities"]
    keep_input(str(other), [], targets)
    keep_input(str(tmp_path), [], [f"{tmp_path}/fresh/notes"])
    keep_input("s3a://one/out/notes", [], ["s3a://two/out/notes"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["export", "work/hf", "work/hf", "--overwrite"],
        ["export", "work/hf", "work", "--overwrite"],
        ["export", "work/hf", "gold", "--parity", "gold/a.tsv", "--overwrite"],
        ["train", "work/hf", "work", "--train", "gold/a.tsv"],
        ["train", "base", "gold", "--train", "gold/hf/b.tsv"],
        ["adapt", "work/hf", "work", "--texts", "gold/a.tsv"],
        ["evaluate", "model", "gold/a.tsv", "--report", "gold/../gold/a.tsv"],
        ["report", "gold/a.tsv", "--export", "conll", "-o", "gold/a.tsv"],
        ["report", "gold", "--export", "brat", "-o", "again"],
        ["compare", "gold/a.tsv", "work", "-o", "gold/a.tsv"],
    ],
    ids=" ".join,
)
def test_no_verb_writes_over_what_it_reads(tmp_path, monkeypatch, arguments):
    from typer.testing import CliRunner

    from jobs.cli import app

    monkeypatch.chdir(tmp_path)
    files = [tmp_path / name for name in ("work/hf/config.json", "gold/a.tsv", "gold/hf/b.tsv")]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x\tO\n", encoding="utf-8")
    (tmp_path / "again").symlink_to(tmp_path / "gold")
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 3, result.output
    assert "would be replaced" in result.output
    assert all(file.read_text(encoding="utf-8") == "x\tO\n" for file in files)
