"""`predict_batch_udf` over onnxruntime as its documentation shows it: batches padded, in order.

Its sentences are ready: finding them is not timed, in its favour. It gives the best label of every
wordpiece, as numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pyspark
from pyspark.ml.functions import predict_batch_udf
from pyspark.sql import DataFrame
from pyspark.sql.types import ArrayType, IntegerType

from benchmarks.spark_timing import seconds_for, sentences_frame, session


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
    spark = session(spec["slots"])
    rows = json.loads(Path(spec["sentences"]).read_text("utf-8"))
    few = [row for row in rows if row[0] < spec["warm"]]
    warm = sentences_frame(spark, few, spec["slots"])
    frame = sentences_frame(spark, rows * spec.get("repeats", 1), spec["slots"])

    def seconds(batch: int, part: DataFrame) -> float:
        udf = labeller(spec["model"], batch)
        return seconds_for(lambda f: f.select(udf("text").alias("found")), "found", warm, part)

    tried = {batch: seconds(batch, warm) for batch in spec["batch_sizes"]}
    best = min(tried, key=tried.__getitem__)
    return {
        "seconds": seconds(best, frame),
        "notes": spec["notes"] * spec.get("repeats", 1),
        "batch": best,
        "tried": tried,
        "spark": pyspark.__version__,
        "onnxruntime": onnxruntime.__version__,
    }
