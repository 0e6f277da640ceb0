"""The layers of the project: imports point down only, and Spark is used by its public API."""

import ast
import re
import sys
from collections import Counter
from functools import cache
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


@cache
def nodes(file):
    """The parts of a file's code."""
    return tuple(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


@cache
def imports(file):
    """Every module that a file imports, wherever in the file it does."""
    found = []
    for node in nodes(file):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(found)


def faults(of_file, files=FILES):
    """What a function finds wrong with files, by file; those without a fault are left out."""
    found = {file.relative_to(ROOT).as_posix(): of_file(file) for file in files}
    return {place: wrong for place, wrong in found.items() if wrong}


def test_imports_point_down():
    def upward(file):
        own = layer(module_of(file))
        return [m for m in imports(file) if layer(m) is not None and layer(m) > own]

    assert faults(upward) == {}


def test_the_core_knows_only_python_numpy_and_itself():
    known = {*sys.stdlib_module_names, "numpy"} - {"pathlib", "os", "io", "logging", "socket"}

    def others(file):
        return [m for m in imports(file) if m.split(".")[0] not in known and layer(m) != 0]

    assert faults(others, (ROOT / "annotators/core").rglob("*.py")) == {}


def test_one_file_knows_onnxruntime():
    def knows(file):
        return "onnxruntime" in {module.split(".")[0] for module in imports(file)}

    training = ("jobs/_training/", "jobs/recipes/")
    assert {p for p in faults(knows) if not p.startswith(training)} <= {ENGINE}


def names_used(parts):
    """The attributes that code uses, those that it asks for by name among them."""
    for node in parts:
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("attr"):
            yield from (a.value for a in node.args if isinstance(a, ast.Constant))


def test_no_file_reaches_into_spark():
    """No file of annotators, pipelines or jobs does; there is no exception."""
    assert faults(lambda file: {*names_used(nodes(file))} & SPARK_INTERNALS) == {}


@pytest.mark.parametrize(
    "code",
    ["spark.sparkContext.x()", "frame.rdd", 'getattr(frame, "_jdf", None)', "sc.broadcast(1)"],
)
def test_what_reaches_into_spark_is_seen(code):
    assert {*names_used(ast.walk(ast.parse(code)))} & SPARK_INTERNALS


def test_no_file_imports_what_connect_has_not():
    """Nor what only a driver that holds the JVM has: classic classes, py4j."""
    classic = {*SPARK_CLASSIC, "py4j", "rdd", "accumulators", "java_gateway"}

    def has_not(file):
        return classic & {part for module in imports(file) for part in module.split(".")}

    assert faults(has_not) == {}


def test_files_are_short():
    def too_long(file):
        lines = len(file.read_text("utf-8").splitlines())
        return lines if lines > MOST_LINES else None

    assert faults(too_long) == {}


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
