"""What tests share: one Spark session, notes, and small ONNX models made on the spot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

from tests import java, shares

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data"

# A busy machine takes longer than a deadline, and nothing is wrong then.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

os.environ.setdefault("TZ", "UTC")
os.environ["PYSPARK_PYTHON"] = sys.executable
java.short_lived()
java.remember_names()


def pytest_configure(config: pytest.Config) -> None:
    """Let pass what pyspark leaves to the garbage collector; every other warning is an error."""
    for category in ("ResourceWarning", "pytest.PytestUnraisableExceptionWarning"):
        config.addinivalue_line("filterwarnings", f"ignore:.*<socket.socket:{category}")
    # pyspark 3.5 compares versions with distutils, which setuptools stands in for.
    config.addinivalue_line("filterwarnings", "ignore:distutils Version:DeprecationWarning")


SLOW_MARKS = ("cluster", "train", "interop")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a Spark session, a cluster, training or Spark NLP is slow."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: shares.turn(item.nodeid))
    for item in items:
        needs_spark = "spark" in getattr(item, "fixturenames", ())
        if needs_spark or any(item.get_closest_marker(mark) for mark in SLOW_MARKS):
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Share out as tests/shares.py says, whatever `--dist` is."""
    from xdist.scheduler import LoadScopeScheduling

    class Shares(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return shares.share_of(nodeid)

    config.option.loadscopereorder = False
    return Shares(config, log)


@pytest.fixture(scope="session")
def spark():
    """The session of the whole test run, on both cores, with this Python for its workers."""
    from pyspark.sql import SparkSession

    from annotators import daemon
    from jobs._start.short_run import SETTINGS

    session = (
        SparkSession.builder.master("local[2]")
        .appName("notemill tests")
        .config(map={**SETTINGS, **daemon.settings(), "spark.sql.shuffle.partitions": "4"})
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.task.maxFailures", "1")
        .config("spark.driver.memory", "2g")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def sample_notes() -> list[dict[str, str]]:
    """The notes that come with the project."""
    from jobs.demo import SAMPLE

    return [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]


CLINICAL_WORDS = [
    "the",
    "patient",
    "denies",
    "chest",
    "pain",
    "and",
    "takes",
    "aspirin",
    "and",
    "metformin",
    "81",
    "mg",
    "for",
    "diabetes",
    ".",
]
"""What random sentences of tests are drawn from."""

WORDPIECES = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
    *"abcdefghijklmnopqrstuvwxyz0123456789.,;:!?()-'\"/%",
    *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz0123456789"),
    "the", "patient", "denies", "pain", "and", "takes", "aspirin", "mg", "##ing", "##ed",
]  # fmt: skip


def write_tiny_bert(
    folder: Path, labels: list[str], task: str, seed: int = 7, *, token_types: bool = True
) -> Path:
    """A model folder in Spark NLP's layout over a small random network in ONNX.

    The logits of a position depend on its wordpiece, its place and the mean of all wordpieces, so
    that what a window holds matters, and padding must not. Without token types it takes the inputs
    of a DistilBERT.
    """
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    draw = np.random.default_rng(seed)
    width = 16

    def weights(name: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array(draw.normal(size=shape).astype(np.float32), name)

    nodes = [
        helper.make_node("Gather", ["pieces", "input_ids"], ["embedded"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["mask3"]),
        helper.make_node("Mul", ["embedded", "mask3"], ["seen"]),
        helper.make_node("ReduceSum", ["seen", "middle"], ["total"], keepdims=1),
        helper.make_node("ReduceSum", ["mask3", "middle"], ["count"], keepdims=1),
        helper.make_node("Div", ["total", "count"], ["mean"]),
    ]
    if task == "token-classification":
        nodes.append(helper.make_node("Add", ["embedded", "mean"], ["mixed"]))
        shape: list[object] = ["batch", "sequence", len(labels)]
    else:
        nodes.append(helper.make_node("Squeeze", ["mean", "middle"], ["mixed"]))
        shape = ["batch", len(labels)]
    nodes.append(helper.make_node("MatMul", ["mixed", "head"], ["logits"]))
    inputs = ["input_ids", "attention_mask", *(["token_type_ids"] if token_types else [])]
    graph = helper.make_graph(
        nodes,
        "tiny_bert",
        [
            helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "sequence"])
            for n in inputs
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, shape)],
        [
            weights("pieces", len(WORDPIECES), width),
            weights("head", width, len(labels)),
            numpy_helper.from_array(np.array([2], np.int64), "last"),
            numpy_helper.from_array(np.array([1], np.int64), "middle"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (folder / "assets").mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    (folder / "assets" / "vocab.txt").write_text("\n".join(WORDPIECES) + "\n", encoding="utf-8")
    (folder / "assets" / "labels.txt").write_text("\n".join(labels) + "\n", encoding="utf-8")
    return folder


TOKEN_LABELS = ["O", "B-Disease", "I-Disease", "B-Chemical", "I-Chemical"]


@pytest.fixture(scope="session")
def token_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny token classifier."""
    folder = tmp_path_factory.mktemp("models") / "token"
    return write_tiny_bert(folder, TOKEN_LABELS, "token-classification")


@pytest.fixture(scope="session")
def sequence_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny sequence classifier."""
    folder = tmp_path_factory.mktemp("models") / "sequence"
    return write_tiny_bert(folder, ["negative", "positive"], "sequence-classification")


@pytest.fixture(scope="session")
def build_wheel(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Builds the wheel of a project as pip builds it."""
    if find_spec("pip") is None:
        pytest.skip("this environment has no pip to build a wheel with")

    def build(project: Path) -> Path:
        folder = tmp_path_factory.mktemp("wheel")
        command = [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--no-deps",
            "--quiet",
            "-w",
            folder,
            project,
        ]
        subprocess.run(command, check=True)
        (built,) = folder.glob("*.whl")
        return built

    return build


@pytest.fixture(scope="session")
def built_wheel(build_wheel) -> Path:
    """Notemill's wheel."""
    return build_wheel(ROOT)


EXIT_FILES = ("exit.front.onnx", "exit.back.onnx")


@pytest.fixture(scope="session")
def write_exits():
    """A function that gives a copy of a packaged model an exit after layer 3, its head a random
    one; thresholds by fidelity: none leaves at 1, all at 0, some at those given.
    """

    def write(name: str, folder: Path, **thresholds: float) -> Path:
        import shutil

        import numpy as np

        from annotators._export.exit_graphs import read_encoder, write_exit_graphs
        from annotators._export.exit_head import Head
        from annotators._runtime.model_folder import find_model, read_model
        from jobs._acceleration.writing import write_part

        shutil.copytree(find_model(name).path, folder, ignore=shutil.ignore_patterns(*EXIT_FILES))
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        manifest.pop("exit", None)
        manifest["files"] = {n: s for n, s in manifest["files"].items() if n not in EXIT_FILES}
        (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        encoder = read_encoder(folder / "model.onnx")
        draw = np.random.default_rng(3)
        places, labels = 3 if encoder.of_pieces else 1, len(manifest["labels"])
        shapes = [(places * encoder.width, 128), (128,), (128, labels), (labels,)]
        values = [draw.normal(size=shape).astype(np.float32) / 8 for shape in shapes]
        head = Head(*values, encoder.of_pieces)
        write_exit_graphs(folder, encoder, 3, head)
        known = {"none": 1.0, "all": 0.0, **thresholds}
        part = {"layer": 3, "layers": 6, "thresholds": known, "default": "some", "measured": []}
        write_part(read_model(folder, str(folder)), part, {})
        return folder

    return write


@pytest.fixture(scope="session")
def exit_model(write_exits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A token classifier that some sentences leave early."""
    folder = tmp_path_factory.mktemp("exits") / "token"
    return write_exits("bert_token_classifier_ner_bc5cdr", folder, some=0.45)
