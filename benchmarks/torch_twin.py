"""The fp32 twin as a Hugging Face folder, for the pipeline: its ONNX weights by torch's names.

    python -m benchmarks.torch_twin MODEL FOLDER

makes one of a packaged model by its name, for training to start from.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
    PreTrainedTokenizerFast,
)

from benchmarks.twin import make_twin

HEAD_WIDTH = 32
"""Of MiniLM-L6: 12 heads of 32. An ONNX graph does not say."""
TOLERANCE = 1e-3
KINDS = {
    "token-classification": BertForTokenClassification,
    "sequence-classification": BertForSequenceClassification,
}


def make_torch_twin(twin: Path, folder: Path) -> Path:
    """A folder that `transformers.pipeline` loads. Raises ValueError where its logits differ."""
    if (folder / "config.json").is_file():
        return folder
    manifest = json.loads((twin / "manifest.json").read_text("utf-8"))
    labels = manifest["labels"]
    weights = _weights(twin / "model.onnx")
    vocabulary, width = weights["bert.embeddings.word_embeddings.weight"].shape
    layers = {name.split(".")[3] for name in weights if name.startswith("bert.encoder.layer.")}
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=len(layers),
        num_attention_heads=width // HEAD_WIDTH,
        intermediate_size=len(weights["bert.encoder.layer.0.intermediate.dense.bias"]),
        id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
    )
    model = KINDS[manifest["task"]](config).eval()
    model.load_state_dict({name: torch.from_numpy(w.copy()) for name, w in weights.items()})
    _check(model, twin)
    model.save_pretrained(folder)
    save_tokenizer(twin, folder)
    return folder


def save_tokenizer(source: Path, folder: Path) -> None:
    """A model folder's tokenizer, as `transformers.pipeline` loads it."""
    special = {
        f"{name}_token": f"[{name.upper()}]" for name in ("cls", "sep", "pad", "unk", "mask")
    }
    PreTrainedTokenizerFast(
        tokenizer_file=str(source / "tokenizer.json"), model_max_length=512, **special
    ).save_pretrained(folder)


def _weights(path: Path) -> dict[str, Any]:
    """The initializers of the plain graph by the names of torch's parameters."""
    graph = onnx.load(str(path)).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    named = {
        name.removeprefix("model."): value
        for name, value in values.items()
        if name.startswith("model.")
    }
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in values:
            place = node.output[0].removeprefix("/model/").removesuffix("/MatMul_output_0")
            named[f"{place.replace('/', '.')}.weight"] = values[node.input[1]].T
    return named


def _check(model: Any, twin: Path) -> None:
    ids = np.array([[101, *range(2000, 2020), 102]], np.int64)
    ones = np.ones_like(ids)
    network = onnxruntime.InferenceSession(str(twin / "model.onnx"))
    feeds = {"input_ids": ids, "attention_mask": ones, "token_type_ids": 0 * ids}
    with torch.inference_mode():
        made = model(torch.from_numpy(ids), torch.from_numpy(ones)).logits.numpy()
    gap = float(np.abs(made - network.run(["logits"], feeds)[0]).max())
    if gap > TOLERANCE:
        raise ValueError(f"torch's logits differ from ONNX's by {gap}, at most {TOLERANCE}")


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        make_torch_twin(make_twin(sys.argv[1], Path(scratch)), Path(sys.argv[2]))
