"""What the tests of etl share: the command, its files, and what it wrote."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

TABLES = ("entities", "notes", "rejects")


class Nights:
    """A folder with notes and a configuration; `run` is a night."""

    def __init__(self, folder, model):
        self.folder, self.model = folder, model
        self.config, self.notes, self.archive = (
            folder / "etl.yaml", folder / "notes.jsonl", folder / "archive",
        )  # fmt: skip
        self.configure()

    def configure(self, more="", source=None):
        self.config.write_text(
            f"source: {{path: {source or self.notes}}}\nsink: {{path: {self.archive}}}\n"
            f"model: {self.model}\npartitions: 2\nprogress_seconds: 10000\n{more}",
            encoding="utf-8",
        )

    def put(self, notes):
        rows = [json.dumps({"note_id": n, "text": t}) for n, t in notes]
        self.put_lines(rows)

    def put_lines(self, rows):
        self.notes.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")

    def run(self, *arguments):
        from jobs.cli import app

        return CliRunner().invoke(app, ["etl", str(self.config), *map(str, arguments)])

    def done(self, *arguments):
        result = self.run(*arguments)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    def fails(self, code, *arguments):
        result = self.run(*arguments)
        assert result.exit_code == code, (result.output, result.exception)
        lines = result.output.strip().splitlines()
        assert len(lines) == 1, lines
        return lines[0].removeprefix("notemill: ")

    def table(self, name):
        return pd.read_parquet(self.archive / name)

    def rows(self):
        """Every row of the tables as text, in order; run ids apart."""
        found = {}
        for name in TABLES:
            frame = self.table(name).drop(columns="run_id", errors="ignore")
            found[name] = sorted(json.dumps(r, default=str) for r in frame.to_dict("records"))
        return found

    def last_run(self):
        found = self.table("runs").sort_values("started").iloc[-1]
        r = found
        assert r.notes_in == r.notes_new + r.notes_changed + r.notes_unchanged + r.notes_left
        assert r.notes_new + r.notes_changed == r.notes_annotated + r.notes_null + r.notes_error
        return found


@pytest.fixture
def etl(spark, token_model, tmp_path):
    """A folder for nights with a tiny model."""
    return Nights(tmp_path, token_model)


@pytest.fixture(scope="session")
def new_nights(spark, token_model):
    """Makes a folder one for nights."""
    return lambda folder: Nights(folder, token_model)


@pytest.fixture(scope="session")
def texts(sample_notes):
    return [note["text"][i * 300 : i * 300 + 400] for note in sample_notes[:6] for i in range(2)]
