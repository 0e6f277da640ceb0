"""Memory of workers: MiniLM and a random BERT-base, fp32 and int8, ways to share weights."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from annotators._runtime.model_folder import find_model
from benchmarks.prepare import Prepared
from benchmarks.processes import run_contender

SLOTS = (1, 2, 4, 8)
UNPACKED = {"session.disable_prepacking": "1"}


def measure_memory(p: Prepared, scratch: Path, *, quick: bool) -> list[dict[str, Any]]:
    """A row a model, way and number of slots: resident memory of a worker, and of all together."""
    models = {"MiniLM-L6 fp32": p.fp32, "MiniLM-L6 int8": str(find_model(p.int8).path)}
    if not quick:
        models |= _bert_base(scratch)
    mapped = {name: _external(Path(m), scratch / f"mapped {name}") for name, m in models.items()}
    told: list[dict[str, Any]] = []
    for slots in SLOTS[:1] if quick else SLOTS:
        variants = [
            {"name": name, "how": how, "model": folder[name], "settings": settings}
            for name in models
            for how, folder, settings in (
                ("as shipped", models, {}),
                ("prepacking off", models, UNPACKED),
                ("weights in a mapped file", mapped, {}),
                ("mapped, prepacking off", mapped, UNPACKED),
            )
            if how == "as shipped" or slots == 4
        ]
        told += run_contender("workers", {"slots": slots, "variants": variants})["workers"]
    return told


def _external(folder: Path, target: Path) -> str:
    """The model with its weights in a file of their own, which onnxruntime maps."""
    from annotators._export.graph import map_weights  # noqa: PLC0415 ([train])

    if not (target / "model.onnx").is_file():
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / "model.onnx", target)
        map_weights(target / "model.onnx")
    return str(target)


def _bert_base(scratch: Path) -> dict[str, str]:
    """Random weights in BERT-base's shape: memory does not ask what they say."""
    from benchmarks.cheaper.bert_base import FP32, make_bert_base  # noqa: PLC0415 ([train])

    folder = make_bert_base(scratch / "bert-base")
    return {"BERT-base fp32": str(folder / FP32), "BERT-base int8": str(folder)}
