"""A Hugging Face folder with a fine-tuned BERT or DistilBERT: network, tokenizer, what they say."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
)

from annotators._export.processor import processor_flags
from annotators.core.chunks.rules import label_scheme
from annotators.core.errors import ModelError

TOKENS, TEXTS = "token-classification", "sequence-classification"
_KINDS = {
    "BertForTokenClassification": (TOKENS, AutoModelForTokenClassification),
    "BertForSequenceClassification": (TEXTS, AutoModelForSequenceClassification),
    "DistilBertForTokenClassification": (TOKENS, AutoModelForTokenClassification),
    "DistilBertForSequenceClassification": (TEXTS, AutoModelForSequenceClassification),
}
_TOKENIZERS = ("tokenizer.json", "vocab.txt")
_CPU_FLAGS = {"avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8"}


@dataclass(frozen=True)
class HuggingFaceModel:
    """A classifier with eager attention (so that it can be traced) and its tokenizer."""

    model: Any
    tokenizer: Any
    task: str

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels by id."""
        config = self.model.config
        return tuple(str(config.id2label[i]) for i in range(config.num_labels))

    @property
    def max_length(self) -> int:
        """Wordpieces a window, [CLS] and [SEP] included."""
        return int(self.model.config.max_position_embeddings)

    @property
    def lowercase(self) -> bool:
        """Whether the vocabulary is uncased."""
        normalizer = self.tokenizer.backend_tokenizer.normalizer
        return bool(normalizer is not None and normalizer.normalize_str("A") == "a")

    def facts(self, name: str, precision: str, licence: str) -> dict[str, Any]:
        """The manifest's entries, without files and metrics."""
        return {
            "name": name,
            "task": self.task,
            "language": "en",
            "labels": list(self.labels),
            "scheme": label_scheme(self.labels) if self.task == TOKENS else None,
            "precision": precision,
            "lowercase": self.lowercase,
            "max_length": self.max_length,
            "licence": licence,
            "versions": _versions(),
        }


def open_hugging_face(folder: Path) -> HuggingFaceModel:
    """Open a folder that `save_pretrained` wrote.

    Raises ModelError on anything but a BERT or DistilBERT for token or sequence classification in
    safetensors: weights that would have to be unpickled are not read.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    kind = str((config.get("architectures") or [""])[0])
    if kind not in _KINDS:
        raise ModelError(
            f"{folder.name} holds a {kind or 'model without an architecture'}, expected "
            f"{' or '.join(_KINDS)}: fine-tune a BERT with notemill train first"
        )
    if not list(folder.glob("*.safetensors")):
        raise ModelError(
            f"{folder.name} has no weights in safetensors, and pickled ones are never read: save "
            "the model again with model.save_pretrained(folder, safe_serialization=True)"
        )
    if not any((folder / name).is_file() for name in _TOKENIZERS):
        raise ModelError(
            f"{folder.name} has no tokenizer, expected one of {', '.join(_TOKENIZERS)}: copy those "
            "of the model there, or save it with tokenizer.save_pretrained(folder)"
        )
    task, auto = _KINDS[kind]
    try:
        model = auto.from_pretrained(folder, attn_implementation="eager", use_safetensors=True)
    except RuntimeError:  # how transformers tells of weights of another shape
        labels = len(config.get("id2label") or {}) or 2
        raise ModelError(
            f"{folder.name} has weights of other shapes than its config.json says; check its "
            f"{labels} labels (id2label) against the classifier's weights"
        ) from None
    named = sorted(model.config.id2label)
    if named != list(range(len(named))):
        raise ModelError(
            f"{folder.name} has labels for the ids {', '.join(map(str, named))}, expected one for "
            f"each from 0 to {len(named) - 1}: correct id2label in its config.json"
        )
    # Weights may be bfloat16 or float16, which the CPU's kernels and ONNX's int8 do not take.
    return HuggingFaceModel(model.float().eval(), AutoTokenizer.from_pretrained(folder), task)


def _versions() -> dict[str, str]:
    """Versions of what made the folder, and the CPU's instruction sets that change int8 results."""
    names = ("torch", "transformers", "onnx", "onnxruntime", "tokenizers")
    found = {"python": platform.python_version(), **{name: version(name) for name in names}}
    return {**found, "cpu": " ".join(sorted(_CPU_FLAGS & processor_flags()))}
