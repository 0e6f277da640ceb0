"""`predict_batch_udf` over onnxruntime as its documentation shows it: batches padded, in order.

Its sentences are ready: finding them is not timed, in its favour. It gives the best label of every
wordpiece, as numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
from pyspark.ml.functions import predict_batch_udf
from pyspark.sql.types import ArrayType, IntegerType

from benchmarks.spark_timing import best_batch


def labeller(folder: str, batch: int) -> Any:
    """The UDF: sentences in, label numbers out."""

    def make() -> Callable[[Any], Any]:
        from tokenizers import Tokenizer  # noqa: PLC0415 (in the worker)

        tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
        tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        network = onnxruntime.InferenceSession(f"{folder}/model.onnx", options)

        def predict(texts: Any) -> Any:
            encoded = tokenizer.encode_batch(np.ravel(texts).tolist())
            ids = np.array([e.ids for e in encoded], np.int64)
            mask = np.array([e.attention_mask for e in encoded], np.int64)
            feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": 0 * ids}
            return network.run(["logits"], feeds)[0].argmax(-1).astype(np.int32)

        return predict

    return predict_batch_udf(make, return_type=ArrayType(IntegerType()), batch_size=batch)


def run(spec: dict[str, Any]) -> dict[str, Any]:
    _, told = best_batch(spec, lambda batch: labeller(spec["model"], batch))
    return {**told, "onnxruntime": onnxruntime.__version__}
