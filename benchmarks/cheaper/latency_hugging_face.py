"""A Hugging Face pipeline on one sentence: latency, in milliseconds.

    python -m benchmarks.cheaper.latency_hugging_face notes.jsonl --model FOLDER

What benchmarks/cheaper/latency.py measures of Notemill; each line is one sequence, and its entities
are those of words. FOLDER: torch's twin of a model (benchmarks/torch_twin.py).
"""

from __future__ import annotations

from typing import Any

import torch
import transformers

from benchmarks.cheaper.latency import arguments, latency


class Light:
    """The pipeline, called as LightPipeline is."""

    def __init__(self, folder: str) -> None:
        self.run = transformers.pipeline("token-classification", model=folder, device="cpu")

    def annotate(self, text: str) -> Any:
        """The entities of a text."""
        return self.run(text, aggregation_strategy="first")


def main() -> None:
    given = arguments(__doc__).parse_args()
    torch.set_num_threads(given.threads)
    print(latency(Light(given.model), given.texts, given.count))


if __name__ == "__main__":
    main()
