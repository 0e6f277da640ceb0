"""A model of BERT-base's size with random weights, in each form that contenders load: for speed.

    python -m benchmarks.cheaper.bert_base FOLDER

FOLDER holds int8 as model.onnx and fp32 beside it, `fp32` in it the latter as model.onnx, for
Spark NLP, and `hugging_face` torch's weights. Vocabulary and labels are those of the packaged
BC5CDR model. Every word is O, as nearly every word of a note is: what is measured is the model, not
what becomes of chunks that mean nothing. Needs the extra [train].
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from annotators._export.folder import FILES, write_manifest
from annotators._runtime.model_folder import MANIFEST, WEIGHTS, ModelFolder, find_model

MODEL = "bert_token_classifier_ner_bc5cdr"
FP32, HUGGING_FACE = "fp32", "hugging_face"
SURE = 20.0
"""The bias of O, which random weights do not outdo."""


def make_bert_base(folder: Path) -> Path:
    """Make the folder, once."""
    if (folder / MANIFEST).is_file():
        return folder
    import torch  # noqa: PLC0415 (an extra)
    from transformers import BertConfig, BertForTokenClassification  # noqa: PLC0415

    from annotators._export.graph import export_fp32, quantise  # noqa: PLC0415
    from benchmarks.torch_twin import save_tokenizer  # noqa: PLC0415

    source = find_model(MODEL)
    for part in (folder, folder / FP32):
        (part / "assets").mkdir(parents=True, exist_ok=True)
        for name in set(FILES) - {WEIGHTS}:
            shutil.copy(source.path / name, part / name)
    torch.manual_seed(13)
    names = dict(enumerate(source.labels))
    config = BertConfig(
        id2label=names,
        label2id={label: i for i, label in names.items()},
        attn_implementation="eager",
    )
    model = BertForTokenClassification(config).eval()
    with torch.no_grad():
        model.classifier.bias[0] = SURE
    export_fp32(model, folder / FP32 / WEIGHTS)
    quantise(folder / FP32 / WEIGHTS, folder / WEIGHTS)
    (folder / "model.fp32.onnx").hardlink_to(folder / FP32 / WEIGHTS)
    model.save_pretrained(folder / HUGGING_FACE)
    save_tokenizer(source.path, folder / HUGGING_FACE)
    _write_manifest(source, folder / FP32, "fp32")
    _write_manifest(source, folder, "int8")
    return folder


def _write_manifest(source: ModelFolder, folder: Path, precision: str) -> None:
    manifest = json.loads((source.path / MANIFEST).read_text("utf-8"))
    kept = {
        k: v for k, v in manifest.items() if k not in ("files", "exit", "temperature", "decoding")
    }
    kept |= {"name": "bert_base_random", "precision": precision, "metrics": {}}
    write_manifest(folder, kept)


if __name__ == "__main__":
    make_bert_base(Path(sys.argv[1]))
