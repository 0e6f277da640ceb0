"""Reading a model folder, in whichever layout it is.

Three layouts are read. Notemill's own has a `manifest.json` that lists labels, scheme, precision
and the SHA-256 of every file. Spark NLP's has `model.onnx`, `assets/vocab.txt` and
`assets/labels.txt` (one label per line, by id) and no manifest. Hugging Face's is told in
layouts/hugging_face.py. Nothing in a folder is ever unpickled.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from annotators._runtime.layouts import hugging_face
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
from annotators._runtime.weights import file_sha256, unmapped_files, weights_sha256
from annotators.core.chunks.rules import label_scheme
from annotators.core.errors import ModelError
from annotators.core.labels import checked_labels
from annotators.core.tagging import ARGMAX, DECODINGS, VITERBI

FORMAT = 1


def read_model(path: Path, reference: str) -> ModelFolder:
    """Read a model folder of any layout, or that of a file of weights.

    Raises ModelError that names the file at fault.
    """
    found = _read(path, reference)
    there = found.pieces.is_file()
    return replace(found, pieces_sha256=file_sha256(found.pieces) if there else "")


def _read(path: Path, reference: str) -> ModelFolder:
    if path.suffix == ".onnx" and path.is_file():
        return _over_weights(path, reference)
    root = hugging_face.root_of(path)
    weights = weights_in(root)
    if weights is None:
        raise hugging_face.missing(reference) or hugging_face.without_weights(path)
    if (root / MANIFEST).is_file():
        return _read_own(root, reference)
    if hugging_face.is_there(root) and not (root / LABELS).is_file():
        return _read_hugging_face(root, reference, weights)
    return _read_spark_nlp(root, reference)


def weights_in(folder: Path) -> str | None:
    """The file of weights in a folder, by its path below it; None where there is none."""
    names = (WEIGHTS, f"{hugging_face.BELOW}/{WEIGHTS}")
    return next((name for name in names if (folder / name).is_file()), None)


def _over_weights(file: Path, reference: str) -> ModelFolder:
    """The model of a file of weights, with all else that its folder says."""
    root = hugging_face.root_of(file.parent)
    name = file.relative_to(root).as_posix()
    if weights_in(root) == name:
        return replace(read_model(root, str(root)), reference=reference)
    if hugging_face.is_there(root) and not (root / MANIFEST).is_file():
        return _read_hugging_face(root, reference, name)
    found = read_model(root, str(root))
    named = re.fullmatch(r"model\.(\w+)\.onnx", name)
    return replace(
        found,
        reference=reference,
        weights_name=name,
        sha256=weights_sha256(file),
        precision=named.group(1) if named else UNKNOWN,
    )


def _read_own(path: Path, reference: str) -> ModelFolder:
    manifest = read_manifest(path)
    try:
        if manifest["format"] != FORMAT:
            raise ModelError(
                f"{path / MANIFEST} has format {manifest['format']}; this Notemill reads {FORMAT}."
            )
        labels = checked_labels(manifest["labels"], str(path / MANIFEST))
        return ModelFolder(
            reference=reference,
            path=path,
            sha256=_manifest_sha256(path, manifest["files"][WEIGHTS]),
            task=manifest["task"],
            labels=labels,
            scheme=manifest.get("scheme"),
            precision=manifest["precision"],
            lowercase=manifest.get("lowercase"),
            max_length=int(manifest.get("max_length", 512)),
            licence=manifest.get("licence", UNKNOWN),
            metrics=tuple(manifest.get("metrics", {}).items()),
            temperature=_temperature(path, manifest.get("temperature", 1.0)),
            decoding=_decoding(path, manifest.get("decoding", ARGMAX), labels),
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


def _decoding(path: Path, value: Any, labels: tuple[str, ...]) -> str:
    if value not in DECODINGS:
        raise ModelError(
            f"{path / MANIFEST} has decoding {value!r}, expected one of {', '.join(DECODINGS)}: "
            f"correct it, or leave it out for {ARGMAX}."
        )
    if value == VITERBI and label_scheme(labels) != "IOB2":
        raise ModelError(
            f"{path / MANIFEST} has decoding {VITERBI}, which is for labels in IOB2, but theirs is "
            f"{label_scheme(labels)}: leave it out for {ARGMAX}."
        )
    return str(value)


def _read_hugging_face(path: Path, reference: str, weights: str) -> ModelFolder:
    said = hugging_face.said(path)
    return ModelFolder(
        reference=reference,
        path=path,
        sha256=weights_sha256(path / weights),
        task=said["task"],
        labels=checked_labels(said["labels"], str(path / hugging_face.CONFIG)),
        scheme=None,
        precision=UNKNOWN,
        lowercase=said["lowercase"],
        max_length=said["max_length"],
        licence=UNKNOWN,
        metrics=(),
        weights_name=weights,
    )


def _read_spark_nlp(path: Path, reference: str) -> ModelFolder:
    if not (path / LABELS).is_file() or not (path / VOCABULARY).is_file():
        raise ModelError(
            f"{path} is not a model folder: beside {WEIGHTS} it needs {MANIFEST}, or {VOCABULARY} "
            f"and {LABELS}, or config.json and {TOKENIZER} (or vocab.txt)."
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


def read_manifest(path: Path) -> dict[str, Any]:
    """What manifest.json says; nothing where there is none."""
    if not (path / MANIFEST).is_file():
        return {}
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8-sig"))
    except ValueError:
        raise ModelError(f"{path / MANIFEST} is not JSON.") from None
    if not isinstance(manifest, dict):
        raise ModelError(f"{path / MANIFEST} is not a JSON object.")
    return manifest
