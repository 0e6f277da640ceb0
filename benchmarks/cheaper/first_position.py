"""A sequence classifier's last layer for [CLS] only, against the same int8 graph without it.

    taskset -c 1 python -m benchmarks.cheaper.first_position notes.jsonl FOLDER ...

A FOLDER's last layer is whole, as annotators/_export made it before it rewrote them; so were the
packaged classifiers up to the commit 3828acd. A copy of each is rewritten, and both take turns over
the same windows (ways.py).
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx

from annotators._export.first_position import first_position_only
from annotators._export.folder import write_manifest
from annotators._runtime.model_folder import WEIGHTS, find_model, read_manifest
from benchmarks.cheaper.ways import compare
from benchmarks.workload import read_texts


def rewritten(model: str, folder: Path) -> Path:
    """A copy of a model whose last layer is for [CLS] only. Raises ValueError where it was."""
    source = find_model(model)
    shutil.copytree(source.path, folder)
    graph = onnx.load(str(source.weights))
    if not first_position_only(graph.graph):
        raise ValueError(f"{model} has no whole last layer that only [CLS] is read of")
    onnx.save(graph, str(folder / WEIGHTS))
    left_out = ("files", "exit")
    write_manifest(
        folder, {k: v for k, v in read_manifest(source.path).items() if k not in left_out}
    )
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("model", nargs="+")
    parser.add_argument("--passes", type=int, default=7)
    parser.add_argument("--limit", type=int, default=40, help="texts at most")
    given = parser.parse_args()
    texts = read_texts(given.texts)[: given.limit]
    with TemporaryDirectory() as scratch:
        for model in given.model:
            ways = {"whole": model, "[CLS] only": str(rewritten(model, Path(scratch) / model))}
            print(json.dumps({model: compare(ways, texts, given.passes)}, indent=1))


if __name__ == "__main__":
    main()
