"""A model that was found and read: what every layout of folders comes to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotators._runtime.layouts import hugging_face
from annotators.core.errors import ModelError
from annotators.core.tagging import ARGMAX

UNKNOWN = "unknown"
WEIGHTS, MANIFEST = "model.onnx", "manifest.json"
TOKENIZER, VOCABULARY, LABELS = "tokenizer.json", "assets/vocab.txt", "assets/labels.txt"


@dataclass(frozen=True)
class ModelFolder:
    """A model that was found and read, its weights not yet opened.

    reference: the name or path it is known by (what a saved stage holds).
    sha256: of the weights; identifies the model wherever it lies.
    weights_name: the file of the weights; another than model.onnx for another precision.
    pieces_sha256: of the file that says how words are parted; empty where there is none.
    decoding: how a token classifier's logits become labels, one of core/tagging.py's DECODINGS.
    temperature: what a token classifier's logits are divided by, so that scores mean what they say.
    lowercase: whether the vocabulary is uncased; None where the folder does not say.
    """

    reference: str
    path: Path
    sha256: str
    task: str | None
    labels: tuple[str, ...]
    scheme: str | None
    precision: str
    lowercase: bool | None
    max_length: int
    licence: str
    metrics: tuple[tuple[str, Any], ...]
    weights_name: str = WEIGHTS
    temperature: float = 1.0
    decoding: str = ARGMAX
    pieces_sha256: str = ""

    @property
    def weights(self) -> Path:
        return self.path / self.weights_name

    @property
    def vocabulary(self) -> Path:
        """The wordpieces, a line each; what a folder without tokenizer.json goes by."""
        places = [self.path / VOCABULARY, self.path / hugging_face.VOCABULARY]
        return next((place for place in places if place.is_file()), places[0])

    @property
    def pieces(self) -> Path:
        """The file that says how words are parted."""
        whole = self.path / TOKENIZER
        return whole if whole.is_file() else self.vocabulary

    @property
    def size(self) -> int:
        """Bytes of the folder."""
        return sum(f.stat().st_size for f in self.path.rglob("*") if f.is_file())


def text_lines(file: Path) -> list[str]:
    """The lines of a UTF-8 file, with or without a byte-order mark."""
    try:
        return file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise ModelError(f"{file} is not UTF-8: save it in UTF-8.") from None
