"""Texts to the distinct windows that a pipeline would feed a model, and what the model makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotators._runtime.inference import Inference
from annotators._runtime.session import Session, feeds_of
from annotators.core.batching import by_length
from annotators.core.plan import run_plan
from jobs._training.data import DataError, read_unlabelled
from jobs._training.notes import TO_TOKENS

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
Outputs = list[NDArray[np.float32]]

EACH = 5
"""Of so many texts one is held out."""
_TEXTS_AT_ONCE = 200


@dataclass(frozen=True)
class Window:
    """Wordpiece ids with [CLS] and [SEP]; read: the places whose labels are those of tokens."""

    ids: Ids
    read: Ids


@dataclass(frozen=True)
class Corpus:
    """The distinct windows of a file of texts: those to train on, and those held out.

    name: the file's. texts: how many there are. What is in both parts is held out from neither;
    it is left out of the part held out.
    """

    name: str
    texts: int
    train: tuple[Window, ...]
    held_out: tuple[Window, ...]


def read_texts(path: Path, field: str) -> list[str]:
    """The texts of a file (JSON lines, CSV, TSV; a .txt file is one) or of a folder's .txt files.

    Raises DataError where there is none.
    """
    files = sorted(path.rglob("*.txt")) if path.is_dir() else [path]
    if all(file.suffix == ".txt" for file in files):
        found = [text for file in files if (text := _text(file)).strip()]
    else:
        found = read_unlabelled(path, field)
    if not found:
        raise DataError(f"{path.name}: found no text, expected JSON lines, CSV, TSV or .txt files")
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{file.name}: bytes that are not UTF-8, expected text in UTF-8") from None


def read_corpus(path: Path, field: str, inference: Inference, *, unseen: bool = False) -> Corpus:
    """The windows of a file; every fifth text is held out, of a file that is unseen every one."""
    texts = read_texts(path, field)
    held = [unseen or i % EACH == EACH - 1 for i in range(len(texts))]
    parts = [
        windows_of([t for t, one in zip(texts, held, strict=True) if one is kept], inference)
        for kept in (False, True)
    ]
    known = {window.ids.tobytes() for window in parts[0]}
    fresh = tuple(window for window in parts[1] if window.ids.tobytes() not in known)
    return Corpus("/".join(path.parts[-2:]), len(texts), tuple(parts[0]), fresh)


def windows_of(texts: Sequence[str], inference: Inference) -> list[Window]:
    """The distinct windows of the sentences of texts, as `clinical_ner` makes sentences."""
    found: dict[bytes, Window] = {}
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        made = run_plan(TO_TOKENS, {"text": texts[start : start + _TEXTS_AT_ONCE]})
        tokens = made.columns["token"]
        rows = np.repeat(np.arange(tokens.rows), np.diff(tokens.offsets))
        numbers = np.asarray(tokens.fields["sentence"], np.int64)
        new = np.flatnonzero((np.diff(rows, prepend=-1) != 0) | (np.diff(numbers, prepend=-1) != 0))
        pieces, words = inference.encoder().encode(tokens.result)
        offsets = words[np.append(new, len(tokens))] if len(tokens) else np.zeros(1, np.int64)
        for window in _cut(pieces, words[:-1], offsets, inference):
            found.setdefault(window.ids.tobytes(), window)
    return list(found.values())


def _cut(pieces: Ids, firsts: Ids, offsets: Ids, inference: Inference) -> Iterator[Window]:
    """The windows of sentences; firsts: the place of each token's first wordpiece."""
    encoder = inference.encoder()
    windows = inference.windows(offsets)
    for start, stop in zip(windows.start.tolist(), windows.stop.tolist(), strict=True):
        ids = np.array([encoder.cls, *pieces[start:stop], encoder.sep], np.int64)
        lo, hi = np.searchsorted(firsts, (start, stop))
        yield Window(ids, firsts[lo:hi] - start + 1)


def outputs_of(
    session: Session, windows: Sequence[Window], outputs: Sequence[str], budget: int = 2048
) -> Iterator[tuple[Ids, Ids, Mask, Outputs]]:
    """Batch by batch: the numbers of its windows, their ids and mask, and the model's outputs."""
    lengths = np.array([len(window.ids) for window in windows], np.int64)
    for batch in by_length(lengths, budget):
        mask = np.arange(lengths[batch].max()) < lengths[batch][:, None]
        ids = np.zeros(mask.shape, np.int64)
        ids[mask] = np.concatenate([windows[i].ids for i in batch.tolist()])
        yield batch, ids, mask, session.run_all(feeds_of(ids, mask), outputs)
