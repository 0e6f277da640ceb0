"""The files that hold a model's weights, and the SHA-256 that stands for all of them."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path, PurePosixPath

from annotators._runtime.onnx_graph import read_graph
from annotators.core.errors import ModelError

MAPPED = "weights-{sha256}.bin"
"""A graph's weights in a file of their own, which processes map and share; named by its content."""
_BEFORE, _AFTER = MAPPED.split("{sha256}")


def weights_sha256(graph: Path) -> str:
    """The SHA-256 of a model: of every file that a session over `graph` reads.

    It is that of the graph's own file where all weights lie in it, or in a mapped file, which is
    named by its SHA-256. Raises ModelError where a file that the graph names is not there.
    """
    others = unmapped_files(graph)
    if not others:
        return file_sha256(graph)
    lines = [f"{file.relative_to(graph.parent)} {file_sha256(file)}" for file in others]
    return hashlib.sha256("\n".join([file_sha256(graph), *lines]).encode()).hexdigest()


def unmapped_files(graph: Path) -> list[Path]:
    """The files beside `graph` that its weights lie in, without those named by their content."""
    found = read_graph(graph)
    files: list[Path] = []
    for name in found.external if found else ():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise ModelError(
                f"{graph} names weights outside of its folder; it must name a file within it."
            )
        if not (graph.parent / path).is_file():
            raise ModelError(
                f"model file {graph.parent / path} is missing: {graph.name} has its weights there. "
                "Copy it beside the graph."
            )
        files.append(graph.parent / path)
    return [file for file in files if not _is_mapped(file)]


def check_weights(graph: Path, expected: str) -> None:
    """Raise ModelError unless the files of a model's weights have this SHA-256 in all."""
    if not graph.is_file():
        raise ModelError(f"model file {graph} is missing.")
    found = weights_sha256(graph)
    if found != expected:
        raise ModelError.changed(str(graph), expected, found)
    for file in graph.parent.glob(f"{_BEFORE}*{_AFTER}"):
        check_file(file, file.name.removeprefix(_BEFORE).removesuffix(_AFTER))


def check_file(file: Path, expected: str) -> None:
    """Raise ModelError unless the file is there and has this SHA-256."""
    if not file.is_file():
        raise ModelError(f"model file {file} is missing.")
    found = file_sha256(file)
    if found != expected:
        raise ModelError.changed(str(file), expected, found)


def _is_mapped(file: Path) -> bool:
    return file.name.startswith(_BEFORE) and file.name.endswith(_AFTER)


def file_sha256(file: Path) -> str:
    """The SHA-256 of a file's bytes, in hex; remembered until the file changes."""
    stat = file.stat()
    return _hash(file, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=64)
def _hash(file: Path, _size: int, _modified: int) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
