"""A model folder of BERT-base's size with random weights, fp32 and int8: for speed, not for labels.

    python -m benchmarks.cheaper.bert_base FOLDER

Vocabulary and labels are those of the packaged BC5CDR model. Needs the extra [train].
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import torch
from transformers import BertConfig, BertForTokenClassification

from annotators._export.folder import FILES, write_manifest
from annotators._export.graph import export_fp32, quantise
from annotators._runtime.model_folder import MANIFEST, WEIGHTS, find_model
from benchmarks.prepare import MODEL


def main(folder: Path) -> None:
    source = find_model(MODEL)
    (folder / "assets").mkdir(parents=True, exist_ok=True)
    for name in set(FILES) - {WEIGHTS}:
        shutil.copy(source.path / name, folder / name)
    torch.manual_seed(13)
    config = BertConfig(num_labels=len(source.labels), attn_implementation="eager")
    export_fp32(BertForTokenClassification(config), folder / "model.fp32.onnx")
    quantise(folder / "model.fp32.onnx", folder / WEIGHTS)
    manifest = json.loads((source.path / MANIFEST).read_text("utf-8"))
    kept = {k: v for k, v in manifest.items() if k not in ("files", "exit", "temperature")}
    write_manifest(folder, {**kept, "name": "bert_base_random", "metrics": {}})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
