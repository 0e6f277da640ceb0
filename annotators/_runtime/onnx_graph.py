"""What an ONNX file says of itself, read off its protobuf: inputs, outputs, files, vocabulary.

A walk over the few fields that are asked for, with the weights passed over. It takes milliseconds,
so that the driver can tell what will not run before any job, and neither the package `onnx` nor an
open session is needed for it. Numbers of fields are those of onnx.proto.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WIDTHS = {_FIXED64: 8, _FIXED32: 4}
_GRAPH, _FUNCTIONS = 7, 25
_NODE, _INITIALIZER, _INPUT, _OUTPUT = 1, 5, 11, 12
_EXTERNAL_DATA = 13
_TENSOR_NAME, _RAW_DATA = 8, 9
_TYPE, _SHAPE = 2, 2

_PLACES, _TABLE = "position_embeddings.weight", ("weight", "_int8", "_quantized")
"""How exports of BERT name the table with a row for each place in a window."""

# Where tensors hide: (kind of message, field) to the kind of message that lies there.
_CHILDREN = {
    ("model", _GRAPH): "graph",
    ("model", _FUNCTIONS): "function",
    ("function", 7): "node",
    ("graph", _NODE): "node",
    ("graph", _INITIALIZER): "tensor",
    ("graph", 15): "sparse",
    ("sparse", 1): "tensor",
    ("sparse", 2): "tensor",
    ("node", 5): "attribute",
    ("attribute", 5): "tensor",
    ("attribute", 6): "graph",
    ("attribute", 10): "tensor",
    ("attribute", 11): "graph",
}

Buffer = memoryview


@dataclass(frozen=True)
class OnnxGraph:
    """external: the files, named relative to the graph's, that hold its weights.

    inputs: what has to be fed: name, and its axes, None where any length goes.
    rows: the first axis of each tensor of weights, by name. gathers: (weights, indices) of each
    Gather, by name, in order.
    """

    external: tuple[str, ...]
    inputs: tuple[tuple[str, tuple[int | None, ...]], ...]
    rows: tuple[tuple[str, int], ...]
    gathers: tuple[tuple[str, str], ...]

    def embedding_rows(self, indices: str) -> int | None:
        """Rows of the table that an input looks up, None where no Gather reads it as it is."""
        tables = [weights for weights, read in self.gathers if read == indices]
        return dict(self.rows).get(tables[0]) if tables else None

    def longest_window(self) -> int | None:
        """Wordpieces a window as far as the file tells: its fixed axis, or its table of places."""
        fixed = [axes[1] for _, axes in self.inputs if len(axes) > 1 and axes[1] is not None]
        places = [size for name, size in self.rows if _PLACES in name and name.endswith(_TABLE)]
        return min([*fixed, *places], default=None)


def read_graph(file: Path) -> OnnxGraph | None:
    """What the file says; None where it is not ONNX (opening it will tell)."""
    stat = file.stat()
    return _read(file, stat.st_size, stat.st_mtime_ns) if stat.st_size else None


@lru_cache(maxsize=64)
def _read(file: Path, _size: int, _modified: int) -> OnnxGraph | None:
    with file.open("rb") as stream:
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        view = memoryview(data)
        try:
            return _walk(view)
        except (IndexError, ValueError):  # a wire that no protobuf has
            return None
        finally:
            view.release()
            data.close()


def _walk(view: Buffer) -> OnnxGraph | None:
    external: dict[str, None] = {}
    rows: dict[str, int] = {}
    inputs: list[tuple[str, tuple[int | None, ...]]] = []
    gathers: list[tuple[str, str]] = []
    graphs = 0
    left = [("model", 0, len(view))]
    while left:
        kind, start, stop = left.pop()
        graphs += kind == "graph"
        if kind == "tensor":
            name, first, files = _tensor(view, start, stop)
            external |= dict.fromkeys(files)
            rows[name] = first or 0
        elif kind == "node":
            read, operator = _node(view, start, stop)
            if operator == "Gather" and len(read) > 1:
                gathers.append((read[0], read[1]))
        for field, lo, hi in _fields(view, start, stop):
            if kind == "graph" and field == _INPUT and graphs == 1:
                inputs.append(_port(view, lo, hi))
            if (kind, field) in _CHILDREN and lo >= 0:
                left.append((_CHILDREN[kind, field], lo, hi))
    # Old files list their weights among the inputs, too.
    fed = tuple((name, axes) for name, axes in inputs if name not in rows)
    found = OnnxGraph(tuple(sorted(external)), fed, tuple(rows.items()), tuple(gathers[::-1]))
    return found if graphs else None


def raw_places(file: Path) -> dict[str, tuple[int, int]]:
    """Where the values of weights lie in the file itself: offset and length in bytes, by name."""
    found: dict[str, tuple[int, int]] = {}
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        view = memoryview(data)
        tensors = _inside(view, [(0, len(view))], (_GRAPH, _INITIALIZER))
        for start, stop in tensors:
            fields = {field: (lo, hi) for field, lo, hi in _fields(view, start, stop)}
            if _RAW_DATA in fields and _TENSOR_NAME in fields:
                lo, hi = fields[_RAW_DATA]
                found[_text(view, *fields[_TENSOR_NAME])] = (lo, hi - lo)
        view.release()
    return found


def _port(view: Buffer, start: int, stop: int) -> tuple[str, tuple[int | None, ...]]:
    """An input's name and its axes, read through type, tensor type and shape."""
    name, axes = "", []
    for field, lo, hi in _fields(view, start, stop):
        if field == 1:
            name = _text(view, lo, hi)
        for a, b in _inside(view, [(lo, hi)] if field == _TYPE else [], (1, _SHAPE, 1)):
            fixed = [value for key, at, value in _fields(view, a, b) if key == 1 and at < 0]
            axes.append(fixed[0] if fixed and fixed[0] > 0 else None)
    return name, tuple(axes)


def _inside(
    view: Buffer, found: list[tuple[int, int]], path: tuple[int, ...]
) -> list[tuple[int, int]]:
    """The messages that lie in those found, along a path of fields."""
    for wanted in path:
        found = [
            (lo, hi)
            for start, stop in found
            for field, lo, hi in _fields(view, start, stop)
            if field == wanted
        ]
    return found


def _tensor(view: Buffer, start: int, stop: int) -> tuple[str, int | None, list[str]]:
    """A tensor's name, its first axis, and the file that its values lie in, if it is another."""
    name, first, files = "", None, []
    for field, lo, hi in _fields(view, start, stop):
        if field == 1 and first is None:  # packed, or one number a field
            first = _varint(view, lo)[0] if lo >= 0 else hi
        elif field == 8:
            name = _text(view, lo, hi)
        elif field == _EXTERNAL_DATA:
            entry = {key: _text(view, a, b) for key, a, b in _fields(view, lo, hi)}
            files += [entry.get(2, "")] if entry.get(1) == "location" else []
    return name, first, files


def _node(view: Buffer, start: int, stop: int) -> tuple[list[str], str]:
    """A node's inputs and its operator."""
    inputs, operator = [], ""
    for field, lo, hi in _fields(view, start, stop):
        if field == 1:
            inputs.append(_text(view, lo, hi))
        elif field == 4:
            operator = _text(view, lo, hi)
    return inputs, operator


def _fields(view: Buffer, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Each field of a message: (number, first byte, end); (number, -1, value) of a number."""
    at = start
    while at < stop:
        tag, at = _varint(view, at)
        kind = tag & 7
        if kind == _VARINT:
            value, at = _varint(view, at)
            yield tag >> 3, -1, value
        elif kind == _BYTES:
            size, at = _varint(view, at)
            if at + size > stop:
                raise ValueError("a field is longer than its message")
            yield tag >> 3, at, at + size
            at += size
        else:
            if kind not in _WIDTHS:
                raise ValueError("no such kind of field")
            at += _WIDTHS[kind]


def _varint(view: Buffer, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = view[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number is too long")


def _text(view: Buffer, lo: int, hi: int) -> str:
    return bytes(view[lo:hi]).decode("utf-8")
