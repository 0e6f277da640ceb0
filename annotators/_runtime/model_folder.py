"""Models by name or path: where a name's folder is, whether it is whole, which weights are taken.

What lies in a folder is read by layouts/reading.py.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from annotators._runtime.layouts.model import (
    LABELS,
    MANIFEST,
    TOKENIZER,
    UNKNOWN,
    VOCABULARY,
    WEIGHTS,
    ModelFolder,
    text_lines,
)
from annotators._runtime.layouts.reading import FORMAT, read_manifest, read_model, weights_in
from annotators._runtime.weights import check_file, weights_sha256
from annotators.core.errors import ModelError

__all__ = [
    "BF16",
    "FORMAT",
    "LABELS",
    "MANIFEST",
    "MODELS_VARIABLE",
    "PACKAGED",
    "TOKENIZER",
    "UNKNOWN",
    "VOCABULARY",
    "WEIGHTS",
    "ModelFolder",
    "broken_models",
    "find_model",
    "in_precision",
    "known_models",
    "located",
    "model_roots",
    "read_manifest",
    "read_model",
    "text_lines",
    "verify",
    "weights_in",
]

PACKAGED = Path(__file__).resolve().parent.parent / "pretrained"
MODELS_VARIABLE = "NOTEMILL_MODELS"
BF16 = "bf16"


def find_model(reference: str) -> ModelFolder:
    """Read the folder that a name or a path refers to.

    A path (anything with a slash, or what exists) is taken as it is: a folder, or the file of its
    weights; a name is looked up
    among the packaged models and then in the folder that NOTEMILL_MODELS names.
    Raises ModelError where there is none or where it is not a model folder.
    """
    if "/" in reference or Path(reference).exists():
        return read_model(Path(reference), reference)
    for folder in model_roots():
        if weights_in(folder / reference) is not None:
            return read_model(folder / reference, reference)
    raise ModelError.unknown_name(reference, [model.reference for model in known_models()])


def located(model: ModelFolder) -> ModelFolder:
    """The model on this machine: an executor may have it elsewhere than the driver.

    It is looked for where the driver has it; in the working folder, where Spark unpacks what is
    sent with `--archives` and puts the files of `--files`, if the weights are the driver's; then
    by its name. Raises ModelError where it is at none of these.
    """
    if model.weights.is_file():
        return model
    working = Path.cwd()
    for folder in (working / model.path.name, working):
        weights = folder / model.weights_name
        if weights.is_file() and weights_sha256(weights) == model.sha256:
            return replace(model, path=folder)
    try:
        found = find_model(model.reference)
    except ModelError:
        raise ModelError.not_here(str(model.path), platform.node()) from None
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
        for folder in sorted(f for f in root.glob("*") if weights_in(f) is not None):
            name = folder.name
            if name not in seen:
                seen.add(name)
                try:
                    yield read_model(folder, name)
                except ModelError as failure:
                    yield failure


def verify(model: ModelFolder) -> None:
    """Raise ModelError unless every file that the manifest lists has its SHA-256."""
    for name, expected in read_manifest(model.path).get("files", {}).items():
        check_file(model.path / name, expected)


def model_roots() -> list[Path]:
    """The folders that models are found in by name, in the order in which they are looked at."""
    more = os.environ.get(MODELS_VARIABLE)
    return [PACKAGED, *([Path(more)] if more else [])]
