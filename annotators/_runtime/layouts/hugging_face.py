"""Folders as Hugging Face's optimum and hub lay them: config.json, a tokenizer, and ONNX weights.

The weights are `model.onnx` beside config.json or in the folder `onnx` below it. Nothing of a
folder is run or unpickled: JSON is read, and the wordpieces.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from annotators.core.errors import ModelError

CONFIG, TOKENIZER, TOKENIZER_CONFIG, VOCABULARY = (
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
)
BELOW = "onnx"
"""The folder that the hub's repositories have their ONNX files in."""
_TASKS = {
    "ForTokenClassification": "token-classification",
    "ForSequenceClassification": "sequence-classification",
}
_NAME = re.compile(r"[\w.-]+/[\w.-]+")


def is_there(folder: Path) -> bool:
    """Whether a folder is of this layout: its config, and wordpieces of some form."""
    words = any((folder / name).is_file() for name in (TOKENIZER, VOCABULARY))
    return words and (folder / CONFIG).is_file()


def root_of(folder: Path) -> Path:
    """The folder with config.json that weights in `folder` belong to."""
    below = folder.name == BELOW and not (folder / CONFIG).is_file()
    return folder.parent if below and (folder.parent / CONFIG).is_file() else folder


def said(folder: Path) -> dict[str, Any]:
    """Task, labels by id, whether words are lower-cased, and the longest window.

    Raises ModelError where config.json has no label for each id.
    """
    config = _object(folder / CONFIG)
    named = config.get("id2label")
    named = named if isinstance(named, dict) else {}
    if not named or sorted(named) != sorted(map(str, range(len(named)))):
        raise ModelError(
            f"{folder / CONFIG} has no label for each id from 0 on: expected id2label as "
            '{"0": "O", "1": "B-Disease", …}, in the order of the scores.'
        )
    longest = config.get("max_position_embeddings")
    return {
        "task": _task(config),
        "labels": [named[str(i)] for i in range(len(named))],
        "lowercase": _lowercase(folder),
        "max_length": longest if isinstance(longest, int) and longest > 0 else 512,
    }


def missing(reference: str) -> ModelError | None:
    """What to say of a path that is not there, and looks like a name of the hub."""
    path = Path(reference)
    if path.exists() or path.parent.is_dir() or not _NAME.fullmatch(reference):
        return None
    return ModelError(
        f"there is no folder {reference}. A model of the Hugging Face hub is named with hf:// "
        f'before it: pretrained("hf://{reference}"), --model hf://{reference}.'
    )


def without_weights(folder: Path) -> ModelError:
    """What to say of a folder that has no ONNX file, in whichever layout."""
    if list(folder.glob("*.safetensors")) or list(folder.glob("pytorch_model*.bin")):
        return ModelError(
            f"{folder} has a model of Hugging Face's, and no file model.onnx: make a model folder "
            f"of it with notemill export {folder} MODEL_FOLDER."
        )
    return ModelError(f"there is no model at {folder}: it has no file model.onnx.")


def _task(config: dict[str, Any]) -> str | None:
    named = config.get("architectures")
    kind = str(named[0]) if isinstance(named, list) and named else ""
    return next((task for end, task in _TASKS.items() if kind.endswith(end)), kind or None)


def _lowercase(folder: Path) -> bool | None:
    if (folder / TOKENIZER).is_file():
        return _lowers(_object(folder / TOKENIZER).get("normalizer"))
    if (folder / TOKENIZER_CONFIG).is_file():
        found = _object(folder / TOKENIZER_CONFIG).get("do_lower_case")
        return found if isinstance(found, bool) else None
    return None


def _lowers(normalizer: Any) -> bool:
    if not isinstance(normalizer, dict):
        return False
    if normalizer.get("type") == "BertNormalizer":
        return bool(normalizer.get("lowercase"))
    inner = normalizer.get("normalizers")
    inner = inner if isinstance(inner, list) else []
    return normalizer.get("type") == "Lowercase" or any(map(_lowers, inner))


def _object(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ModelError(f"{file} is not a JSON object.")
    return found
