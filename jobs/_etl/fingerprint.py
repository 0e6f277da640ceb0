"""What tells one pipeline's annotations from another's: versions, stages, params, models."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pyspark.ml import PipelineModel, Transformer

from annotators._export.processor import processor_flags
from annotators._runtime.early_exit import PART
from annotators._runtime.model_folder import (
    TOKENIZER,
    ModelFolder,
    find_model,
    in_precision,
    read_manifest,
)
from annotators.core.errors import ModelError

_UNTOLD = {
    "model", "batchSize", "batchWordpieces", "distinctWindows", "rememberedWindows",
    "lazyAnnotator", "onnxThreads", "provider", "engine", "configProtoBytes",
}  # fmt: skip
"""Params that change how the work is done and where a model lies, not what comes of it."""
_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8")


@dataclass(frozen=True)
class Pedigree:
    """What annotations come from. models: name to SHA-256 of the weights."""

    fingerprint: str
    models: Mapping[str, str]
    precision: str


def pedigree(pipeline: PipelineModel, tables: Mapping[str, Any]) -> Pedigree:
    """The pedigree of a fitted pipeline's annotations, the same wherever its models lie.

    tables: options that change what rows hold.
    """
    stages, models, precisions = [], {}, set()
    for stage in _flat(pipeline):
        params = {p.name: value for p, value in stage.extractParamMap().items()}
        told: dict[str, Any] = {"class": type(stage).__name__}
        told["params"] = {k: v for k, v in params.items() if k not in _UNTOLD}
        if "modelSha256" in params:
            model = in_precision(find_model(params["model"]), params.get("precision", "auto"))
            told["model"] = _identity(model)
            models[model.path.name] = model.sha256
            precisions.add(model.precision)
        stages.append(told)
    whole = {"versions": versions(), "stages": stages, "tables": dict(tables)}
    for unrelated in ("pyspark", "python"):
        del whole["versions"][unrelated]  # type: ignore[attr-defined]
    text = json.dumps(whole, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Pedigree(digest, models, ", ".join(sorted(precisions)))


def check_same(pipeline: PipelineModel, tables: Mapping[str, Any], before: Pedigree) -> None:
    """Raise ModelError where the pipeline's models are not on the disk as they were before."""
    if pedigree(pipeline, tables) != before:
        raise ModelError(
            "a model was changed while it was in use: what was annotated since the last commit is "
            "not in the tables. Run the same command again, which annotates with the new one."
        )


def versions() -> dict[str, str]:
    """The versions that results may depend on."""
    names = ("notemill", "onnxruntime", "tokenizers", "pyspark")
    return {**{name: _version(name) for name in names}, "python": platform.python_version()}


def cpu_flags() -> str:
    """The driver's instruction sets that int8 results may depend on."""
    return " ".join(flag for flag in _FLAGS if flag in processor_flags())


def _identity(model: ModelFolder) -> dict[str, Any]:
    files = [model.path / TOKENIZER, model.vocabulary]
    exits = read_manifest(model.path).get(PART, {})
    tokenizer = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files if f.is_file()}
    return {
        "weights": model.sha256,
        "tokenizer": tokenizer,
        "labels": model.labels,
        "precision": model.precision,
        "temperature": model.temperature,
        "decoding": model.decoding,
        "exit": {k: exits[k] for k in ("layer", "thresholds", "default", "sha256") if k in exits},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def _flat(pipeline: PipelineModel) -> Iterator[Transformer]:
    for stage in pipeline.stages:
        if isinstance(stage, PipelineModel):
            yield from _flat(stage)
        else:
            yield stage
