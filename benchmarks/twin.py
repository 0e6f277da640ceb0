"""The fp32 twin of the shipped int8 model, as a folder that Notemill and Spark NLP load.

    python -m benchmarks.twin MODEL FOLDER

The repository holds no fp32 checkpoint: the twin's weights are the int8 model's, dequantised. So
what differs between the two is the rounding of activations only.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np

from annotators._export.folder import FILES, write_manifest
from annotators._runtime.inference import Inference
from annotators._runtime.model_folder import (
    MANIFEST,
    WEIGHTS,
    ModelFolder,
    find_model,
    read_model,
)
from annotators.core.windows import Windows
from benchmarks.dequantise import dequantise

OF = "twin_of"
"""The manifest's entry with the SHA-256 of the int8 weights."""


def make_twin(model: str, folder: Path) -> Path:
    """The twin: model.onnx, tokenizer, assets, manifest; made once for the same weights."""
    source = find_model(model)
    if not _is_of(folder, source):
        (folder / "assets").mkdir(parents=True, exist_ok=True)
        dequantise(source.weights, folder / WEIGHTS)
        for name in set(FILES) - {WEIGHTS}:
            shutil.copy(source.path / name, folder / name)
        manifest = json.loads((source.path / MANIFEST).read_text("utf-8"))
        manifest |= {"name": f"{manifest['name']}_fp32", "precision": "fp32", "metrics": {}}
        manifest[OF] = source.sha256
        manifest.pop("exit", None)  # its graphs are of the int8 weights
        for own in ("temperature", "decoding"):  # scores and labels are compared with others'
            manifest.pop(own, None)
        write_manifest(folder, manifest)
    return folder


def _is_of(folder: Path, source: ModelFolder) -> bool:
    if not (folder / MANIFEST).is_file():
        return False
    found: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    return found.get(OF) == source.sha256


def differences(model: str, twin: Path, pieces: Any, windows: Windows) -> dict[str, float]:
    """How far int8 is from its twin on these windows: logits, and the share of equal labels."""
    first, second = (
        Inference(folder, not folder.lowercase, folder.max_length, 0).logits(pieces, windows)
        for folder in (find_model(model), read_model(twin, str(twin)))
    )
    gap = np.abs(first.values - second.values)
    labels = first.values.argmax(axis=1) == second.values.argmax(axis=1)
    return {
        "wordpieces": len(first.values),
        "mean_logit_difference": round(float(gap.mean()), 4),
        "largest_logit_difference": round(float(gap.max()), 4),
        "equal_labels": round(float(labels.mean()), 5),
    }


if __name__ == "__main__":
    print(make_twin(sys.argv[1], Path(sys.argv[2])))
