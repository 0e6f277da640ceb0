"""A canary in the notes: whatever fails, no log, exception, error column or file name sings."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import java
from tests.jobs.standalone import own_lines

CANARY = "Xylocanary"
pytestmark = pytest.mark.slow
PROGRAM = """
import sys
from pathlib import Path
from pyspark.sql import SparkSession
from annotators import BertForTokenClassification, DocumentAssembler, SentenceDetector
from annotators import Tokenizer, fuse
from annotators.core.errors import ModelError
from pyspark.ml import PipelineModel

canary, folder, out = sys.argv[1:]

def poisoned(kernel):
    def run(sentences):
        for text in sentences.result:
            if canary in text:
                raise ValueError(f"cannot split {text}")
        return kernel(sentences)
    return run

class Touchy(Tokenizer):
    def _kernel(self):
        return poisoned(super()._kernel())

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
rows = [(0, f"The patient takes {canary} daily."), (1, "No pain."), (2, f"{canary}. Pain.")]
notes = spark.createDataFrame(rows, "id int, text string").coalesce(1)
def stages(tokenizer, threads):
    return [
        DocumentAssembler(inputCol="text", errorCol="error"),
        SentenceDetector(inputCols=["document"], outputCol="sentence", errorCol="error"),
        tokenizer.setInputCols("sentence").setOutputCol("token").setErrorCol("error"),
        BertForTokenClassification.loadSavedModel(folder).setInputCols("sentence", "token")
        .setOutputCol("ner").setErrorCol("error").setOnnxThreads(threads),
    ]

def write(annotated, name):
    annotated.select("id", "error", "ner.result").write.json(f"{out}/{name}")

write(fuse(PipelineModel(stages(Touchy(), 1)), outputCols=["ner"]).transform(notes), "row")
# With threads of its own no worker has this model open yet, and will see that it changed.
annotated = PipelineModel(stages(Tokenizer(), 2)).transform(notes)
(Path(folder) / "model.onnx").write_bytes(b"other weights")
write(annotated, "job")
"""


@pytest.fixture(scope="module")
def program(token_model, tmp_path_factory):
    """The program run on notes with a canary: its exit status, all that it said, its folder."""
    folder = tmp_path_factory.mktemp("canary")
    script, model = folder / "program.py", shutil.copytree(token_model, folder / "model")
    script.write_text(PROGRAM, encoding="utf-8")
    paths = [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    finished = subprocess.run(
        [sys.executable, script, CANARY, model, folder / "out"],
        env={
            **os.environ,
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": os.pathsep.join(paths),
            "PYSPARK_SUBMIT_ARGS": java.submit_args(),
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return finished.returncode, finished.stdout + finished.stderr, folder


@pytest.fixture
def model(token_model, tmp_path):
    return shutil.copytree(token_model, tmp_path / "model")


def test_a_row_that_fails_tells_stage_and_class_only(program):
    _, said, folder = program
    assert (folder / "out" / "row" / "_SUCCESS").exists(), said
    parts = [part.read_text(encoding="utf-8") for part in folder.glob("out/row/part-*")]
    written = [line for part in parts for line in part.splitlines()]
    rows = {row["id"]: row for row in map(json.loads, written)}

    assert [rows[i].get("error") for i in range(3)] == [
        "Touchy: ValueError",
        None,
        "Touchy: ValueError",
    ]
    assert [len(rows[i]["result"]) for i in range(3)] == [0, 3, 0]
    assert CANARY not in said
    assert CANARY not in "".join(written)


def test_a_job_that_fails_tells_no_note(program):
    status, said, folder = program

    assert status != 0
    assert "ModelError" in said
    assert "was expected" in said
    assert CANARY not in said
    names = [path.name for path in folder.rglob("*")]
    assert not any(CANARY in name for name in names)


COMMAND = """
import sys
import typer
from jobs._annotate import work as job
from jobs._run.command import verb
from jobs.annotate import annotate

canary, notes, out, debug = sys.argv[1:]
read = job.read_notes

def poisoned(frames):
    for frame in frames:
        print("a worker says", *frame["text"], file=sys.stderr, flush=True)
        if any(canary in text for text in frame["text"]):
            raise ValueError("cannot read " + " ".join(frame["text"]))
        yield frame

def read_poisoned(*arguments, **options):
    frame = read(*arguments, **options)
    return frame.mapInPandas(poisoned, frame.schema)

job.read_notes = read_poisoned
# Else the driver would take so few notes.
sys.argv[1:] = [notes, out, "--partitions", "1", *([debug] if debug else [])]
typer.run(verb(annotate))
"""


@pytest.mark.parametrize("debug", ["", "--debug"])
def test_a_command_that_fails_tells_no_note_and_nor_does_its_log(tmp_path, debug):
    script, notes, logs = tmp_path / "command.py", tmp_path / "notes.jsonl", tmp_path / "logs"
    script.write_text(COMMAND, encoding="utf-8")
    notes.write_text(json.dumps({"note_id": 1, "text": f"\n{CANARY}: no.\nError: {CANARY}"}))
    logs.mkdir()
    paths = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, script, CANARY, notes, tmp_path / "out", debug],
        env={**os.environ, "PYTHONPATH": paths, "TMPDIR": str(logs)},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    logged = [path.read_text() for path in logs.rglob("spark.log")]

    assert done.returncode == 1
    assert "ValueError" in done.stderr
    assert CANARY not in done.stdout + done.stderr + "".join(logged)
    assert not any(CANARY in path.name for path in tmp_path.rglob("*"))
    if debug:
        assert "Lost task" in logged[0]
        assert "in poisoned" in done.stderr
    else:
        assert logged == []
        assert len(own_lines(done)) == 1


ETL = """
import sys
import typer
from jobs import etl as job
from jobs._run.command import verb
from jobs.sources.source import Files

canary, fails, *arguments = sys.argv[1:]
read = Files.read_files

def poisoned(frames):
    for frame in frames:
        print("a worker says", *frame["text"], file=sys.stderr, flush=True)
        if fails == "fails" and any(canary in text for text in frame["text"]):
            raise ValueError("cannot read " + " ".join(frame["text"]))
        yield frame

def read_poisoned(*arguments, **options):
    frame = read(*arguments, **options)
    return frame.mapInPandas(poisoned, frame.schema)

Files.read_files = read_poisoned
sys.argv[1:] = arguments
typer.run(verb(job.etl))
"""


@pytest.mark.parametrize(
    ("fails", "sink", "code"),
    [
        ("fails", "path: archive", 1),
        ("works", "path: archive", 0),
        (
            "works",
            "format: postgresql, url: 'postgresql://u@127.0.0.1:1/x', password: '${WORD}'",
            3,
        ),
    ],
    ids=["a note that fails", "a stream", "a database that is not there"],
)
def test_etl_tells_no_note_and_no_password(model, tmp_path, fails, sink, code):
    script, logs = tmp_path / "command.py", tmp_path / "logs"
    script.write_text(ETL, encoding="utf-8")
    logs.mkdir()
    (tmp_path / "landing").mkdir()
    row = {"note_id": 1, "text": f"No pain. The {CANARY * 40} sings.\nError: {CANARY}"}
    (tmp_path / "landing" / "notes.jsonl").write_text(json.dumps(row), encoding="utf-8")
    mode = "stream\ncheckpoint: kept" if code == 0 else "batch"
    (tmp_path / "etl.yaml").write_text(
        f"source: {{path: landing}}\nsink: {{{sink}}}\nmodel: {model}\nmode: {mode}\n"
        "progress_seconds: 0.5\n",
        encoding="utf-8",
    )
    paths = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, script, CANARY, fails, "etl.yaml", "--debug", "--metrics", "m.prom"],
        env={**os.environ, "PYTHONPATH": paths, "TMPDIR": str(logs), "WORD": "Wordcanary"},
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    left = [f for f in tmp_path.rglob("*") if f.is_file() and "landing" not in f.parts]
    told = {f: f.read_bytes() for f in left if f.parent.name != "entities" and f != script}
    singing = [
        f for f, content in told.items() if CANARY.encode() in content or b"Wordc" in content
    ]

    assert done.returncode == code, done.stderr
    assert CANARY not in done.stdout + done.stderr
    assert "Wordcanary" not in done.stdout + done.stderr
    assert singing == []
    assert not any(CANARY in path.name for path in tmp_path.rglob("*"))
    assert f"notemill_etl_exit_code {code}" in (tmp_path / "m.prom").read_text()
