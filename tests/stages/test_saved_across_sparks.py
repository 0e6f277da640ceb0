"""A pipeline with a stage of every kind, stage by stage and fused, between Spark 3.5 and 4.x.

Those kept in tests/data were saved under each; and where an environment with the other Spark is
there (tests/run.py makes it), each loads in a process of its own what the other has just saved.
The main environment and that of tests/interop both run this.
"""

import importlib.util
import json
import math
import os
import shutil
import subprocess
import sys
from functools import cache
from itertools import count, product
from pathlib import Path

import pyspark
import pytest
from pyspark.errors import PythonException
from pyspark.ml import PipelineModel

from annotators import LightPipeline
from annotators.core.errors import ModelError, SavedFormatError
from annotators.fusion import FusedStages
from benchmarks.environments import FOLDER, PYTHON_VARIABLE
from tests.java import submit_args, without_spark

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "tests" / "data" / "saved_pipeline" / "every_stage"
SCRIPT = KEPT / "pipeline.py"
SPARKS = ["spark-3.5", "spark-4.3"]
_SPEC = importlib.util.spec_from_file_location("saved_pipeline", SCRIPT)
saved_pipeline = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(saved_pipeline)
MODELS = [saved_pipeline.SENTENCES, saved_pipeline.TOKENS, saved_pipeline.SEQUENCES]
KINDS = saved_pipeline.KINDS
THREADS = count(2)
EXPECTED = json.loads((KEPT / "expected.json").read_text("utf-8"))
each_kept = pytest.mark.parametrize(("saved", "kind"), list(product(SPARKS, KINDS)))
each_model = pytest.mark.parametrize(("model", "kind"), list(product(MODELS, KINDS)))

pytestmark = [
    pytest.mark.usefixtures("spark"),
    # Spark 3.5 compares the versions of pandas and pyarrow with distutils.
    pytest.mark.filterwarnings("ignore:distutils Version:DeprecationWarning"),
]


@pytest.fixture
def models(named_models):
    """The folder that NOTEMILL_MODELS names, with the pipelines' models in it."""
    return named_models(KEPT / "models")


@pytest.fixture(scope="module")
def other_python():
    """The Python of an environment whose Spark is 3.5 where ours is 4.x, and 4.x where it is 3.5."""
    theirs = os.environ.get(PYTHON_VARIABLE) or FOLDER / "bin" / "python"
    for python in (Path(theirs), ROOT / ".venv" / "bin" / "python"):
        if python.exists() and spark_of(python)[:1] not in ("", pyspark.__version__[0]):
            return python
    reason = f"no environment with another Spark than {pyspark.__version__}: tests/run.py makes it"
    if os.environ.get("NOTEMILL_INTEROP") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


def spark_of(python):
    command = [python, "-c", "import annotators, pyspark; print(pyspark.__version__)"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@cache
def load(folder):
    """A kept pipeline, loaded once: it holds nothing of its models but names and hashes."""
    return PipelineModel.load(str(folder))


def assert_same(found, expected):
    """Equal, numbers to 1e-5, be they in texts or not."""
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        found, expected = list(found.values()), list(expected.values())
    if isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif found != expected:
        assert math.isclose(float(found), float(expected), abs_tol=1e-5)


def rows_of(model, spark):
    """What a pipeline gives for the script's texts, in plain lists and dicts with sorted keys."""
    frame = spark.createDataFrame([(t,) for t in saved_pipeline.TEXTS], "text string").coalesce(1)
    return sorted_keys([r.asDict(recursive=True) for r in model.transform(frame).collect()])


def sorted_keys(rows):
    return json.loads(json.dumps(rows, sort_keys=True))


@each_kept
def test_a_kept_pipeline_gives_what_it_gave(models, saved, kind, spark):
    found = rows_of(load(KEPT / saved / kind), spark)

    assert all(EXPECTED[0][column] for column in ("sentence", "chunk", "class", "chunks"))
    assert_same([{name: row[name] for name in sorted(EXPECTED[0])} for row in found],
                sorted_keys(EXPECTED))  # fmt: skip


@each_kept
def test_a_kept_pipeline_gives_it_without_a_job(models, saved, kind):
    light = LightPipeline(PipelineModel(load(KEPT / saved / kind).stages[:-1]))
    texts = [row["text"] or "" for row in EXPECTED]
    columns = ["sentence", "chunk", "class"]
    found = [{c: [vars(a) for a in row[c]] for c in columns} for row in light.fullAnnotate(texts)]

    assert_same(sorted_keys(found), sorted_keys([{c: row[c] for c in columns} for row in EXPECTED]))


def test_each_spark_loads_what_the_other_has_just_saved(models, other_python, spark, tmp_path):
    """Both directions: our pipelines there, theirs here, each in its own process."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    saved_pipeline.save(ours)
    command = [other_python, SCRIPT, "exchange", ours, theirs]
    environ = {**without_spark(), "PYSPARK_SUBMIT_ARGS": submit_args()}
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2_000:]

    there = json.loads((theirs / "annotated.json").read_text("utf-8"))
    for kind, model in saved_pipeline.pipelines().items():
        (metadata,) = (theirs / kind / "metadata").glob("part-*")
        assert json.loads(metadata.read_text("utf-8"))["sparkVersion"] != pyspark.__version__
        made = rows_of(model, spark)
        assert any(row["chunk"] and row["class"] for row in made)
        assert_same(sorted_keys(there[kind]), made)
        assert_same(rows_of(PipelineModel.load(str(theirs / kind)), spark), made)


def test_fused_stages_are_loaded_as_they_were(models):
    """One pass still, with the columns that were asked for, and not another stage in it."""
    fused, finisher = load(KEPT / SPARKS[0] / "fused").stages

    assert isinstance(fused, FusedStages)
    assert fused.outputCols == ["sentence", "chunk", "class"]
    staged = load(KEPT / SPARKS[0] / "staged").stages
    assert [type(s) for s in [*fused.stages, finisher]] == [type(s) for s in staged]
    assert [s.getOutputCol() for s in fused.stages] == [s.getOutputCol() for s in staged[:-1]]
    assert fused.uid.startswith("FusedStages_")


def test_fused_stages_alone_can_be_saved_over_others(models, tmp_path):
    (fused, _) = load(KEPT / SPARKS[0] / "fused").stages
    everything = FusedStages(fused.stages[:3])
    for stage in (fused, everything):
        stage.write().overwrite().save(str(tmp_path / "stage"))
    loaded = FusedStages.load(str(tmp_path / "stage"))

    assert loaded.uid == everything.uid
    assert loaded.outputCols is None
    assert [s.uid for s in loaded.stages] == [s.uid for s in everything.stages]


@pytest.mark.parametrize("part", [".", "stages/1_*"], ids=["group", "stage in it"])
def test_fused_stages_of_a_newer_notemill_are_refused(models, of_a_newer_notemill, tmp_path, part):
    (fused, _) = load(KEPT / SPARKS[0] / "fused").stages
    fused.save(str(tmp_path / "fused"))
    (folder,) = (tmp_path / "fused").glob(part) if part != "." else [tmp_path / "fused"]
    of_a_newer_notemill(folder)

    with pytest.raises(SavedFormatError, match="format 2, and this Notemill reads up to 1"):
        FusedStages.load(str(tmp_path / "fused"))


def unopened(saved, kind):
    """A kept pipeline whose models no process has open yet: with a number of ONNX threads of its own.

    A process keeps what it has opened by hash, threads and provider, and then reads no file again.
    """
    threads = next(THREADS)
    pipeline = load(KEPT / saved / kind)
    for stage in pipeline.stages:
        for inner in stage.stages if isinstance(stage, FusedStages) else [stage]:
            if inner.hasParam("onnxThreads"):
                inner.setParams(onnxThreads=threads)
    return pipeline


@each_model
def test_a_model_that_moved_away_is_told(models, model, kind, spark):
    shutil.rmtree(models / model)
    pipeline = load(KEPT / SPARKS[0] / kind)
    wanted = f"no model named '{model}'.*NOTEMILL_MODELS"

    with pytest.raises(ModelError, match=wanted):
        LightPipeline(pipeline).annotate("pain")
    with pytest.raises(ModelError, match=wanted):
        rows_of(pipeline, spark)


@each_model
def test_a_model_that_changed_is_told(models, model, kind, spark):
    """By the driver or by a worker: the sentence detector's manifest still has the old hash."""
    with (models / model / "model.onnx").open("ab") as weights:
        weights.write(b"\0")
    pipeline = unopened(SPARKS[0], kind)
    changed = r"model\.onnx has SHA-256 .* was expected"

    with pytest.raises(ModelError, match=f"{model}/{changed}"):
        LightPipeline(pipeline).annotate("pain. No fever.")
    with pytest.raises((ModelError, PythonException), match=changed):
        rows_of(pipeline, spark)


@each_model
def test_a_model_that_changes_on_the_way_to_the_workers_is_told(models, model, kind, spark):
    # One task: where one fails, Spark 3.5 may kill workers of another that others then get.
    frame = spark.createDataFrame([("pain. No fever.",)], "text string").coalesce(1)
    planned = unopened(SPARKS[0], kind).transform(frame)
    with (models / model / "model.onnx").open("ab") as weights:
        weights.write(b"\0")

    with pytest.raises(PythonException, match=r"ModelError.*SHA-256 .* was expected"):
        planned.collect()


def test_another_model_under_the_same_name_is_told(models):
    """A detector trained anew, with a manifest that is right for it."""
    folder = models / saved_pipeline.SENTENCES
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"]["model.onnx"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")

    with pytest.raises(ModelError, match=r"has SHA-256 000000000000…, but .* was expected"):
        LightPipeline(load(KEPT / SPARKS[0] / "staged")).annotate("pain")


def test_this_process_is_the_environment_that_it_says():
    """So that the test above is not of one Spark with itself."""
    assert spark_of(sys.executable) == pyspark.__version__
