"""Writing a model folder: weights, tokenizer, Spark NLP's assets, card and manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FILES = ("model.onnx", "tokenizer.json", "assets/vocab.txt", "assets/labels.txt")


def write_assets(folder: Path, tokenizer: Any, labels: Sequence[str]) -> None:
    """tokenizer.json (no truncation, no padding), assets/vocab.txt and assets/labels.txt."""
    (folder / "assets").mkdir(parents=True, exist_ok=True)
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    backend.save(str(folder / "tokenizer.json"))
    by_id = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    lines = {
        "assets/vocab.txt": [piece for piece, _ in by_id],
        "assets/labels.txt": list(labels),
    }
    for name, rows in lines.items():
        (folder / name).write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


def digest(path: Path) -> str:
    """SHA-256 of a file in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    """manifest.json: format 1, the given facts, and the SHA-256 of every file."""
    manifest = {"format": 1, **facts, "files": {name: digest(folder / name) for name in FILES}}
    (folder / "manifest.json").write_text(
        json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
