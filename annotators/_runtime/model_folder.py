"""Model folders: what lies in one, whether it is whole, and where a name's folder is.

Two layouts are read. Notemill's own has a `manifest.json` that lists labels, scheme, precision and
the SHA-256 of every file. Spark NLP's has `model.onnx`, `assets/vocab.txt` and `assets/labels.txt`
(one label a line, by id) and no manifest. Nothing in a folder is ever unpickled.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from annotators._runtime.weights import (
    check_file,
    unmapped_files,
    weights_sha256,
)
from annotators.core.errors import ModelError
from annotators.core.labels import checked_labels

PACKAGED = Path(__file__).resolve().parent.parent / "pretrained"
MODELS_VARIABLE = "NOTEMILL_MODELS"
FORMAT = 1
UNKNOWN = "unknown"
BF16 = "bf16"
WEIGHTS, MANIFEST = "model.onnx", "manifest.json"
TOKENIZER, VOCABULARY, LABELS = "tokenizer.json", "assets/vocab.txt", "assets/labels.txt"


@dataclass(frozen=True)
class ModelFolder:
    """A model that was found and read, its weights not yet opened.

    reference: the name or path it is known by (what a saved stage holds).
    sha256: of the weights; identifies the model wherever it lies.
    weights_name: the file of the weights; another than model.onnx for another precision.
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

    @property
    def weights(self) -> Path:
        return self.path / self.weights_name

    @property
    def size(self) -> int:
        """Bytes of the folder."""
        return sum(f.stat().st_size for f in self.path.rglob("*") if f.is_file())


def find_model(reference: str) -> ModelFolder:
    """Read the folder that a name or a path refers to.

    A path (anything with a slash, or an existing folder) is taken as it is; a name is looked up
    among the packaged models and then in the folder that NOTEMILL_MODELS names.
    Raises ModelError where there is none or where it is not a model folder.
    """
    if "/" in reference or Path(reference).is_dir():
        return read_model(Path(reference), reference)
    for folder in model_roots():
        if (folder / reference / WEIGHTS).is_file():
            return read_model(folder / reference, reference)
    raise ModelError.unknown_name(reference, [model.reference for model in known_models()])


def located(model: ModelFolder) -> ModelFolder:
    """The model on this machine: a worker's packaged models may lie elsewhere than the driver's.

    Raises ModelError where neither the driver's path nor the model's name leads to a folder.
    """
    if model.weights.is_file():
        return model
    found = find_model(model.reference)
    return replace(model, path=found.path)


def in_precision(model: ModelFolder, precision: str) -> ModelFolder:
    """The model with its weights of a precision: `auto` (those of model.onnx), int8 or fp32; for
    bf16 those of fp32, which are computed with in bf16.

    A folder may hold a second file of weights, model.fp32.onnx or model.int8.onnx. Raises
    ModelError where neither it nor model.onnx has the precision.
    """
    if precision == BF16:
        return replace(in_precision(model, "fp32"), precision=BF16)
    if precision in ("auto", model.precision):
        return model
    name = f"model.{precision}.onnx"
    if not (model.path / name).is_file():
        raise ModelError(
            f"model {model.reference} has no {precision} weights: {WEIGHTS} is of precision "
            f"{model.precision}, and there is no {name} beside it. `notemill export --precision "
            f"{precision}` makes a folder whose {WEIGHTS} can be put there under that name."
        )
    sha256 = weights_sha256(model.path / name)
    return replace(model, precision=precision, weights_name=name, sha256=sha256)


def known_models() -> Iterator[ModelFolder]:
    """The models that a name finds: the packaged ones, then those under NOTEMILL_MODELS.

    A folder that cannot be read hides no other: `broken_models` tells what is wrong with it.
    """
    return (found for found in _every_model() if isinstance(found, ModelFolder))


def broken_models() -> Iterator[ModelError]:
    """Why folders among the models that a name finds cannot be read."""
    return (found for found in _every_model() if isinstance(found, ModelError))


def _every_model() -> Iterator[ModelFolder | ModelError]:
    seen: set[str] = set()
    for root in model_roots():
        for weights in sorted(root.glob(f"*/{WEIGHTS}")):
            name = weights.parent.name
            if name not in seen:
                seen.add(name)
                try:
                    yield read_model(weights.parent, name)
                except ModelError as failure:
                    yield failure


def read_model(path: Path, reference: str) -> ModelFolder:
    """Read a model folder of either layout. Raises ModelError that names the file at fault."""
    if not (path / WEIGHTS).is_file():
        raise ModelError(f"there is no model at {path}: it has no file {WEIGHTS}.")
    if (path / MANIFEST).is_file():
        return _read_own(path, reference)
    return _read_spark_nlp(path, reference)


def verify(model: ModelFolder) -> None:
    """Raise ModelError unless every file that the manifest lists has its SHA-256."""
    for name, expected in read_manifest(model.path).get("files", {}).items():
        check_file(model.path / name, expected)


def _read_own(path: Path, reference: str) -> ModelFolder:
    manifest = read_manifest(path)
    try:
        if manifest["format"] != FORMAT:
            raise ModelError(
                f"{path / MANIFEST} has format {manifest['format']}; this Notemill reads {FORMAT}."
            )
        return ModelFolder(
            reference=reference,
            path=path,
            sha256=_manifest_sha256(path, manifest["files"][WEIGHTS]),
            task=manifest["task"],
            labels=checked_labels(manifest["labels"], str(path / MANIFEST)),
            scheme=manifest.get("scheme"),
            precision=manifest["precision"],
            lowercase=manifest.get("lowercase"),
            max_length=int(manifest.get("max_length", 512)),
            licence=manifest.get("licence", UNKNOWN),
            metrics=tuple(manifest.get("metrics", {}).items()),
            temperature=_temperature(path, manifest.get("temperature", 1.0)),
        )
    except KeyError as missing:
        raise ModelError(f"{path / MANIFEST} lacks the entry {missing}.") from None


def _manifest_sha256(path: Path, listed: str) -> str:
    """The SHA-256 of the weights: as listed, unless there are files beside the graph's own."""
    return weights_sha256(path / WEIGHTS) if unmapped_files(path / WEIGHTS) else listed


def _temperature(path: Path, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ModelError(
            f"{path / MANIFEST} has temperature {value!r}, expected a number above 0: correct it, "
            "or leave it out for 1."
        )
    return float(value)


def _read_spark_nlp(path: Path, reference: str) -> ModelFolder:
    if not (path / LABELS).is_file() or not (path / VOCABULARY).is_file():
        raise ModelError(
            f"{path} is not a model folder: beside {WEIGHTS} it needs either {MANIFEST}, "
            f"or {VOCABULARY} and {LABELS}."
        )
    labels = [label.strip() for label in text_lines(path / LABELS)]
    return ModelFolder(
        reference=reference,
        path=path,
        sha256=weights_sha256(path / WEIGHTS),
        task=None,
        labels=checked_labels(filter(None, labels), str(path / LABELS)),
        scheme=None,
        precision=UNKNOWN,
        lowercase=None,
        max_length=512,
        licence=UNKNOWN,
        metrics=(),
    )


def text_lines(file: Path) -> list[str]:
    """The lines of a UTF-8 file, with or without a byte-order mark."""
    try:
        return file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise ModelError(f"{file} is not UTF-8: save it in UTF-8.") from None


def read_manifest(path: Path) -> dict[str, Any]:
    """What a folder's manifest.json says; empty where there is none."""
    if not (path / MANIFEST).is_file():
        return {}
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8-sig"))
    except ValueError:
        raise ModelError(f"{path / MANIFEST} is not JSON.") from None
    if not isinstance(manifest, dict):
        raise ModelError(f"{path / MANIFEST} is not a JSON object.")
    return manifest


def model_roots() -> list[Path]:
    """The folders that models are found in by name, in the order in which they are looked at."""
    more = os.environ.get(MODELS_VARIABLE)
    return [PACKAGED, *([Path(more)] if more else [])]
