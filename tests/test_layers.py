"""The layers of the project: imports point down only, and Spark is used by its public API."""

import ast
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(f for top in ("annotators", "pipelines", "jobs") for f in (ROOT / top).rglob("*.py"))
LAYERS = [
    ("annotators.core",),
    ("annotators._runtime",),
    ("annotators._export",),
    ("annotators._spark", "annotators.params", "annotators.schema"),
    ("annotators",),
    ("pipelines",),
    ("jobs",),
]
"""From the bottom up; the modules of one layer may import each other."""
MOST_FILES = 15
MOST_LINES = 250
LISTS_OF_STAGES = {"annotators", "tests/stages"}
ENGINE = "annotators/_runtime/session.py"
SPARK_INTERNALS = {
    "sparkContext",
    "_sc",
    "rdd",
    "parallelize",
    "mapPartitions",
    "foreachPartition",
    "broadcast",
    "accumulator",
    "_jvm",
    "_jdf",
    "_jsparkSession",
    "_jc",
    "_jsc",
    "_jrdd",
    "_gateway",
    "_java_obj",
    "_jmap",
    "_active_spark_context",
    "newSession",
    "_wrapped",
    "_jsqlContext",
}
"""What a Spark Connect session has not, by the name of an attribute."""
SPARK_CLASSIC = ("SparkContext", "SparkConf", "SQLContext", "RDD", "Broadcast", "Accumulator")
every_file = pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))


def layer(module):
    """The number of the layer that a module lies in; None for what is not ours."""
    inside = [
        n
        for n, names in enumerate(LAYERS)
        if f"{module}.".startswith(tuple(f"{name}." for name in names))
    ]
    return min(inside, default=None)


def module_of(file):
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(file):
    """Every module that a file imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@every_file
def test_imports_point_down(file):
    own = layer(module_of(file))

    assert [m for m in imports(file) if layer(m) is not None and layer(m) > own] == []


@pytest.mark.parametrize(
    "file", sorted((ROOT / "annotators/core").rglob("*.py")), ids=lambda f: f.name
)
def test_the_core_knows_only_python_numpy_and_itself(file):
    known = {*sys.stdlib_module_names, "numpy"} - {"pathlib", "os", "io", "logging", "socket"}

    assert [m for m in imports(file) if m.split(".")[0] not in known and layer(m) != 0] == []


@every_file
def test_one_file_knows_onnxruntime(file):
    place = file.relative_to(ROOT).as_posix()
    knows = any(module.split(".")[0] == "onnxruntime" for module in imports(file))

    assert not knows or place == ENGINE or place.startswith(("jobs/_training/", "jobs/recipes/"))


def names_used(code):
    """The attributes that code uses, those that it asks for by name among them."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("attr"):
            yield from (a.value for a in node.args if isinstance(a, ast.Constant))


@every_file
def test_no_file_reaches_into_spark(file):
    """No file of annotators, pipelines or jobs does; there is no exception."""
    assert set(names_used(file.read_text("utf-8"))) & SPARK_INTERNALS == set()


@pytest.mark.parametrize(
    "code",
    ["spark.sparkContext.x()", "frame.rdd", 'getattr(frame, "_jdf", None)', "sc.broadcast(1)"],
)
def test_what_reaches_into_spark_is_seen(code):
    assert set(names_used(code)) & SPARK_INTERNALS


@every_file
def test_no_file_imports_what_connect_has_not(file):
    """Nor what only a driver that holds the JVM has: classic classes, py4j."""
    parts = {part for module in imports(file) for part in module.split(".")}

    assert parts & {*SPARK_CLASSIC, "py4j", "rdd", "accumulators", "java_gateway"} == set()


@every_file
def test_files_are_short(file):
    assert len(file.read_text("utf-8").splitlines()) <= MOST_LINES


def test_folders_hold_few_files():
    files = [*FILES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    folders = Counter(f.relative_to(ROOT).parent.as_posix() for f in files if f.stem != "__init__")

    assert {f for f, files in folders.items() if files > MOST_FILES} <= LISTS_OF_STAGES


def test_the_list_of_stages_holds_no_private_file():
    for folder in LISTS_OF_STAGES:
        assert [f.name for f in (ROOT / folder).glob("_[!_]*.py")] == []


def test_the_architecture_page_names_files_that_are_there():
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    named = set(re.findall(r"`((?:annotators|pipelines|jobs|tests)/[\w/.]+)`", page))

    assert len(named) > 20
    assert {name for name in named if not (ROOT / name).exists()} <= {"jobs/sinks"}
