"""A canary in the notes: whatever fails, no log, exception, error column or file name sings."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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

canary, fails, folder, out = sys.argv[1:]

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
tokenizer = Tokenizer() if fails == "job" else Touchy()
stages = [
    DocumentAssembler(inputCol="text", errorCol="error"),
    SentenceDetector(inputCols=["document"], outputCol="sentence", errorCol="error"),
    tokenizer.setInputCols("sentence").setOutputCol("token").setErrorCol("error"),
    BertForTokenClassification.loadSavedModel(folder).setInputCols("sentence", "token")
    .setOutputCol("ner").setErrorCol("error"),
]
if fails == "job":
    annotated = PipelineModel(stages).transform(notes)
    (Path(folder) / "model.onnx").write_bytes(b"other weights")
else:
    annotated = fuse(PipelineModel(stages), outputCols=["ner"]).transform(notes)
annotated.select("id", "error", "ner.result").write.json(out)
"""


def run(fails, model, folder):
    """Run the program on notes with a canary: (exit status, all that was said, written)."""
    script = folder / "program.py"
    script.write_text(PROGRAM, encoding="utf-8")
    paths = [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    finished = subprocess.run(
        [sys.executable, script, CANARY, fails, model, folder / "out"],
        env={**os.environ, "PYSPARK_PYTHON": sys.executable, "PYTHONPATH": os.pathsep.join(paths)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    parts = [part.read_text(encoding="utf-8") for part in folder.glob("out/part-*")]
    written = [line for part in parts for line in part.splitlines()]
    return finished.returncode, finished.stdout + finished.stderr, written


@pytest.fixture
def model(token_model, tmp_path):
    return shutil.copytree(token_model, tmp_path / "model")


def test_a_row_that_fails_tells_stage_and_class_only(model, tmp_path):
    status, said, written = run("row", model, tmp_path)
    rows = {row["id"]: row for row in map(json.loads, written)}

    assert status == 0, said
    assert [rows[i].get("error") for i in range(3)] == [
        "Touchy: ValueError",
        None,
        "Touchy: ValueError",
    ]
    assert [len(rows[i]["result"]) for i in range(3)] == [0, 3, 0]
    assert CANARY not in said
    assert CANARY not in "".join(written)


def test_a_job_that_fails_tells_no_note(model, tmp_path):
    status, said, _ = run("job", model, tmp_path)

    assert status != 0
    assert "ModelError" in said
    assert "was expected" in said
    assert CANARY not in said
    names = [path.name for path in tmp_path.rglob("*")]
    assert not any(CANARY in name for name in names)
