"""Writing a model folder: weights, tokenizer, Spark NLP's assets, card and manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from annotators._runtime.model_folder import (
    FORMAT,
    LABELS,
    MANIFEST,
    TOKENIZER,
    VOCABULARY,
    WEIGHTS,
    read_manifest,
)
from annotators._runtime.weights import file_sha256

FILES = (WEIGHTS, TOKENIZER, VOCABULARY, LABELS)


def write_assets(folder: Path, tokenizer: Any, labels: Sequence[str]) -> None:
    """tokenizer.json (no truncation, no padding), assets/vocab.txt and assets/labels.txt."""
    (folder / "assets").mkdir(parents=True, exist_ok=True)
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    backend.save(str(folder / TOKENIZER))
    by_id = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    lines = {
        VOCABULARY: [piece for piece, _ in by_id],
        LABELS: list(labels),
    }
    for name, rows in lines.items():
        (folder / name).write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


def write_manifest(folder: Path, facts: Mapping[str, Any], files: Sequence[str] = FILES) -> None:
    """manifest.json: the format, the given facts, and the SHA-256 of every file."""
    sums = {name: file_sha256(folder / name) for name in files}
    _write(folder, {"format": FORMAT, **facts, "files": sums})


def amend_manifest(folder: Path, facts: Mapping[str, Any], more: Sequence[str] = ()) -> None:
    """Put facts into a folder's manifest, and the SHA-256 of more of its files."""
    manifest = read_manifest(folder)
    files = manifest.pop("files") | {name: file_sha256(folder / name) for name in more}
    _write(folder, {**manifest, **facts, "files": files})


def _write(folder: Path, manifest: Mapping[str, Any]) -> None:
    (folder / MANIFEST).write_text(
        json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
