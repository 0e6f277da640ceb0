"""The jobs that soaks disturb: the notes of two nights, and the tables after the second."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import TOKEN_LABELS, write_tiny_bert
from tests.jobs.databases.kills import Place, completed
from tests.jobs.databases.server import Server

SINKS = ("parquet", "delta", "postgresql")


@dataclass
class Nights:
    """What places of one sink share. base: where the first night is committed; wanted: the rows
    of all tables after the second.
    """

    kind: str
    folder: Path
    model: Path
    server: Server | None
    keys: dict[str, Any]
    texts: list[str]
    base: Place
    wanted: dict[str, list[str]]

    def place(self, name: str, *, empty: bool = False) -> Place:
        """A place before the second night; with nothing committed where it is to be empty."""
        made = Place(self.folder / name, self.texts, self.model, self.kind, self.server, name,
                     **self.keys)  # fmt: skip
        if not empty:
            made.like(self.base)
        return made


@contextmanager
def nights(
    kind: str, folder: Path, first: Sequence[str], second: Sequence[str], **keys: Any
) -> Iterator[Nights]:
    """Two nights over a small random model. keys: of the configuration, slice_notes among them."""
    with ExitStack() as ends:
        server = None
        if kind == "postgresql":
            server = Server()
            ends.callback(server.remove)
        model = write_tiny_bert(folder / "model", TOKEN_LABELS, "token-classification")
        base = Place(folder / "base", first, model, kind, server, "base", **keys)
        completed(base)
        made = Nights(kind, folder, model, server, keys, list(second), base, {})
        whole = made.place("whole", empty=True)
        completed(whole)
        made.wanted = whole.rows()
        yield made


def changed(texts: Sequence[str], draw: random.Random) -> tuple[list[str], list[str]]:
    """The texts of two nights: of the second a third has changed, and the last third is new."""
    first = list(texts[: 2 * len(texts) // 3])
    second = [f"{t} No pain." if draw.random() < 0.5 else t for t in first]
    return first, [*second, *texts[len(first) :]]
